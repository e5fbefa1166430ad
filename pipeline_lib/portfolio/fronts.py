"""Which points no other dominates, and where their front bends; all values to be maximised."""

from bisect import bisect_left

import numpy as np

from pipeline_lib.portfolio.problem import Bools, Floats, Ints

FLAT = 1e-9  # a bulge of less, with the front scaled to a unit box, is rounding


def non_dominated(points: Floats) -> Bools:
    """Mark the points that none is at least as good as in all values and better in one.

    Walks down the first value and keeps the staircase of the other two (Kung, Luccio and
    Preparata, "On finding the maxima of a set of vectors", 1975). Of equal points, the first
    is marked alone.

    Args:
        points: (n, 3).
    """
    kept = np.zeros(len(points), dtype=np.bool_)
    rows = np.lexsort((np.arange(len(points)), *(-points.T[::-1])))
    stairs: list[tuple[float, float]] = []  # (-second, third): both rise along the stairs
    for row, (_, second, third) in zip(rows.tolist(), points[rows].tolist(), strict=True):
        place = bisect_left(stairs, (-second, third))
        over = stairs[place - 1][1] if place else -np.inf
        level = place < len(stairs) and stairs[place][0] == -second
        if over >= third or level:
            continue
        kept[row] = True
        end = place
        while end < len(stairs) and stairs[end][1] <= third:
            end += 1
        stairs[place:end] = [(-second, third)]
    return kept


def dominance_ranks(points: Floats) -> Ints:
    """Sort by dominance: 0 for the front, 1 for the front of the rest, and so on.

    The fronts are those of Deb et al., "A fast and elitist multiobjective genetic algorithm:
    NSGA-II", 2002; equal points share a rank.

    Args:
        points: (n, 3).
    """
    distinct, of_point = np.unique(points, axis=0, return_inverse=True)
    ranks = np.full(len(distinct), -1, dtype=np.int64)
    rank = 0
    while (left := np.flatnonzero(ranks < 0)).size:
        ranks[left[non_dominated(distinct[left])]] = rank
        rank += 1
    return ranks[of_point.reshape(-1)]


def knee(front: Floats) -> int | None:
    """The point that bulges most beyond the plane through the best point of each value.

    The definition is Das's ("On characterizing the 'knee' of the Pareto curve based on
    normal-boundary intersection", 1999), with each value scaled to 0..1 over the front. Where
    two values hardly differ, as revenue and margin often do, their best points lie so close
    that the plane tilts at random: one that does not face up in all values gives way to the
    line between the two best points farthest apart.

    Args:
        front: (n, 3), none dominated.

    Returns:
        Its row, the first of equals; None where none bulges.
    """
    if not len(front):
        return None
    scaled = _to_unit_box(front)
    ends = scaled[scaled.argmax(axis=0)]
    sides = np.roll(ends, -1, axis=0) - ends
    facing = _across(sides[:2])
    if facing.min() < -FLAT:
        longest = (sides**2).sum(axis=1).round(12).argmax()
        ends, facing = np.roll(ends, -longest, axis=0), _across(sides[[longest]])
    bulge = ((scaled - ends[0]) * facing).sum(axis=1).round(12)
    return int(bulge.argmax()) if bulge.max() > FLAT else None


def _across(directions: Floats) -> Floats:
    """(3,) of length 1: which way all values rise without going along the directions.

    Where they rise along the directions alone there is none, and it faces down.
    """
    basis: list[Floats] = []
    for vector in [*directions, np.ones(3)]:
        rest = vector - sum((part * (part * vector).sum() for part in basis), start=np.zeros(3))
        length = float(np.sqrt((rest**2).sum()))
        basis.append(rest / length if length > FLAT else np.zeros(3))
    return basis[-1] if basis[-1].any() else -np.ones(3)


def compromise(front: Floats) -> int:
    """The point nearest to the best of each value, each scaled to 0..1; the first of equals.

    The compromise solution of Yu, "A class of solutions for group decision problems", 1973.

    Args:
        front: (n, 3), n at least 1.
    """
    distance = ((1 - _to_unit_box(front)) ** 2).sum(axis=1).round(12)
    return int(distance.argmin())


def _to_unit_box(front: Floats) -> Floats:
    low, high = front.min(axis=0), front.max(axis=0)
    spread = np.where(high > low, high - low, 1.0)
    return np.asarray(np.where(high > low, (front - low) / spread, 1.0), dtype=np.float64)
