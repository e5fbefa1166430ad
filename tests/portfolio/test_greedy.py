from dataclasses import replace

import numpy as np
from hypothesis import given, settings

from pipeline_lib.portfolio.greedy import plan_of, walked
from pipeline_lib.portfolio.problem import PAD, Bundles, Rules, problem_of
from tests.portfolio.made_bundles import covers, fits, shops


def pairs(items, objective, *, stock=100.0):
    items = np.array(items)
    return Bundles(
        revenue=np.ones(len(items)),
        margin=np.ones(len(items)),
        risk=np.zeros(len(items)),
        items=items,
        units=(items != PAD).astype(np.int64),
        sales=np.ones(len(items)),
        stock=np.full(items.max() + 1, stock),
        objective=np.array(objective),
    )


def rules(size, *, most=1, least=1):
    return Rules(size=size, most_of_a_product=most, least_of_an_objective=least)


@settings(max_examples=60)
@given(shops())
def test_the_plan_keeps_the_rules_that_it_grants(shop):
    bundles, asked = shop

    plan = plan_of(problem_of(bundles, asked))

    assert fits(bundles, asked, plan.fallback.tolist())
    assert covers(bundles, plan.least, plan.fallback)
    assert len(plan.turns) == plan.least.sum() <= plan.size <= asked.size


def test_all_is_granted_where_it_can_be():
    bundles = pairs([[0, 1], [2, 3], [4, 5], [6, 7]], [0, 0, 1, 1])

    plan = plan_of(problem_of(bundles, rules(4, least=2)))

    assert plan.least.tolist() == [2, 2]
    assert plan.size == 4


def test_of_too_much_coverage_the_second_bundle_of_the_most_plentiful_objective_goes_first():
    bundles = pairs([[n, n + 7] for n in range(7)], [0, 0, 0, 0, 1, 1, 2])

    granted = [plan_of(problem_of(bundles, rules(n, least=2))).least.tolist() for n in range(1, 6)]

    assert granted == [[0, 0, 1], [0, 1, 1], [1, 1, 1], [1, 2, 1], [2, 2, 1]]


def test_coverage_that_nothing_fits_is_left_out_and_the_rest_is_filled():
    bundles = pairs([[0, 1], [0, 2], [3, 4]], [0, 1, 1])

    plan = plan_of(problem_of(bundles, rules(3, least=2)))

    assert plan.least.tolist() == [1, 1]
    assert plan.fallback.tolist() == [0, 2]


def test_an_objective_whose_only_product_is_sold_out_is_left_out():
    bundles = pairs([[0, 1], [2, 3]], [0, 1])
    bundles = replace(bundles, stock=np.array([0.0, 5.0, 5.0, 5.0]))

    plan = plan_of(problem_of(bundles, rules(2)))

    assert plan.least.tolist() == [0, 1]
    assert plan.fallback.tolist() == [1]


def by_hand(problem, plan, scores):
    """Slow twin: one row, one candidate at a time."""
    left, chosen = problem.room.copy(), []
    for turn in [*plan.turns, *[None] * (plan.size - len(plan.turns))]:
        able = [
            one
            for one in range(len(problem))
            if one not in chosen
            and turn in (None, problem.objective[one])
            and (left[problem.limits[one]] >= problem.draws[one]).all()
        ]
        if not able:
            return plan.fallback.tolist()
        best = max(able, key=lambda one: (scores[one], -one))
        left[problem.limits[best]] -= problem.draws[best]
        chosen.append(best)
    return sorted(chosen)


@settings(max_examples=60)
@given(shops())
def test_the_walk_takes_the_best_that_fits_in_each_row(shop):
    problem = problem_of(*shop)
    plan = plan_of(problem)
    scores = np.random.default_rng(len(problem)).integers(0, 9, (5, len(problem))) / 4

    sets = walked(problem, plan, scores).sets()

    assert sets.tolist() == [by_hand(problem, plan, row) for row in scores]
