"""The loops that count sets within rows; compiled on import, they know labels, not products.

An *index* lists for each label where the rests of its rows begin.
"""

from numba.core import types

from pipeline_lib.domain.itemsets.compiled import END, INT, INTS, TABLE, WORK, Ints, Work, kernel


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


@kernel(types.UniTuple(INT, 2)(INTS, INT, INT, INTS, INTS, INTS, INTS, INT, INT))
def cut(  # noqa: PLR0913
    rows: Ints,
    p: int,
    least: int,
    count: Ints,
    ids: Ints,
    support: Ints,
    out: Ints,
    n: int,
    w: int,
) -> tuple[int, int]:
    """Append one rest without its rare labels; a count turns into minus the new name less one."""
    lo = w
    while rows[p] >= 0:
        own = rows[p]
        seen = count[own]
        if seen >= least:
            ids[n], support[n], count[own] = own, seen, -1 - n
            out[w] = n
            n, w = n + 1, w + 1
        elif seen < 0:
            out[w] = -1 - seen
            w += 1
        else:
            count[own] = 0
        p += 1
    if w - lo < 2:  # noqa: PLR2004  # nothing follows a label alone
        return n, lo
    out[w] = END
    return n, w + 1


@kernel(types.UniTuple(INT, 2)(INTS, INTS, INT, INT, INT, WORK, INT))
def project(  # noqa: PLR0913
    rows: Ints, order: Ints, lo: int, hi: int, least: int, work: Work, depth: int
) -> tuple[int, int]:
    """Count what follows in the rests ``order[lo:hi]`` and keep what does so often enough.

    The n labels kept go to ``work.ids[depth]`` and ``work.support``; the rests, cut down to
    them and renamed 0 to n - 1, to ``work.rows[depth]``. Returns n and those rows' length.
    """
    count, ids, support, out = work.count, work.ids[depth], work.support, work.rows[depth]
    for r in range(lo, hi):
        p = order[r]
        while rows[p] >= 0:
            count[rows[p]] += 1
            p += 1
    n = 0
    w = 0
    for r in range(lo, hi):
        n, w = cut(rows, order[r], least, count, ids, support, out, n, w)
    for x in range(n):
        count[ids[x]] = 0
    return n, w


@kernel(INT(TABLE, INT, INT, INT, INT, INT, INT))
def put(found: Ints, m: int, orders: int, c: int, d: int, a: int, b: int) -> int:  # noqa: PLR0913
    """Write a set and its count as row m where there is room; one more than m in any case."""
    if m < len(found):
        found[m, 0], found[m, 1], found[m, 2] = orders, c, d
        if found.shape[1] > 3:  # noqa: PLR2004
            found[m, 3] = a
        if found.shape[1] > 4:  # noqa: PLR2004
            found[m, 4] = b
    return m + 1


@kernel(INT(INTS, INT, INT, INT, INTS, INTS, INT, INT, TABLE, INT))
def count_square(  # noqa: PLR0913
    rows: Ints,
    w: int,
    n: int,
    least: int,
    square: Ints,
    ids: Ints,
    a: int,
    b: int,
    found: Ints,
    m: int,
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
                m = put(found, m, seen, ids[rows[p]], ids[rows[q]], a, b)
            square[line + rows[q]] = 0
            q += 1
    return m


@kernel(INT(WORK, INT, INT, INT, INT, INT, INT, TABLE, INT))
def last_two(  # noqa: PLR0913
    work: Work, depth: int, n: int, w: int, least: int, a: int, b: int, found: Ints, m: int
) -> int:
    """Add to found the sets of a, perhaps b, and two of the n labels of the projected rows."""
    rows, ids = work.rows[depth], work.ids[depth]
    if n * n <= len(work.square):
        return count_square(rows, w, n, least, work.square, ids, a, b, found, m)
    order, start = work.order[depth], work.start[depth, : n + 1]
    index_rows(rows, w, order, start)
    for y in range(n):
        if start[y + 1] - start[y] >= least:
            more, _ = project(rows, order, start[y], start[y + 1], least, work, depth + 1)
            for x in range(more):
                own = work.ids[depth + 1, x]
                m = put(found, m, work.support[x], ids[y], ids[own], a, b)
    return m


@kernel(types.UniTuple(INT, 2)(WORK, INT, INT, INT, INT, TABLE, INT, TABLE, INT))
def last_three(  # noqa: PLR0913
    work: Work,
    n: int,
    w: int,
    least: int,
    a: int,
    triples: Ints,
    m3: int,
    fours: Ints,
    m4: int,
) -> tuple[int, int]:
    """Add the triples of a and two of the n labels, and the sets of a and three of them."""
    rows, order, start = work.rows[0], work.order[0], work.start[0, : n + 1]
    index_rows(rows, w, order, start)
    for y in range(n):
        if start[y + 1] - start[y] >= least:
            b = work.ids[0, y]
            more, w1 = project(rows, order, start[y], start[y + 1], least, work, 1)
            for x in range(more):
                own = work.ids[0, work.ids[1, x]]
                work.ids[1, x] = own
                m3 = put(triples, m3, work.support[x], b, own, a, 0)
            m4 = last_two(work, 1, more, w1, least, a, b, fours, m4)
    return m3, m4


@kernel(types.UniTuple(INT, 4)(INTS, INTS, INTS, INT, INT, INT, WORK, TABLE, TABLE, TABLE))
def search(  # noqa: PLR0913
    rows: Ints,
    order: Ints,
    start: Ints,
    lo: int,
    hi: int,
    least: int,
    work: Work,
    pairs: Ints,
    triples: Ints,
    fours: Ints,
) -> tuple[int, int, int, int]:
    """Find the sets whose rarest label is in [lo, hi), until one of the tables is full.

    Returns the label to go on with and how many rows of each table are filled. A label whose
    sets do not fit an empty table is returned as lo, with the numbers of rows that it needs.
    """
    m2 = m3 = m4 = 0
    for a in range(lo, hi):
        n2, n3, n4 = m2, m3, m4
        if start[a + 1] - start[a] < least:
            continue
        n, w = project(rows, order, start[a], start[a + 1], least, work, 0)
        for x in range(n):
            m2 = put(pairs, m2, work.support[x], a, work.ids[0, x], 0, 0)
        if len(fours) > 0:
            m3, m4 = last_three(work, n, w, least, a, triples, m3, fours, m4)
        elif len(triples) > 0:
            m3 = last_two(work, 0, n, w, least, a, 0, triples, m3)
        if m2 > len(pairs) or m3 > len(triples) or m4 > len(fours):
            return (a, n2, n3, n4) if a > lo else (a, m2, m3, m4)
    return hi, m2, m3, m4
