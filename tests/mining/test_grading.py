from datetime import UTC, datetime

import polars as pl
import pytest

from pipeline_lib.frames import StockLevels
from pipeline_lib.mining.baskets import encode_shop, last_order
from pipeline_lib.mining.grading import forecast_factors, grade_bundles, with_graded_forecasts
from tests.conftest import lines_of, products_of
from tests.recommendations.made_recommendations import evidence, product, recommendation

BEFORE = datetime(2025, 12, 31, tzinfo=UTC)


@pytest.fixture
def shop():
    together, alone = [{"a": 1, "b": 1}] * 9, [{"a": 1}] * 15 + [{"c": 1}] * 4
    lines = lines_of(*together, *alone).with_columns(pl.col("sku").str.to_uppercase())
    products = products_of(*({"sku": sku, "written_sku": sku.lower()} for sku in "ABC"))
    return encode_shop(lines, products, StockLevels.empty())


def bundle(*skus, confidence=0.25, at=BEFORE, together=5):
    return recommendation(
        products=tuple(map(product, skus)),
        evidence=evidence(confidence=confidence, orders_together=together),
        created_at=at,
    )


def test_a_bundle_is_graded_on_the_orders_since_its_evidence(shop):
    newest = last_order(shop.orders)

    grade = grade_bundles({"1": bundle("a", "b")}, shop, newest=newest)["1"]

    assert (grade.anchor_orders, grade.orders_together) == (24, 9)
    assert grade.attach_after == pytest.approx(9 / 24)
    assert grade.attach_before == 0.25
    assert grade.incremental == pytest.approx(9 - 24 * 9 / 28, abs=0.001)
    assert grade.factor == pytest.approx(1.5)
    assert (grade.since, grade.until) == (BEFORE, newest)


@pytest.mark.parametrize(
    "one",
    [
        bundle("c", "a"),
        bundle("a", "gone"),
        bundle("a"),
        bundle("a", "b", together=0),
        bundle("a", "b", at=datetime(2027, 1, 1, tzinfo=UTC)),
    ],
)
def test_what_cannot_be_graded_has_no_grade(shop, one):
    assert grade_bundles({"1": one}, shop, newest=last_order(shop.orders)) == {}


def test_a_grade_weighs_the_forecast_of_the_same_products(shop):
    previous = {"1": bundle("a", "b", confidence=0.625)}
    grades = grade_bundles(previous, shop, newest=last_order(shop.orders))
    candidates = pl.DataFrame({"items": [[1, 0], [0, 2]], "forecast": [10.0, 10.0]})

    found = with_graded_forecasts(candidates, forecast_factors(grades, previous, shop))

    assert found["forecast"].to_list() == pytest.approx([6.0, 10.0])
