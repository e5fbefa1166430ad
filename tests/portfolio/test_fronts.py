import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pipeline_lib.portfolio.fronts import compromise, dominance_ranks, knee, non_dominated

points = st.integers(0, 30).flatmap(
    lambda count: arrays(np.float64, (count, 3), elements=st.integers(0, 6).map(float))
)


def dominates(one, other):
    return (one >= other).all() and (one > other).any()


@given(points)
def test_the_front_is_what_nothing_dominates_each_point_once(values):
    kept = non_dominated(values)

    seen = set()
    for index, point in enumerate(values):
        best = not any(dominates(other, point) for other in values)
        assert kept[index] == (best and tuple(point) not in seen)
        seen.add(tuple(point))


@given(points)
def test_ranks_are_fronts_peeled_one_by_one(values):
    ranks = dominance_ranks(values)

    left = list(range(len(values)))
    for rank in range(len(values)):
        front = [a for a in left if not any(dominates(values[b], values[a]) for b in left)]
        assert sorted(np.flatnonzero(ranks == rank).tolist()) == front
        left = [one for one in left if one not in front]
    assert not left


def test_the_knee_bulges_most_beyond_the_plane():
    ends = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    inner = [[0.4, 0.4, 0.4], [0.6, 0.3, 0.5], [0.3, 0.3, 0.3]]

    assert knee(np.array(ends + inner)) == 4


def test_the_knee_does_not_depend_on_the_units():
    front = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.6, 0.3, 0.5], [0.3, 0.5, 0.3]])

    assert knee(front * [1_000, 7, 0.01] - [5, 80, 3]) == knee(front) == 3


def test_where_two_values_rise_together_the_line_takes_the_planes_place():
    front = np.array([[1.0, 1.0, 0.0], [0.8, 0.79, 0.7], [0.4, 0.41, 0.8], [0.0, 0.0, 1.0]])

    assert knee(front) == 1


def test_where_the_plane_tilts_the_line_takes_its_place():
    front = np.array([[1.0, 0.96, 0.0], [0.92, 1.0, 0.2], [0.75, 0.7, 0.75], [0.0, 0.0, 1.0]])

    assert knee(front) == 2


@pytest.mark.parametrize(
    "front", [[], [[1, 2, 3]], [[1, 0, 0], [0, 1, 0], [0, 0, 1]], [[1, 0, 5], [0, 1, 5]]]
)
def test_a_flat_front_has_no_knee(front):
    assert knee(np.array(front, dtype=np.float64).reshape(-1, 3)) is None


@given(points.filter(len))
def test_the_compromise_is_nearest_to_the_best_of_all(values):
    front = values[non_dominated(values)]
    span = np.where(np.ptp(front, axis=0) > 0, np.ptp(front, axis=0), 1)

    distances = [round(sum(((front.max(axis=0) - one) / span) ** 2), 12) for one in front]

    assert distances[compromise(front)] == pytest.approx(min(distances))
