from dataclasses import replace
from itertools import combinations

import numpy as np
from hypothesis import given, settings

from pipeline_lib.portfolio.greedy import plan_of, walked
from pipeline_lib.portfolio.prices import shadow_priced
from pipeline_lib.portfolio.problem import Rules, problem_of
from tests.portfolio.made_bundles import bundles_of, shops


@settings(max_examples=40)
@given(shops())
def test_a_price_only_takes_off_and_only_from_what_draws_on_a_scarce_limit(shop):
    problem = problem_of(*shop)
    plan = plan_of(problem)
    scores = np.random.default_rng(len(problem)).random((4, len(problem)))

    reduced = shadow_priced(problem, plan, scores)

    assert (reduced <= scores).all()
    free = (problem.limits == len(problem.room) - 1).all(axis=1)
    assert (reduced[:, free] == scores[:, free]).all()


def test_a_hub_that_blocks_two_good_bundles_loses_to_them():
    items = np.array([[0, 1, 2], [0, 3, -1], [1, 4, -1], [5, 6, -1]])
    bundles = replace(
        bundles_of(np.random.default_rng(0), 4, products=7),
        items=items,
        units=(items >= 0).astype(np.int64),
        stock=np.full(7, np.nan),
        objective=np.zeros(4, dtype=np.int64),
    )
    problem = problem_of(bundles, Rules(size=2, most_of_a_product=1, least_of_an_objective=0))
    plan, scores = plan_of(problem), np.array([[10.0, 9.0, 9.0, 1.0]])

    plain = walked(problem, plan, scores).sets()
    priced = walked(problem, plan, shadow_priced(problem, plan, scores)).sets()

    assert plain.tolist() == [[0, 3]]
    assert priced.tolist() == [[1, 2]]


def test_walks_down_reduced_scores_come_close_to_the_best_of_all():
    rules = Rules(size=5, most_of_a_product=2, least_of_an_objective=0)
    shares = []
    for seed in range(8):
        problem = problem_of(bundles_of(np.random.default_rng(seed), 14, products=12), rules)
        plan = plan_of(problem)
        scores = np.random.default_rng(seed).random((1, 14))

        held = walked(problem, plan, shadow_priced(problem, plan, scores))

        best = max(
            scores[0, list(chosen)].sum()
            for chosen in combinations(range(14), plan.size)
            if drawn_within(problem, chosen)
        )
        shares.append(scores[held.inside].sum() / best)
    assert np.mean(shares) > 0.97


def drawn_within(problem, chosen):
    left = problem.room.copy()
    for one in chosen:
        left[problem.limits[one]] -= problem.draws[one]
    return (left >= 0).all()
