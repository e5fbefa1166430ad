"""How the last run's bundles did in the orders that came since."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl

from pipeline_lib.mining.baskets import CodedShop
from pipeline_lib.mining.evidence import count_sets

LEAST_ANCHOR_ORDERS = 20  # with fewer orders of the anchor since then there is no grade
LEAST_FACTOR, MOST_FACTOR = 0.5, 1.5  # what a grade may do to a forecast

Recommendation = Mapping[str, Any]


def grade_bundles(
    previous: Mapping[str, Recommendation], shop: CodedShop, *, newest: datetime
) -> dict[str, dict[str, Any]]:
    """Grade each bundle on the orders placed after its evidence ended.

    Args:
        previous: earlier recommendations of the shop, by their document's path.
        shop: catalogue, orders and baskets, the later orders among them.
        newest: when the newest order was placed.

    Returns:
        By path, of those that could be graded: ``since`` and ``until``, ``anchor_orders`` and
        ``orders_together`` in between, ``attach_before`` and ``attach_after`` (orders together
        by orders of the anchor), ``incremental`` (orders together beyond what independence
        expects) and ``factor`` (after by before, within bounds).
    """
    codes = dict(shop.catalog.select("written_sku", "item").iter_rows())
    grades = {}
    for since, paths in _by_date(previous, codes, newest).items():
        later = shop.orders.filter(pl.col("ordered_at") > since).select("order")
        baskets = shop.baskets.join(later, on="order", maintain_order="left")
        single = np.bincount(baskets["item"].to_numpy(), minlength=len(shop.catalog))
        for path in paths:
            items = [codes[product["sku"]] for product in previous[path]["products"]]
            both = int(count_sets(baskets, np.array([items]))[0])
            if single[items[0]] >= LEAST_ANCHOR_ORDERS:
                expected = len(later) * float(np.prod(single[items] / max(len(later), 1)))
                before = float(previous[path]["evidence"]["confidence"])
                grades[path] = {
                    "since": since,
                    "until": newest,
                    **_grade(before, int(single[items[0]]), both, expected),
                }
    return grades


def forecast_factors(
    grades: Mapping[str, Mapping[str, Any]], previous: Mapping[str, Recommendation], shop: CodedShop
) -> dict[tuple[int, ...], float]:
    """By graded set of items (codes, ascending), the factor of its forecast."""
    codes = dict(shop.catalog.select("written_sku", "item").iter_rows())
    return {
        tuple(sorted(codes[product["sku"]] for product in previous[path]["products"])): grade[
            "factor"
        ]
        for path, grade in grades.items()
    }


def _by_date(
    previous: Mapping[str, Recommendation], codes: Mapping[str, int], newest: datetime
) -> dict[datetime, list[str]]:
    """Paths of the bundles of two or more that can be graded, by when their evidence ended."""
    dated: dict[datetime, list[str]] = {}
    for path, one in previous.items():
        skus = [product["sku"] for product in one["products"]]
        sold = one["evidence"]["orders_together"] > 0 and len(skus) > 1
        if sold and one["created_at"] < newest and all(sku in codes for sku in skus):
            dated.setdefault(one["created_at"], []).append(path)
    return dated


def _grade(before: float, anchor: int, both: int, expected: float) -> dict[str, Any]:
    after = both / anchor
    ratio = after / before if before > 0 else 1.0
    return {
        "anchor_orders": anchor,
        "orders_together": both,
        "attach_before": before,
        "attach_after": after,
        "incremental": round(both - expected, 3),
        "factor": min(max(ratio, LEAST_FACTOR), MOST_FACTOR),
    }


def with_graded_forecasts(
    candidates: pl.DataFrame, by_items: Mapping[tuple[int, ...], float]
) -> pl.DataFrame:
    """The candidates, the forecasts of graded bundles multiplied by their factors."""
    factor = [by_items.get(tuple(sorted(items)), 1.0) for items in _lists(candidates)]
    return candidates.with_columns(
        pl.col("forecast") * pl.Series("factor", factor, dtype=pl.Float64)
    )


def _lists(candidates: pl.DataFrame) -> Iterable[list[int]]:
    lists: list[list[int]] = candidates["items"].to_list()
    return lists
