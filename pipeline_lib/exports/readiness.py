"""What lines of orders can prove, counted before anything is mined; ranks no pair."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline_lib.reports import Readiness

SEEN = 5  # orders that make a pair more than a coincidence
FEW_PAIRS = 20  # fewer pairs than this give no choice between bundles
FEW_ORDERS = 200  # orders of two products; fewer cannot be split to test on later ones
MOSTLY = 0.9  # below this share of matched lines, bundles lack stock and cost too often
MOST_PAIRS = 4_000_000  # pair instances that are counted at most: 100 MB and a second


def assess_readiness(lines: pl.DataFrame, products: pl.DataFrame | None) -> Readiness:
    """Count what there is to learn from.

    Args:
        lines: kept lines: ``order_id``, ``sku`` str and ``ordered_at``; more columns do no harm.
        products: ``sku`` str, one row each; None when no products file came.
    """
    once = lines.select("order_id", "sku").unique(maintain_order=True)
    sizes = once.group_by("order_id").len()["len"]
    pairs, at_least = _pairs(once)
    baskets = int((sizes > 1).sum())
    matched = _matched(lines, products)
    days = _days(lines)
    can, cannot = _promises(baskets, pairs, days, matched, at_least=at_least)
    return Readiness(
        orders=len(sizes),
        baskets=baskets,
        products=once["sku"].n_unique(),
        pairs=pairs,
        pairs_at_least=at_least,
        matched=matched,
        days=days,
        outcome=_outcome(baskets, pairs),
        can=tuple(can),
        cannot=tuple(cannot),
    )


def _matched(lines: pl.DataFrame, products: pl.DataFrame | None) -> float | None:
    if products is None or lines.is_empty():
        return None
    return int(lines["sku"].is_in(products["sku"].implode()).sum()) / lines.height


def _days(lines: pl.DataFrame) -> int | None:
    span = lines.select(
        days=(pl.col("ordered_at").max() - pl.col("ordered_at").min()).dt.total_days()
    )
    days: int | None = span.item()
    return days


def _pairs(once: pl.DataFrame) -> tuple[int, bool]:
    """Pairs seen in SEEN orders or more, and whether orders were left out to keep it quick."""
    sold = once.filter(pl.len().over("sku") >= SEEN)
    codes = sold.select(
        order=pl.col("order_id").rank("dense").cast(pl.Int64) - 1,
        item=pl.col("sku").rank("dense").cast(pl.Int64) - 1,
    ).sort("order", "item")
    order, item = codes["order"].to_numpy(), codes["item"].to_numpy()
    size = np.bincount(order) if len(order) else np.zeros(0, dtype=np.int64)
    stride = 1 + int((size * (size - 1) // 2).sum()) // MOST_PAIRS
    counted = order % stride == 0
    keys = _pair_keys(order[counted], item[counted])
    _, counts = np.unique(keys, return_counts=True)
    return int((counts >= SEEN).sum()), stride > 1


def _pair_keys(order: NDArray[np.int64], item: NDArray[np.int64]) -> NDArray[np.int64]:
    """A number per pair of an order's items; both sorted by order, then item."""
    width = int(item.max()) + 1 if len(item) else 1
    keys = [np.zeros(0, dtype=np.int64)]
    lag = 1
    while lag < len(order) and (same := order[lag:] == order[:-lag]).any():
        keys.append(item[:-lag][same] * width + item[lag:][same])
        lag += 1
    return np.concatenate(keys)


def _outcome(baskets: int, pairs: int) -> str:
    if not pairs:
        return "too_little_evidence"
    return "ready" if pairs >= FEW_PAIRS and baskets >= FEW_ORDERS else "thin"


def _promises(
    baskets: int, pairs: int, days: int | None, matched: float | None, *, at_least: bool
) -> tuple[list[str], list[str]]:
    """What can be promised and what cannot, in the merchant's words."""
    can, cannot = [], []
    some = f"at least {pairs}" if at_least else f"{pairs}"
    if pairs:
        can.append(f"Bundles of products that were bought together: {some} pairs to choose from")
    else:
        cannot.append(f"Bundles of products bought together: no pair is in {SEEN} orders yet")
    if days is None:
        cannot.append("A test on later orders, and more weight for recent sales: no order dates")
    elif baskets < FEW_ORDERS or not pairs:
        cannot.append(f"A test on later orders: {baskets} orders hold two products or more")
    else:
        can.append(f"A test on later orders: {baskets} orders over {days} days")
    if matched is None:
        cannot.append("Stock, cost and product details in bundles: no products file")
    elif matched < MOSTLY:
        cannot.append(
            f"Stock and cost for every bundle: {matched:.0%} of lines are in the products file"
        )
    else:
        can.append(f"Stock and cost in bundles: {matched:.0%} of lines are in the products file")
    return can, cannot
