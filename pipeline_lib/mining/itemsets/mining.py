"""Exact frequent itemsets of up to four products, searched by several threads."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Event
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pipeline_lib.mining.itemsets.result import SIZES, Ints, Itemsets, TooManyItemsets, in_order
from pipeline_lib.mining.itemsets.rows import Rows, encode_rows

if TYPE_CHECKING:
    from pipeline_lib.mining.itemsets.kernels import Scratch

Progress = Callable[[str, int], None]

TASKS = 48  # parts of the search, by equal cost: small enough to share out, and to report
ROOM = 1 << 18  # sets that a table holds before it is set aside
SQUARE = 1 << 16  # counters of a table that stays in the second-level cache
TABLE_SIZES = (2, 3, 4)


def mine(  # noqa: PLR0913
    basket: NDArray[np.integer],
    item: NDArray[np.integer],
    *,
    min_orders: int,
    max_size: int = 3,
    max_itemsets: int = 50_000_000,
    threads: int = 2,
    on_progress: Progress | None = None,
) -> Itemsets:
    """Find every set of products that ``min_orders`` baskets or more hold, with its count.

    Each product in turn, rarest first, is taken as a set's rarest member: what else its
    baskets hold is counted, cut down to what is frequent, and the rest counted again (the
    occurrence deliver of LCM, Uno, Kiyomi & Arimura, FIMI 2004). A basket is never cut short:
    what is returned is exact, and too much is refused.

    Args:
        basket: the basket of each line; any integers, fastest when sorted.
        item: the product of each line; codes from 0 to 2^27 - 1, without great gaps. A product
            named twice in a basket counts once.
        min_orders: at least 1.
        max_size: the most products of a set, 1 to 4.
        max_itemsets: the most sets of two or more that may be returned.
        threads: how many counting loops run at once; the result does not depend on it.
        on_progress: called with ``items``, ``pairs``, ``triples``, ``quadruples`` and how
            many of them are found so far; the numbers rise, in the same steps for the same input.

    Returns:
        Sets of size 1 to ``max_size``, each size present though it may be empty.

    Raises:
        TooManyItemsets: more are frequent than ``max_itemsets``.
    """
    if min_orders < 1 or not 1 <= max_size <= len(SIZES):
        raise ValueError(f"min_orders {min_orders}, max_size {max_size}")
    rows = encode_rows(basket, item, min_orders=min_orders, threads=threads)
    report = on_progress or (lambda _what, _found: None)
    report(SIZES[0], len(rows.codes))
    search = Search(rows, min_orders=min_orders, max_size=max_size, max_itemsets=max_itemsets)
    found = [[_singles(rows)], *([np.empty((0, size + 1), np.int32)] for size in (2, 3, 4))]
    for tables in search.tables(threads):
        if search.full.is_set():
            raise TooManyItemsets(min_orders=min_orders, max_itemsets=max_itemsets)
        for size, more in enumerate(tables, start=1):
            found[size].extend(more)
            report(SIZES[size], sum(map(len, found[size])))
    ordered = [in_order(found[size], rows.codes) for size in range(max_size)]
    return Itemsets(rows.orders, *zip(*ordered, strict=True))


def _singles(rows: Rows) -> Ints:
    return np.stack([rows.support, np.arange(len(rows.codes), dtype=np.int32)], axis=1)


class Search:
    """All sets of two products or more of some rows; ``tables`` yields them part by part."""

    def __init__(self, rows: Rows, *, min_orders: int, max_size: int, max_itemsets: int) -> None:
        from pipeline_lib.mining.itemsets.kernels import index_rows  # noqa: PLC0415

        self.rows = rows
        self.min_orders = min_orders
        self.max_size = max_size
        self.left = max_itemsets
        self.full = Event()
        self.start = np.zeros(len(rows.codes) + 1, np.int32)
        self.order = np.empty(len(rows.rows), np.int32)
        index_rows(rows.rows, len(rows.rows), self.order, self.start)

    def tables(self, threads: int) -> Iterator[list[list[Ints]]]:
        """Tables of a count and the labels of a set, some for each size; until ``full``."""
        parts = self._parts() if self.max_size > 1 else []
        with ThreadPoolExecutor(threads) as pool:
            for found in pool.map(lambda part: self._part(*part), parts):
                self.left -= sum(len(table) for tables in found for table in tables)
                if self.left < 0:
                    self.full.set()
                yield found

    def _parts(self) -> list[tuple[int, int]]:
        labels = len(self.rows.codes)
        cost = np.cumsum(self.rows.reach + 1)
        shares = np.outer(cost[-1:], np.arange(1, TASKS) / TASKS).ravel()
        cuts = np.unique([0, *np.searchsorted(cost, shares), labels])
        return list(pairwise(cuts.tolist()))

    def _part(self, lo: int, hi: int) -> list[list[Ints]]:
        """The sets whose rarest label is in [lo, hi), tables by size."""
        from pipeline_lib.mining.itemsets.kernels import search  # noqa: PLC0415

        work = self._work(lo, hi)
        found: list[list[Ints]] = [[] for _ in range(self.max_size - 1)]
        while lo < hi and not self.full.is_set():
            lo, *used = search(
                self.rows.rows, self.order, self.start, lo, hi, self.min_orders, work
            )
            tables = work.pairs, work.triples, work.fours
            if any(n > len(table) for n, table in zip(used, tables, strict=True)):
                work = self._work(lo, hi, used)
                continue
            for kept, table, n in zip(found, tables, used, strict=False):
                kept.append(table[:n].copy())
        return found

    def _work(self, lo: int, hi: int, sets: Sequence[int] = (0, 0, 0)) -> "Scratch":
        """Space to search [lo, hi), with room for so many sets of each size at least."""
        from pipeline_lib.mining.itemsets.kernels import Scratch  # noqa: PLC0415

        labels, depths = len(self.rows.codes), self.max_size - 1
        longest = int(self.rows.reach[lo:hi].max()) + 1
        rooms = [
            max(n, ROOM) if size <= self.max_size else 0
            for size, n in zip(TABLE_SIZES, sets, strict=True)
        ]
        return Scratch(
            np.zeros(labels, np.int32),
            np.empty(labels, np.int32),
            np.arange(labels, dtype=np.int32),
            np.zeros(SQUARE, np.int32),
            np.empty((depths, labels), np.int32),
            np.empty((depths - 1, longest), np.int32),
            np.empty((depths - 1, longest), np.int32),
            np.empty((depths - 1, labels + 1), np.int32),
            *(
                np.empty((n, size + 1), np.int32)
                for n, size in zip(rooms, TABLE_SIZES, strict=True)
            ),
        )
