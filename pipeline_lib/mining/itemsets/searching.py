"""The search shared out over threads, with room made for what it finds; the loops are compiled."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Event
from typing import TYPE_CHECKING

import numpy as np

from pipeline_lib.mining.itemsets.baskets import Rows
from pipeline_lib.mining.itemsets.found import Ints

if TYPE_CHECKING:
    from pipeline_lib.mining.itemsets.compiled import Work

TASKS = 48  # parts of the search, by equal cost: small enough to share out, and to report
ROOM = 1 << 18  # sets that a table holds before it is set aside
SQUARE = 1 << 16  # counters of a table that stays in the second-level cache
SIZES = (2, 3, 4)


class Search:
    """All sets of two products or more of some rows; ``tables`` yields them part by part."""

    def __init__(self, rows: Rows, *, min_orders: int, max_size: int, max_itemsets: int) -> None:
        from pipeline_lib.mining.itemsets.search_kernels import index_rows  # noqa: PLC0415

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
        from pipeline_lib.mining.itemsets.search_kernels import search  # noqa: PLC0415

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

    def _work(self, lo: int, hi: int, sets: Sequence[int] = (0, 0, 0)) -> "Work":
        """Space to search [lo, hi), with room for so many sets of each size at least."""
        from pipeline_lib.mining.itemsets.compiled import Work  # noqa: PLC0415

        labels, depths = len(self.rows.codes), self.max_size - 1
        longest = int(self.rows.reach[lo:hi].max()) + 1
        rooms = [
            max(n, ROOM) if size <= self.max_size else 0
            for size, n in zip(SIZES, sets, strict=True)
        ]
        return Work(
            np.zeros(labels, np.int32),
            np.empty(labels, np.int32),
            np.arange(labels, dtype=np.int32),
            np.zeros(SQUARE, np.int32),
            np.empty((depths, labels), np.int32),
            np.empty((depths - 1, longest), np.int32),
            np.empty((depths - 1, longest), np.int32),
            np.empty((depths - 1, labels + 1), np.int32),
            *(np.empty((n, size + 1), np.int32) for n, size in zip(rooms, SIZES, strict=True)),
        )
