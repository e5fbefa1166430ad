"""The evidence of a set of products in the orders: counts, expectation, lift, confidence."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline_lib.mining.forecast.attach_rate import Z
from pipeline_lib.mining.measures import wilson_low

RUNGS = (  # the ladder: least support and least confidence (share of orders), strictest first
    ("strict", 0.05, 0.30),
    ("relaxed", 0.02, 0.18),
    ("rescue", 0.01, 0.10),
)
LAST_RUNG = "pair_count"


def count_sets(baskets: pl.DataFrame, sets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count the orders that hold all products of each set.

    Args:
        baskets: columns ``BasketItems``.
        sets: (n, k) item codes, a set a row.

    Returns:
        The n counts, in the order of ``sets``.
    """
    order = baskets["order"].to_numpy()
    item = baskets["item"].to_numpy()
    by_item = np.argsort(item, kind="stable")
    codes = np.arange(int(item.max(initial=0)) + 2)
    starts = np.searchsorted(item[by_item], codes)

    def orders_of(code: int) -> NDArray[np.uint32]:
        if code + 1 >= len(starts):
            return order[:0]
        return order[by_item[starts[code] : starts[code + 1]]]

    def together(codes: NDArray[np.int64]) -> int:
        lists = sorted((orders_of(int(code)) for code in codes), key=len)
        held = lists[0]
        for other in lists[1:]:
            held = np.intersect1d(held, other, assume_unique=True)
        return len(held)

    return np.array([together(row) for row in sets], dtype=np.int64)


def evidence_of_sets(
    sets: NDArray[np.int64],
    together: NDArray[np.int64],
    *,
    item_orders: NDArray[np.int64],
    orders: int,
) -> pl.DataFrame:
    """The evidence of each set.

    The first product of a set is its anchor: the share of the anchor's orders that hold the
    rest too is the bundle's confidence.

    Args:
        sets: (n, k) item codes, a set a row, its anchor first.
        together: the n counts of orders that hold the whole set.
        item_orders: the orders that hold each item, by code.
        orders: all orders, with one product or many.

    Returns:
        A row a set: ``items``, ``orders_together``, ``orders_each`` (as ``items``),
        ``orders_total``, ``expected_together`` (orders x product of the items' shares),
        ``lift`` (seen / expected), ``confidence``, ``confidence_low`` (Wilson) and ``rung``.
    """
    each = item_orders[sets]
    expected = orders * np.prod(each / max(orders, 1), axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        lift = np.where(expected > 0, together / expected, np.nan)
        confidence = np.where(each[:, 0] > 0, together / each[:, 0], np.nan)
    return pl.DataFrame(
        {
            "items": list_column(sets, pl.UInt32),
            "orders_together": together,
            "orders_each": list_column(each, pl.Int64),
            "orders_total": np.full(len(sets), orders),
            "expected_together": expected,
            "lift": lift,
            "confidence": confidence,
            "confidence_low": wilson_low(
                hits=together.astype(np.float64), trials=each[:, 0].astype(np.float64), z=Z
            ),
            "rung": _rungs(together / max(orders, 1), confidence),
        }
    ).with_columns(pl.col("lift", "confidence", "confidence_low").fill_nan(None))


def with_anchor_first(sets: NDArray[np.int64], item_orders: NDArray[np.int64]) -> NDArray[np.int64]:
    """Put the product that fewest orders hold first in each set: its buyers want the rest most.

    The others follow by their orders, fewest first; ties go to the smaller code.
    """
    return np.take_along_axis(sets, np.lexsort((sets, item_orders[sets]), axis=1), axis=1)


def list_column(rows: NDArray[np.int64], inner: type[pl.DataType]) -> pl.Series:
    """The rows of an (n, k) array as a column of lists."""
    return pl.Series(rows, dtype=pl.Array(pl.Int64, rows.shape[1])).cast(pl.List(inner))


def _rungs(support: NDArray[np.float64], confidence: NDArray[np.float64]) -> list[str]:
    rung = np.full(len(support), LAST_RUNG, dtype=object)
    for name, least_support, least_confidence in reversed(RUNGS):
        rung[(support >= least_support) & (confidence >= least_confidence)] = name
    return [str(name) for name in rung]
