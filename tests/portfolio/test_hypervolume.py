from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pipeline_lib.portfolio.hypervolume import hypervolume

SIDE = 6
WORST, BEST = np.zeros(3), np.full(3, float(SIDE))


def points(most):
    return st.integers(0, most).flatmap(
        lambda count: arrays(np.float64, (count, 3), elements=st.integers(0, SIDE).map(float))
    )


def by_cells(values):
    """Slow twin: the unit cells that some point dominates."""
    corners = np.stack(np.meshgrid(*[np.arange(SIDE)] * 3), axis=-1).reshape(-1, 1, 3)
    return (values > corners).all(axis=2).any(axis=1).sum() / SIDE**3


def by_inclusion_and_exclusion(values):
    """Slow twin for any numbers: the signed volumes of all intersections."""
    return sum(
        (-1) ** (size + 1) * np.prod(np.min(part, axis=0))
        for size in range(1, len(values) + 1)
        for part in combinations(values, size)
    )


@given(points(25))
def test_the_volume_is_that_of_the_cells_below_the_points(values):
    assert hypervolume(values, worst=WORST, best=BEST) == pytest.approx(by_cells(values))


@given(
    st.integers(1, 7).flatmap(
        lambda count: arrays(np.float64, (count, 3), elements=st.floats(0, 1, width=32))
    )
)
def test_the_volume_is_that_of_the_union_of_boxes(values):
    volume = hypervolume(values, worst=np.zeros(3), best=np.ones(3))

    assert volume == pytest.approx(by_inclusion_and_exclusion(values), abs=1e-9)


@given(points(12), points(12))
def test_more_points_never_have_less_volume(values, more):
    less = hypervolume(values, worst=WORST, best=BEST)

    assert hypervolume(np.vstack([values, more]), worst=WORST, best=BEST) >= less - 1e-12


@given(points(12))
def test_the_order_of_the_points_does_not_matter(values):
    backwards = hypervolume(values[::-1], worst=WORST, best=BEST)

    assert backwards == pytest.approx(hypervolume(values, worst=WORST, best=BEST))


def test_what_lies_beyond_the_box_is_cut():
    values = np.array([[9.0, 3.0, 3.0], [-1.0, 5.0, 5.0]])

    assert hypervolume(values, worst=WORST, best=BEST) == pytest.approx(6 * 3 * 3 / SIDE**3)


def test_a_side_without_length_counts_as_one_long():
    values = np.array([[3.0, 7.0, 3.0]])

    volume = hypervolume(values, worst=np.array([0.0, 7, 0]), best=np.array([6.0, 7, 6]))

    assert volume == pytest.approx(0.25)
