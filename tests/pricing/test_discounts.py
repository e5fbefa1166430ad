import polars as pl
import pytest

from pipeline_lib.pricing.discounts import usual_discounts


def catalog(rows):
    names = ["product_type", "orders", "revenue_minor", "discount_rate"]
    return pl.DataFrame(rows, schema=names, orient="row")


ROWS = [("Tea", 200, 8_000, 0.2), ("Tea", 0, 0, 0.0), ("Cup", 10, 10_000, 0.0)]


def test_by_evidence_each_level_counts_by_its_orders():
    found = usual_discounts(catalog(ROWS), profile="evidence").to_list()

    shop = 2_000 / 20_000
    tea = (200 * 0.2 + 50 * shop) / 250
    cup = (10 * 0.0 + 50 * shop) / 60
    assert found == pytest.approx([(200 * 0.2 + 50 * tea) / 250, tea, 50 * cup / 60])


def test_the_seeds_weights_are_a_profile():
    found = usual_discounts(catalog(ROWS), profile="seeds").to_list()

    assert found == pytest.approx(
        [0.2 * 0.6 + 0.2 * 0.3 + 0.1 * 0.1, 0.2 * 0.6 + 0.2 * 0.3 + 0.1 * 0.1, 0.01]
    )


@pytest.mark.parametrize("profile", ["evidence", "seeds"])
def test_a_shop_without_sales_is_used_to_no_discount(profile):
    assert usual_discounts(catalog([("Tea", 0, 0, 0.0)]), profile=profile).to_list() == [0.0]
