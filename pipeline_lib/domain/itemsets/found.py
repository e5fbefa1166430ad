"""What mining gives back, in an order that depends on nothing but the baskets; no counting."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]

SIZES = ("items", "pairs", "triples", "quadruples")
WORD_BITS = 64
SWAPS = {  # sorting networks: the compare-and-swap steps that sort so many columns
    1: (),
    2: ((0, 1),),
    3: ((0, 1), (1, 2), (0, 1)),
    4: ((0, 1), (2, 3), (0, 2), (1, 3), (1, 2)),
}


class TooManyItemsets(Exception):  # errors say what happened
    """More sets are frequent than the caller allows; a higher ``min_orders`` gives fewer.

    Counting ends where the bound is passed, so nobody knows how many there are.
    """

    def __init__(self, *, min_orders: int, max_itemsets: int) -> None:
        super().__init__(f"more than {max_itemsets} sets are in {min_orders} orders or more")
        self.min_orders = min_orders
        self.max_itemsets = max_itemsets


@dataclass(frozen=True, slots=True, eq=False)
class Itemsets:
    """Every set of products that enough orders hold, by size.

    ``sets[k - 1]`` is an int32 array (n, k) of product codes, ascending within a row;
    ``counts[k - 1]`` is an int32 array (n) of the orders that hold the set. Rows are in total
    order: most orders first, then by codes. ``orders`` is the number of baskets looked at.
    """

    orders: int
    sets: tuple[Ints, ...]
    counts: tuple[Ints, ...]

    def __len__(self) -> int:
        return sum(len(counts) for counts in self.counts)


def in_order(found: Sequence[Ints], codes: Ints) -> tuple[Ints, Ints]:
    """The sets and counts of what the search found, in total order.

    Args:
        found: tables of a count and k labels a row, each set once.
        codes: the product code of each label.

    Returns:
        Product codes (n, k) ascending within a row, and counts (n).
    """
    by_code = np.argsort(codes, kind="stable")
    rank = np.empty(len(codes), np.int32)
    rank[by_code] = np.arange(len(codes), dtype=np.int32)
    columns = [np.concatenate([table[:, c] for table in found]) for c in range(found[0].shape[1])]
    counts, members = columns[0], [rank[column] for column in columns[1:]]
    for left, right in SWAPS[len(members)]:
        low = np.minimum(members[left], members[right])
        members[right] = np.maximum(members[left], members[right])
        members[left] = low
    ranks, counts = _sorted(counts, members, bits=max(1, (len(codes) - 1).bit_length()))
    return codes[by_code].astype(np.int32)[ranks], counts


def _sorted(counts: Ints, members: list[Ints], *, bits: int) -> tuple[Ints, Ints]:
    """Rows by falling count, then by members, which take so many bits each."""
    levels = np.flatnonzero(np.bincount(counts))[::-1].astype(np.int32)
    if bits * len(members) + len(levels).bit_length() > WORD_BITS:
        order = np.lexsort([*members[::-1], -counts])
        return np.stack(members, axis=1)[order], counts[order]
    level = np.zeros(int(levels[0]) + 1 if len(levels) else 1, np.uint64)
    level[levels] = np.arange(len(levels), dtype=np.uint64)
    word = level[counts]
    for member in members:
        word <<= np.uint64(bits)
        word |= member.astype(np.uint64)
    word.sort()
    ranks = np.empty((len(word), len(members)), np.int32)
    for column in reversed(range(len(members))):
        ranks[:, column] = word & np.uint64((1 << bits) - 1)
        word >>= np.uint64(bits)
    return ranks, levels[word]
