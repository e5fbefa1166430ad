import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_lib.portfolio.weights import weight_vectors


@given(st.integers(1, 300))
def test_weights_are_shares_of_one(count):
    weights = weight_vectors(count)

    assert weights.shape == (count, 3)
    assert (weights >= 0).all()
    assert weights.sum(axis=1) == pytest.approx(1)


@given(st.integers(1, 200), st.integers(0, 200))
def test_more_weights_begin_with_the_same(count, more):
    assert (weight_vectors(count + more)[:count] == weight_vectors(count)).all()


def test_the_triangle_is_covered_evenly():
    weights = weight_vectors(404)[4:]

    for corner in range(3):
        assert (weights[:, corner] > 0.5).mean() == pytest.approx(0.25, abs=0.02)


def test_the_corners_and_the_middle_come_first():
    assert np.allclose(weight_vectors(4), [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1 / 3] * 3])
