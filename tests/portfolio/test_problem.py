from dataclasses import replace
from itertools import combinations

import numpy as np
from hypothesis import given, settings

from pipeline_lib.portfolio.problem import Rules, problem_of
from tests.portfolio.made_bundles import bundles_of, fits, shops


@settings(max_examples=60)
@given(shops(most=7))
def test_the_limits_allow_what_stock_and_products_allow(shop):
    bundles, rules = shop
    problem = problem_of(bundles, rules)

    for size in range(1, 4):
        for chosen in map(list, combinations(range(len(bundles)), size)):
            left = problem.room.copy()
            for one in chosen:
                left[problem.limits[one]] -= problem.draws[one]
            assert (left >= 0).all() == fits(bundles, rules, chosen)


@settings(max_examples=60)
@given(shops())
def test_rivals_share_a_limit_that_can_bind(shop):
    problem = problem_of(*shop)
    spare = len(problem.room) - 1
    limits = [set(row) - {spare} for row in problem.limits.tolist()]

    for one, mine in enumerate(limits):
        rivals = [other for other, theirs in enumerate(limits) if other != one and mine & theirs]
        assert np.flatnonzero(problem.rivalry[one]).tolist() == rivals
        assert sorted(set(problem.rivals[one].tolist()) - {one}) == rivals


def test_limits_that_all_together_do_not_reach_are_left_out():
    bundles = bundles_of(np.random.default_rng(0), 10)
    bundles = replace(bundles, stock=np.full(6, 1e6))

    problem = problem_of(bundles, Rules(size=5, most_of_a_product=10, least_of_an_objective=0))

    assert len(problem.room) == 1
    assert not problem.rivalry.any()


def test_a_fraction_of_a_unit_is_not_oversold():
    bundles = replace(
        bundles_of(np.random.default_rng(0), 2),
        items=np.array([[0], [0]]),
        units=np.array([[1], [1]]),
        sales=np.array([0.5004, 0.5]),
        stock=np.array([1.0]),
    )
    rules = Rules(size=2, most_of_a_product=2, least_of_an_objective=0)

    assert len(problem_of(bundles, rules).room) == 2
    assert len(problem_of(replace(bundles, sales=np.array([0.5, 0.5])), rules).room) == 1
