"""The itemsets that mining returns, in an order that depends on the baskets alone."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Words = NDArray[np.uint64]

SIZES = ("items", "pairs", "triples", "quadruples")
WORD_BITS = 64
CHUNK = 1 << 16  # rows at a time, where a copy of all would be large
SWAPS = {  # sorting networks: the compare-and-swap steps that sort so many columns
    1: (),
    2: ((0, 1),),
    3: ((0, 1), (1, 2), (0, 1)),
    4: ((0, 1), (2, 3), (0, 2), (1, 3), (1, 2)),
}


class TooManyItemsets(Exception):
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


def in_order(found: list[Ints], codes: Ints) -> tuple[Ints, Ints]:
    """The sets and counts of what the search found, in total order.

    Args:
        found: tables of a count and k labels a row, each set once; emptied on the way, so that
            the sets are never held twice.
        codes: the product code of each label.

    Returns:
        Product codes (n, k) ascending within a row, and counts (n).
    """
    levels = np.unique(np.concatenate([np.unique(table[:, 0]) for table in found]))[::-1]
    bits, size = max(1, (len(codes) - 1).bit_length()), found[0].shape[1] - 1
    by_code = np.argsort(codes, kind="stable").astype(np.int32)
    rank = np.empty(len(codes), np.int32)
    rank[by_code] = np.arange(len(codes), dtype=np.int32)
    if bits * size + len(levels).bit_length() > WORD_BITS:
        table = np.concatenate(found)
        members = _ascending([rank[table[:, column]] for column in range(1, size + 1)])
        order = np.lexsort([*members[::-1], -table[:, 0]])
        return codes[by_code][np.stack(members, axis=1)[order]], table[order, 0]
    words = _words(found, rank, levels, bits=bits)
    words.sort()
    return _unpacked(words, codes[by_code], levels, bits=bits, size=size)


def _ascending(members: list[Ints]) -> list[Ints]:
    """Columns swapped until each row ascends."""
    for left, right in SWAPS[len(members)]:
        low = np.minimum(members[left], members[right])
        members[right] = np.maximum(members[left], members[right])
        members[left] = low
    return members


def _words(found: list[Ints], rank: Ints, levels: Ints, *, bits: int) -> Words:
    """Each set as one number: the place of its count among the levels, then its members."""
    words, at = np.empty(sum(map(len, found)), np.uint64), 0
    place = np.zeros(int(levels.max(initial=0)) + 1, np.uint64)
    place[levels] = np.arange(len(levels), dtype=np.uint64)
    while found:
        table = found.pop()
        word = place[table[:, 0]]
        for member in _ascending([rank[labels] for labels in table.T[1:]]):
            word <<= np.uint64(bits)
            word |= member.astype(np.uint64)
        words[at : at + len(word)] = word
        at += len(word)
    return words


def _unpacked(
    words: Words, codes: Ints, levels: Ints, *, bits: int, size: int
) -> tuple[Ints, Ints]:
    """What ``_words`` made numbers of, codes now by rank."""
    sets, counts = np.empty((len(words), size), np.int32), np.empty(len(words), np.int32)
    for at in range(0, len(words), CHUNK):
        word = words[at : at + CHUNK]
        for column in reversed(range(size)):
            sets[at : at + CHUNK, column] = codes[word & np.uint64((1 << bits) - 1)]
            word >>= np.uint64(bits)
        counts[at : at + CHUNK] = levels[word]
    return sets, counts
