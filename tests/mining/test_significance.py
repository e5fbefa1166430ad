import math
from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_lib.mining.significance import (
    Moments,
    chance_of_joining,
    chance_of_meeting,
    p_values,
    q_values,
)


def poisson_tail(seen, mean):
    """Slow twin: the tail summed term by term."""
    term = math.exp(-mean) * mean**seen / math.factorial(seen)
    total = 0.0
    for count in range(seen, seen + 400):
        total += term
        term *= mean / (count + 1)
    return total


@given(st.integers(1, 60), st.floats(0.01, 40))
def test_the_p_value_is_an_upper_bound_and_close_where_it_matters(seen, mean):
    bound = p_values(np.array([seen]), np.array([mean]))[0]
    exact = poisson_tail(seen, mean)

    assert bound >= exact * (1 - 1e-9)
    if seen > 2 * mean:
        assert bound <= exact * 1.6


def test_no_more_than_expected_is_no_news():
    assert p_values(np.array([0, 3, 5]), np.array([0.5, 3.0, 9.0])).tolist() == [1.0, 1.0, 1.0]


@settings(max_examples=30)
@given(st.lists(st.integers(1, 5), min_size=2, max_size=5))
def test_the_chance_to_meet_is_what_every_shuffle_gives_on_average(sizes):
    places = [order for order, size in enumerate(sizes) for _ in range(size)]
    pairs = list(combinations(range(len(places)), 2))
    exact = sum(places[a] == places[b] for a, b in pairs) / len(pairs)

    assert chance_of_meeting(Moments.of(np.array(sizes))) == pytest.approx(exact)


@settings(max_examples=30)
@given(st.lists(st.integers(1, 5), min_size=3, max_size=5))
def test_the_chance_to_join_is_what_every_shuffle_gives_those_that_meet(sizes):
    places = [order for order, size in enumerate(sizes) for _ in range(size)]
    ways = list(permutations(range(len(places)), 3))
    met = [way for way in ways if places[way[0]] == places[way[1]]]
    joined = [way for way in met if places[way[0]] == places[way[2]]]

    exact = len(joined) / len(met) if met else 0
    assert chance_of_joining(Moments.of(np.array(sizes))) == pytest.approx(exact)


def test_baskets_of_one_never_meet():
    assert chance_of_meeting(Moments.of(np.array([1, 1, 1]))) == 0
    assert chance_of_meeting(Moments.of(np.array([], dtype=np.int64))) == 0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.integers(0, 50))
def test_q_values_reject_what_the_step_up_procedure_rejects(p, untested):
    tests = len(p) + untested
    q = q_values(np.array(p), tests=tests)

    ranked = sorted(p)
    passing = [k for k, value in enumerate(ranked, start=1) if value <= 0.05 * k / tests]
    threshold = ranked[max(passing) - 1] if passing else -1.0
    for value, adjusted in zip(p, q, strict=True):
        if abs(adjusted - 0.05) > 1e-9:
            assert (adjusted <= 0.05) == (value <= threshold)
