"""The loops that turn order lines into rows; compiled on import, no counting of sets.

*Rows* are baskets as runs of ascending labels, each run of two or more, each ended by ``END``.
"""

from numba.core import types

from pipeline_lib.mining.itemsets.compiled import END, GIVEN, INT, INTS, LONGS, Ints, Longs, kernel


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
