"""Counts of products and of pairs that add up over order files."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline_lib.mining.itemsets.mining import mine
from pipeline_lib.mining.itemsets.result import Ints, Itemsets, in_order

Longs = NDArray[np.int64]
LOW = np.int64(0xFFFFFFFF)


@dataclass(frozen=True, slots=True, eq=False)
class PairCounts:
    """How many orders hold each product, and each pair that any order holds.

    ``item`` (int64, ascending) are product codes, ``item_orders`` (int32) their orders;
    ``pair`` (int64, ascending) is ``left << 32 | right`` with ``left < right``,
    ``pair_orders`` (int32) the orders that hold both. No count is zero. ``orders`` is the number
    of orders, those of one product included. The counts of files that share no order, made
    with the same product codes, add up exactly; that is why pairs seen once are kept.
    """

    orders: int
    item: Longs
    item_orders: Ints
    pair: Longs
    pair_orders: Ints

    def left(self) -> Ints:
        """The lower product code of each pair."""
        return (self.pair >> 32).astype(np.int32)

    def right(self) -> Ints:
        """The higher product code of each pair."""
        return (self.pair & LOW).astype(np.int32)


def count_pairs(
    basket: NDArray[np.integer], item: NDArray[np.integer], *, threads: int = 2
) -> PairCounts:
    """Count every product and every pair; lines as for ``mine``, twelve bytes a pair."""
    most = np.iinfo(np.int64).max
    found = mine(basket, item, min_orders=1, max_size=2, max_itemsets=most, threads=threads)
    single, both = found.sets[0][:, 0].astype(np.int64), found.sets[1].astype(np.int64)
    items = _total(single, found.counts[0])
    pairs = _total(both[:, 0] << 32 | both[:, 1], found.counts[1])
    return PairCounts(found.orders, *items, *pairs)


def add_counts(counts: PairCounts, more: PairCounts) -> PairCounts:
    """The counts of both files' orders; no order may be in both."""
    return PairCounts(
        counts.orders + more.orders,
        *_total(counts.item, counts.item_orders, more.item, more.item_orders),
        *_total(counts.pair, counts.pair_orders, more.pair, more.pair_orders),
    )


def subtract_counts(counts: PairCounts, less: PairCounts) -> PairCounts:
    """The counts without some of the orders, each of which must have been counted whole.

    An order that loses a line only is subtracted as it was and added as it is.

    Raises:
        ValueError: something is to be taken away more often than it was counted.
    """
    rest = PairCounts(
        counts.orders - less.orders,
        *_total(counts.item, counts.item_orders, less.item, -less.item_orders),
        *_total(counts.pair, counts.pair_orders, less.pair, -less.pair_orders),
    )
    lowest = min(
        rest.orders, int(rest.item_orders.min(initial=0)), int(rest.pair_orders.min(initial=0))
    )
    if lowest < 0:
        raise ValueError(f"orders were never counted: {lowest} would be left")
    return rest


def frequent(counts: PairCounts, *, min_orders: int) -> Itemsets:
    """The products and pairs of so many orders, as ``mine`` with ``max_size=2`` finds them."""
    items, pairs = counts.item_orders >= min_orders, counts.pair_orders >= min_orders
    codes = counts.item.astype(np.int32)
    columns = [counts.left()[pairs], counts.right()[pairs]]
    labels = [np.searchsorted(counts.item, column).astype(np.int32) for column in columns]
    tables = (
        np.stack([counts.item_orders[items], np.flatnonzero(items).astype(np.int32)], axis=1),
        np.stack([counts.pair_orders[pairs], *labels], axis=1),
    )
    return Itemsets(counts.orders, *zip(*(in_order([t], codes) for t in tables), strict=True))


def _total(
    key: Longs, orders: Ints, more: Longs | None = None, more_orders: Ints | None = None
) -> tuple[Longs, Ints]:
    """Keys ascending, each once, with the sum of its orders; sums of zero are left out."""
    if more is not None and more_orders is not None:
        key, orders = np.concatenate([key, more]), np.concatenate([orders, more_orders])
    by_key = np.argsort(key, kind="stable")  # merges runs that are sorted already
    key, orders = key[by_key], orders[by_key]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    total = np.add.reduceat(orders, first, dtype=np.int32) if len(key) else orders
    kept = total != 0
    return key[first][kept], total[kept]
