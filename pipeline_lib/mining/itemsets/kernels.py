"""The compiled loops of the miner: lines into rows, and sets counted within rows.

Imported only by the functions that count, because it loads numba. One file, because the code kept
on disk is renewed when a loop's own file changes. *Rows* are baskets as runs of ascending labels,
each run of two or more, each ended by ``END``; labels stand for products, rarest first.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numba import njit
from numba.core import types
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
F = TypeVar("F", bound=Callable[..., Any])

END = -1

INT = types.int64
INTS = types.int32[::1]
TABLE = types.int32[:, ::1]
LONGS = types.int64[::1]
GIVEN = types.Array(types.int32, 1, "C", readonly=True)


class Scratch(NamedTuple):
    """What one thread writes on: scratch space, then the sets that it finds.

    Two-dimensional scratch has a row for each depth of the search.
    """

    seen: Ints  # by label, zero between calls
    support: Ints
    labels: Ints  # 0, 1, 2 ...
    square: Ints  # a table of pairs, zero between calls
    ids: Ints
    rows: Ints
    order: Ints
    start: Ints
    pairs: Ints
    triples: Ints
    fours: Ints


SCRATCH = types.NamedTuple([INTS] * 4 + [TABLE] * 7, Scratch)


def kernel(signature: Any) -> Callable[[F], F]:  # noqa: ANN401  # numba's types have no type
    """Compile to the signature, and keep the code on disk where a place can be written to."""

    def compiled(function: F) -> F:
        try:
            machine: F = njit(signature, nogil=True, error_model="numpy", cache=True)(function)
        except (RuntimeError, OSError):  # a read-only deployment without a home
            machine = njit(signature, nogil=True, error_model="numpy")(function)
        return machine

    return compiled


@kernel(types.void(INTS, INT, INT))
def sort_run(rows: Ints, lo: int, hi: int) -> None:
    """Sort ``rows[lo:hi]``: by insertion when short, by Shell's gaps when long."""
    gap = 1
    while gap < (hi - lo) // 4:
        gap = gap * 3 + 1
    while gap > 0:
        for x in range(lo + gap, hi):
            label = rows[x]
            p = x - gap
            while p >= lo and rows[p] > label:
                rows[p + gap] = rows[p]
                p -= gap
            rows[p + gap] = label
        gap //= 3


@kernel(INT(INTS, INT, INT, INTS, LONGS))
def close_run(rows: Ints, lo: int, hi: int, support: Ints, reach: Longs) -> int:
    """Drop what a sorted run holds twice, count the rest and end the run; the place after it."""
    end = lo
    for x in range(lo, hi):
        if x == lo or rows[x] != rows[end - 1]:
            rows[end] = rows[x]
            end += 1
    for x in range(lo, end):
        support[rows[x]] += 1
        reach[rows[x]] += end - x
    if end - lo < 2:  # noqa: PLR2004  # a product alone pairs with nothing
        return lo
    rows[end] = END
    return end + 1


@kernel(types.void(GIVEN, LONGS, INT, INT, INTS, INTS, INTS, LONGS))
def fill_rows(
    item: Ints,
    start: Longs,
    lo: int,
    hi: int,
    label: Ints,
    rows: Ints,
    support: Ints,
    reach: Longs,
) -> None:
    """Write the baskets [lo, hi), ``item[start[b]:start[b + 1]]`` each, into their part of rows.

    Basket b may use rows from ``start[b] + b``; what the baskets leave free holds ``END``.
    """
    w = start[lo] + lo
    for b in range(lo, hi):
        begun = w
        for x in range(start[b], start[b + 1]):
            own = label[item[x]]
            if own >= 0:
                rows[w] = own
                w += 1
        sort_run(rows, begun, w)
        w = close_run(rows, begun, w, support, reach)
    rows[w : start[hi] + hi] = END


@kernel(types.void(INTS, INT, INTS, INTS))
def index_rows(rows: Ints, w: int, order: Ints, start: Ints) -> None:
    """List for each label y the rests of its rows as ``order[start[y]:start[y + 1]]``."""
    start[:] = 0
    for p in range(w - 1):
        if rows[p] >= 0 and rows[p + 1] >= 0:
            start[rows[p]] += 1
    for y in range(1, len(start)):
        start[y] += start[y - 1]
    for p in range(w - 2, -1, -1):
        y = rows[p]
        if y >= 0 and rows[p + 1] >= 0:
            start[y] -= 1
            order[start[y]] = p + 1


@kernel(INT(INTS, INTS, INT, INT, INTS))
def count_rests(rows: Ints, order: Ints, lo: int, hi: int, count: Ints) -> int:
    """Add up what is in the rests ``order[lo:hi]``; their length."""
    length = 0
    for r in range(lo, hi):
        p = order[r]
        while rows[p] >= 0:
            count[rows[p]] += 1
            p += 1
        length += p - order[r]
    return length


@kernel(INT(INTS, INTS, INT, INT, INTS, INT, INTS, INTS))
def name_rests(
    rows: Ints, order: Ints, lo: int, hi: int, count: Ints, least: int, ids: Ints, support: Ints
) -> int:
    """Turn the counts of what is in the rests into names: -1 - name when frequent, else 0."""
    n = 0
    for r in range(lo, hi):
        p = order[r]
        while rows[p] >= 0:
            label = rows[p]
            seen = count[label]
            count[label] = min(seen, 0)  # no branch: a name met again stays, a rare count goes
            if seen >= least:
                ids[n], support[n], count[label] = label, seen, -1 - n
                n += 1
            p += 1
    return n


@kernel(INT(INTS, INTS, INT, INT, INTS, INTS))
def cut_rests(rows: Ints, order: Ints, lo: int, hi: int, names: Ints, out: Ints) -> int:
    """Write the rests by new names without what has none, where two are left; their length."""
    w = 0
    for r in range(lo, hi):
        p = order[r]
        begun = w
        while rows[p] >= 0:
            own = -1 - names[rows[p]]
            out[w] = own
            w += own >= 0
            p += 1
        out[w] = END
        w = w + 1 if w - begun > 1 else begun  # nothing follows a label alone
    return w


@kernel(types.UniTuple(INT, 2)(INTS, INTS, INTS, INT, INT, INT, SCRATCH, INT))
def project(
    rows: Ints, order: Ints, start: Ints, y: int, first: int, least: int, to: Scratch, depth: int
) -> tuple[int, int]:
    """Count what follows y, labels from first on, and keep what does so often enough.

    The n labels kept go to ``to.ids`` and ``to.support``, the rests by new names 0 to n - 1 to
    ``to.rows``, at that depth if there is one. Returns n and those rows' length.
    """
    seen, support, ids = to.seen, to.support, to.ids[depth]
    lo, hi, last, n, w = start[y], start[y + 1], len(start) - 1, 0, 0
    if count_rests(rows, order, lo, hi, seen) < last - first:
        n = name_rests(rows, order, lo, hi, seen, least, ids, support)
    else:  # a look at every label is shorter than one at every place
        for label in range(first, last):
            orders = seen[label]
            seen[label] = 0
            if orders >= least:
                ids[n], support[n], seen[label] = label, orders, -1 - n
                n += 1
    if depth < len(to.rows) and n > 1:
        w = cut_rests(rows, order, lo, hi, seen, to.rows[depth])
    for x in range(n):
        seen[ids[x]] = 0
    return n, w


@kernel(INT(INTS, INT, INT, INT, INTS, INTS, TABLE, INT))
def count_square(
    rows: Ints, w: int, n: int, least: int, square: Ints, ids: Ints, found: Ints, m: int
) -> int:
    """Count the pairs of n labels in a table, then read it back along the same rows."""
    for p in range(w):
        line = rows[p] * n
        q = p + 1
        while line >= 0 and rows[q] >= 0:
            square[line + rows[q]] += 1
            q += 1
    for p in range(w):
        line = rows[p] * n
        q = p + 1
        while line >= 0 and rows[q] >= 0:
            seen = square[line + rows[q]]
            if seen >= least:
                if m < len(found):
                    found[m, 0], found[m, 1], found[m, 2] = seen, ids[rows[p]], ids[rows[q]]
                m += 1
            square[line + rows[q]] = 0
            q += 1
    return m


@kernel(INT(TABLE, INT, INTS, INT, INT, INTS, INTS))
def write_pairs(f: Ints, m: int, support: Ints, n: int, label: int, others: Ints, ids: Ints) -> int:
    """Write the pairs of a label and n others, whose names turn into labels; n rows on."""
    for x in range(n):
        others[x] = ids[others[x]]
        if m + x < len(f):  # beyond the room the rows are only counted
            f[m + x, 0], f[m + x, 1], f[m + x, 2] = support[x], label, others[x]
    return m + n


@kernel(types.void(TABLE, INT, INT, INT, INT))
def write_prefix(found: Ints, lo: int, hi: int, a: int, b: int) -> None:
    """Add what their sets have in common to the rows [lo, hi) of found."""
    found[lo:hi, 3] = a
    found[lo:hi, -1] = b


@kernel(INT(SCRATCH, INT, INT, INT, INT, TABLE, INT))
def last_two(work: Scratch, depth: int, n: int, w: int, least: int, found: Ints, m: int) -> int:
    """Add to found the pairs of the n labels of the projected rows."""
    rows, ids = work.rows[depth], work.ids[depth]
    if n * n <= len(work.square):
        return count_square(rows, w, n, least, work.square, ids, found, m)
    order, start, names = work.order[depth], work.start[depth, : n + 1], work.ids[depth + 1]
    index_rows(rows, w, order, start)
    for y in range(n):
        if start[y + 1] - start[y] >= least:
            more, _ = project(rows, order, start, y, 0, least, work, depth + 1)
            m = write_pairs(found, m, work.support, more, ids[y], names, ids)
    return m


@kernel(types.UniTuple(INT, 2)(SCRATCH, INT, INT, INT, INT, INT, INT))
def last_three(
    work: Scratch, n: int, w: int, least: int, a: int, m3: int, m4: int
) -> tuple[int, int]:
    """Add the triples of a and two of the n labels, and the sets of a and three of them."""
    rows, order, start = work.rows[0], work.order[0], work.start[0, : n + 1]
    ids, names = work.ids[0], work.ids[1]
    index_rows(rows, w, order, start)
    for y in range(n):
        if start[y + 1] - start[y] >= least:
            more, w1 = project(rows, order, start, y, 0, least, work, 1)
            n3, n4 = m3, m4
            m3 = write_pairs(work.triples, m3, work.support, more, ids[y], names, ids)
            write_prefix(work.triples, n3, m3, a, a)
            m4 = last_two(work, 1, more, w1, least, work.fours, m4)
            write_prefix(work.fours, n4, m4, a, ids[y])
    return m3, m4


@kernel(types.UniTuple(INT, 4)(INTS, INTS, INTS, INT, INT, INT, SCRATCH))
def search(
    rows: Ints, order: Ints, start: Ints, lo: int, hi: int, least: int, work: Scratch
) -> tuple[int, int, int, int]:
    """Find the sets whose rarest label is in [lo, hi), until one of the tables is full.

    Returns the label to go on with and the rows filled; lo itself with more rows than there are,
    when its sets need them.
    """
    m2 = m3 = m4 = 0
    for a in range(lo, hi):
        n2, n3, n4 = m2, m3, m4
        if start[a + 1] - start[a] >= least:
            n, w = project(rows, order, start, a, a + 1, least, work, 0)
            m2 = write_pairs(work.pairs, m2, work.support, n, a, work.ids[0], work.labels)
            if n > 1 and len(work.fours) > 0:
                m3, m4 = last_three(work, n, w, least, a, m3, m4)
            elif n > 1 and len(work.triples) > 0:
                m3 = last_two(work, 0, n, w, least, work.triples, m3)
                write_prefix(work.triples, n3, m3, a, a)
        if m2 > len(work.pairs) or m3 > len(work.triples) or m4 > len(work.fours):
            return (a, n2, n3, n4) if a > lo else (a, m2, m3, m4)
    return hi, m2, m3, m4
