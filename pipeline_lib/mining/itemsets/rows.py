"""Order lines as rows of labels, the form in which sets are counted."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

CHUNK = 1 << 16  # lines counted at a time, because bincount copies what it is given
MOST_CODES = 1 << 27  # each code up to the highest has a counter
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


def encode_rows(
    basket: NDArray[np.integer], item: NDArray[np.integer], *, min_orders: int, threads: int
) -> Rows:
    """Rows of the products that are in so many baskets at least.

    Lines need not be sorted, but those sorted by basket are spared a sort. A product named
    twice in a basket counts once.
    """
    if len(basket) != len(item):
        raise ValueError(f"{len(basket)} baskets, {len(item)} items")
    if len(basket) > MOST_LINES // 2:
        raise ValueError(f"{len(basket)} lines are more than {MOST_LINES // 2}")
    for code in (int(item.min(initial=0)), int(item.max(initial=0))):
        if not 0 <= code < MOST_CODES:
            raise ValueError(f"item {code} is not from 0 to {MOST_CODES - 1}")
    if np.any(basket[1:] < basket[:-1]):
        order = np.argsort(basket, kind="stable")
        basket, item = basket[order], item[order]
    new = np.flatnonzero(basket[1:] != basket[:-1]) + 1
    start = np.concatenate([[0], new, [len(basket)]] if len(basket) else [[0]]).astype(np.int64)
    codes: Ints = np.ascontiguousarray(item, np.int32)
    lines = _counts(codes)
    found = _fill(codes, start, lines, min_orders=min_orders, threads=threads)
    if np.array_equal(lines[found.codes], found.support):
        return found
    lines[:] = np.where(lines < min_orders, lines, 0)
    lines[found.codes] = found.support
    return _fill(codes, start, lines, min_orders=min_orders, threads=threads)


def _counts(item: Ints) -> Longs:
    total = np.zeros(int(item.max()) + 1 if len(item) else 0, np.int64)
    for at in range(0, len(item), CHUNK):
        total += np.bincount(item[at : at + CHUNK], minlength=len(total))
    return total


def _fill(item: Ints, start: Longs, lines: Longs, *, min_orders: int, threads: int) -> Rows:
    """Rows of the products of so many lines, labelled by how many they have."""
    from pipeline_lib.mining.itemsets.kernels import fill_rows  # noqa: PLC0415  # loads numba

    codes = np.flatnonzero(lines >= min_orders)
    codes = codes[np.argsort(lines[codes], kind="stable")]
    label = np.full(len(lines), -1, np.int32)
    label[codes] = np.arange(len(codes), dtype=np.int32)
    rows = np.empty(len(item) + len(start) - 1, np.int32)
    support = np.zeros((threads, len(codes)), np.int32)
    reach = np.zeros((threads, len(codes)), np.int64)

    def fill(thread: int, lo: int, hi: int) -> None:
        fill_rows(item, start, lo, hi, label, rows, support[thread], reach[thread])

    cuts = np.searchsorted(start, len(item) * np.arange(threads) // threads)
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(fill, range(threads), cuts, [*cuts[1:], len(start) - 1]))
    total = support.sum(axis=0, dtype=np.int32), reach.sum(axis=0)
    return Rows(len(start) - 1, rows, codes.astype(np.int32), *total)
