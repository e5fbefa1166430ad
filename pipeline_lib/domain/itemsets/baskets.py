"""Order lines as rows of labels, the form in which sets are counted; no counting of sets."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

CHUNK = 1 << 20  # lines counted at a time, because bincount copies what it is given
MOST_LINES = 2**31 - 1  # places in the rows are 32 bits wide


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """The frequent products of each basket, as labels in ascending order, rarest first.

    ``rows`` holds the baskets of two or more, each ended by -1; ``codes`` the product code of
    each label, ``support`` its orders and ``reach`` the number of labels from it to the end of
    its rows, which is what looking at it costs. ``orders`` counts all baskets.
    """

    orders: int
    rows: Ints
    codes: Ints
    support: Ints
    reach: Longs


def encode(basket: NDArray[np.integer], item: NDArray[np.integer], *, min_orders: int) -> Rows:
    """Rows of the products that are in so many baskets at least.

    Lines need not be sorted, but those sorted by basket are spared a sort. A product named
    twice in a basket counts once.
    """
    if len(basket) != len(item):
        raise ValueError(f"{len(basket)} baskets, {len(item)} items")
    if len(basket) > MOST_LINES // 2:
        raise ValueError(f"{len(basket)} lines are more than {MOST_LINES // 2}")
    if len(item) and int(item.min()) < 0:
        raise ValueError(f"item {int(item.min())} is negative")
    if np.any(basket[1:] < basket[:-1]):
        order = np.argsort(basket, kind="stable")
        basket, item = basket[order], item[order]
    new = np.flatnonzero(basket[1:] != basket[:-1]) + 1
    start = np.concatenate([[0], new, [len(basket)]] if len(basket) else [[0]]).astype(np.int64)
    item = np.ascontiguousarray(item, np.int32)
    lines = _counts(item)
    found = _filled(item, start, lines, min_orders=min_orders)
    if np.array_equal(lines[found.codes], found.support):
        return found
    lines[:] = np.where(lines < min_orders, lines, 0)
    lines[found.codes] = found.support
    return _filled(item, start, lines, min_orders=min_orders)


def _counts(item: Ints) -> Longs:
    total = np.zeros(int(item.max()) + 1 if len(item) else 0, np.int64)
    for at in range(0, len(item), CHUNK):
        total += np.bincount(item[at : at + CHUNK], minlength=len(total))
    return total


def _filled(item: Ints, start: Longs, lines: Longs, *, min_orders: int) -> Rows:
    """Rows of the products of so many lines, labelled by how many they have."""
    from pipeline_lib.domain.itemsets.row_kernels import fill_rows  # noqa: PLC0415  # loads numba

    codes = np.flatnonzero(lines >= max(1, min_orders))
    codes = codes[np.argsort(lines[codes], kind="stable")]
    label = np.full(len(lines), -1, np.int32)
    label[codes] = np.arange(len(codes), dtype=np.int32)
    rows = np.empty(len(item) + len(start), np.int32)  # pages never written cost nothing
    support, reach = np.zeros(len(codes), np.int32), np.zeros(len(codes), np.int64)
    used = fill_rows(item, start, label, rows, support, reach)
    return Rows(len(start) - 1, rows[:used], codes.astype(np.int32), support, reach)
