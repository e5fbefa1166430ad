"""What last run's bundles did in the orders that came since."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import numpy as np
import polars as pl

from pipeline_lib.mining.baskets import CodedShop
from pipeline_lib.mining.evidence import count_sets
from pipeline_lib.records.recommendations import Grade, Recommendation

LEAST_ANCHOR_ORDERS = 20  # with fewer orders of the anchor since then there is no grade
LEAST_FACTOR, MOST_FACTOR = 0.5, 1.5  # what a grade may do to a forecast


def grade_bundles(
    previous: Mapping[str, Recommendation], shop: CodedShop, *, newest: datetime
) -> dict[str, Grade]:
    """Grade each bundle on the orders placed after its evidence ended.

    Args:
        previous: earlier recommendations of the shop, by their key.
        shop: catalogue, orders and baskets, the later orders among them.
        newest: when the newest order was placed.

    Returns:
        By key, of those that could be graded: the orders of the anchor and of the whole set in
        between, the attach rate before and after (orders together by orders of the anchor),
        ``incremental`` (orders together beyond what independence expects) and ``factor`` (after
        by before, within bounds).
    """
    codes = _codes(shop)
    grades = {}
    for since, keys in _by_date(previous, codes, newest).items():
        later = shop.orders.filter(pl.col("ordered_at") > since).select("order")
        baskets = shop.baskets.join(later, on="order", maintain_order="left")
        single = np.bincount(baskets["item"].to_numpy(), minlength=len(shop.catalog))
        for key in keys:
            items = _items(previous[key], codes)
            both = int(count_sets(baskets, np.array([items]))[0])
            if single[items[0]] >= LEAST_ANCHOR_ORDERS:
                expected = len(later) * float(np.prod(single[items] / max(len(later), 1)))
                grades[key] = _grade(
                    previous[key],
                    (since, newest),
                    anchor=int(single[items[0]]),
                    both=both,
                    expected=expected,
                )
    return grades


def forecast_factors(
    grades: Mapping[str, Grade], previous: Mapping[str, Recommendation], shop: CodedShop
) -> dict[tuple[int, ...], float]:
    """What each graded set of items (codes, ascending) does to its forecast."""
    codes = _codes(shop)
    return {
        tuple(sorted(_items(previous[key], codes))): grade.factor for key, grade in grades.items()
    }


def with_graded_forecasts(
    candidates: pl.DataFrame, by_items: Mapping[tuple[int, ...], float]
) -> pl.DataFrame:
    """The candidates, the forecasts of graded bundles multiplied by their factors."""
    factor = [by_items.get(tuple(sorted(items)), 1.0) for items in _lists(candidates)]
    return candidates.with_columns(
        pl.col("forecast") * pl.Series("factor", factor, dtype=pl.Float64)
    )


def _codes(shop: CodedShop) -> dict[str, int]:
    return dict(shop.catalog.select("written_sku", "item").iter_rows())


def _items(one: Recommendation, codes: Mapping[str, int]) -> list[int]:
    return [codes[product.sku] for product in one.products]


def _by_date(
    previous: Mapping[str, Recommendation], codes: Mapping[str, int], newest: datetime
) -> dict[datetime, list[str]]:
    """Keys of the bundles of two or more that can be graded, by when their evidence ended."""
    dated: dict[datetime, list[str]] = {}
    for key, one in previous.items():
        sold = (one.evidence.orders_together or 0) > 0 and len(one.products) > 1
        known = all(product.sku in codes for product in one.products)
        if sold and known and one.created_at < newest:
            dated.setdefault(one.created_at, []).append(key)
    return dated


def _grade(
    one: Recommendation,
    between: tuple[datetime, datetime],
    *,
    anchor: int,
    both: int,
    expected: float,
) -> Grade:
    before, after = one.evidence.confidence or 0.0, both / anchor
    ratio = after / before if before > 0 else 1.0
    return Grade(
        since=between[0],
        until=between[1],
        anchor_orders=anchor,
        orders_together=both,
        attach_before=before,
        attach_after=after,
        incremental=round(both - expected, 3),
        factor=min(max(ratio, LEAST_FACTOR), MOST_FACTOR),
    )


def _lists(candidates: pl.DataFrame) -> Iterable[list[int]]:
    lists: list[list[int]] = candidates["items"].to_list()
    return lists
