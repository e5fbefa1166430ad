from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from pipeline_lib.frames import OrderLines
from pipeline_lib.mining.baskets import encode_shop
from pipeline_lib.mining.candidates.seasons import in_season, month_to_come, months_of_season
from tests.conftest import products_of

NO_STOCK = pl.DataFrame(schema={"sku": pl.String, "available": pl.Int64})
START = datetime(2025, 1, 3, tzinfo=UTC)


def shop(sold, names=None):
    """A shop of a year: by SKU, the months (0 to 11 from January) of its orders."""
    rows = [
        {
            "order_id": f"#{sku}{n}",
            "ordered_at": START + timedelta(days=30.4 * month),
            "sku": sku,
            "name": (names or {}).get(sku, sku),
            "quantity": 5,
            "price_minor": 500,
            "discount_minor": 0,
            "customer": None,
        }
        for sku, months in sold.items()
        for n, month in enumerate(months)
    ]
    return encode_shop(pl.DataFrame(rows, schema=OrderLines.schema), products_of(), NO_STOCK)


ALL_YEAR = list(range(12))


def seasons(found):
    return dict(zip(found.catalog["sku"], months_of_season(found), strict=True))


def test_words_tell_the_season():
    found = shop({"A": ALL_YEAR, "B": ALL_YEAR}, {"A": "Christmas star", "B": "Tea"})

    assert seasons(found) == {"A": {10, 11, 12}, "B": set()}


def test_a_year_in_which_two_months_sold_nearly_all_tells_it_too():
    found = shop({"A": [0, *[6] * 9, *[7] * 9], "B": ALL_YEAR})

    assert seasons(found) == {"A": {6, 7, 8}, "B": set()}


def test_what_is_new_has_no_season_because_it_sold_in_few_months():
    found = shop({"NEW": [10] * 9 + [11] * 9, "B": ALL_YEAR})

    assert seasons(found)["NEW"] == set()


@pytest.mark.parametrize(
    ("month", "orders", "at_hand"),
    [(12, 0, True), (9, 0, False), (9, 5, True), (1, 5, False), (0, 0, True)],
)
def test_a_season_is_at_hand_in_its_months_or_where_it_sells_before_them(month, orders, at_hand):
    found = shop({"A": ALL_YEAR}).catalog.with_columns(month_orders=pl.lit(orders))

    assert in_season(found, [frozenset({10, 11, 12})], month).tolist() == [at_hand]


def test_the_month_to_come_is_half_a_month_after_the_newest_order():
    assert month_to_come(shop({"A": [0, 11]})) == 12
    assert month_to_come(shop({})) == 0
