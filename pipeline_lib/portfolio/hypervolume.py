"""How much a front dominates: exact volume in three values; no opinion on the reference."""

from bisect import bisect_right
from itertools import pairwise
from operator import mul

from pipeline_lib.portfolio.problem import Floats


def hypervolume(points: Floats, *, worst: Floats, best: Floats) -> float:
    """Share of the box from ``worst`` to ``best`` that the points dominate.

    The measure is Zitzler and Thiele's ("Multiobjective optimization using evolutionary
    algorithms", 1998); the sweep down one value over a growing staircase of the other two is
    that of Fonseca, Paquete and López-Ibáñez ("An improved dimension-sweep algorithm for the
    hypervolume indicator", 2006). A side of the box without length counts as 1 long.

    Args:
        points: (n, 3), all to be maximised, in any order; those beyond the box are cut to it.
        worst: (3,) the corner that every point of the box dominates.
        best: (3,) the opposite corner.

    Returns:
        0 to 1; 0 for no points.
    """
    flat = best <= worst
    span = best - worst
    span[flat] = 1.0
    scaled = ((points - worst) / span).clip(0, 1)
    scaled[:, flat] = 1.0
    rows = scaled[(-scaled[:, 0]).argsort(kind="stable")].tolist()
    area = _Staircase()
    volume = 0.0
    for index, (depth, right, up) in enumerate(rows):
        area.add(right, up)
        following = rows[index + 1][0] if index + 1 < len(rows) else 0.0
        volume += area.size * (depth - following)
    return volume


class _Staircase:
    """The area of the union of rectangles from the origin to the points added so far."""

    def __init__(self) -> None:
        self.size = 0.0
        self._rights = [0.0, 2.0]  # ascending, with guards at both ends
        self._ups = [2.0, 0.0]  # descending

    def add(self, right: float, up: float) -> None:
        """Widen the union by the rectangle from the origin to (right, up)."""
        end = bisect_right(self._rights, right)
        level = self._rights[end - 1] == right and self._ups[end - 1] >= up
        if level or self._ups[end] >= up:
            return
        begin = end
        while self._ups[begin - 1] <= up:
            begin -= 1
        edges = [*self._rights[begin - 1 : end], right]
        gained = [up - height for height in self._ups[begin : end + 1]]
        widths = [after - before for before, after in pairwise(edges)]
        self.size += sum(map(mul, widths, gained))
        self._rights[begin:end] = [right]
        self._ups[begin:end] = [up]
