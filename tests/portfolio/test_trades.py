import numpy as np
from hypothesis import given, settings

from pipeline_lib.portfolio.greedy import plan_of, walked
from pipeline_lib.portfolio.problem import problem_of
from pipeline_lib.portfolio.trades import GAIN, improve, neighbours
from tests.portfolio.made_bundles import covers, fits, shops

ROWS = 5


def one_trade_away(bundles, rules, plan, chosen):
    """Slow twin: every portfolio with one bundle less and one more that keeps the rules."""
    for leaves in chosen:
        for enters in set(range(len(bundles))) - set(chosen):
            traded = sorted({*chosen, enters} - {leaves})
            if fits(bundles, rules, traded) and covers(bundles, plan.least, traded):
                yield traded


def start(shop):
    problem = problem_of(*shop)
    plan = plan_of(problem)
    scores = np.random.default_rng(len(problem)).integers(0, 30, (ROWS, len(problem))) / 4
    return plan, scores, walked(problem, plan, scores)


@settings(max_examples=40)
@given(shops())
def test_after_improvement_no_trade_gains(shop):
    plan, scores, held = start(shop)
    before = np.where(held.inside, scores, 0).sum(axis=1)

    improve(held, plan, scores)

    after = np.where(held.inside, scores, 0).sum(axis=1)
    assert (after >= before).all()
    for row, chosen in enumerate(held.sets().tolist()):
        assert fits(*shop, chosen)
        for traded in one_trade_away(*shop, plan, chosen):
            assert scores[row, traded].sum() <= after[row] + GAIN


@settings(max_examples=40)
@given(shops())
def test_what_is_left_stays_what_the_bundles_leave(shop):
    plan, scores, held = start(shop)

    improve(held, plan, scores)

    for left, chosen in zip(held.left, held.sets(), strict=True):
        room = held.problem.room.copy()
        for one in chosen:
            room[held.problem.limits[one]] -= held.problem.draws[one]
        assert left.tolist() == room.tolist()


@settings(max_examples=40)
@given(shops())
def test_the_neighbours_are_all_portfolios_one_trade_away(shop):
    plan, scores, held = start(shop)
    if not plan.size:
        return
    improve(held, plan, scores)

    found = neighbours(held, plan, scores, most=1_000)

    expected = [
        traded for chosen in held.sets().tolist() for traded in one_trade_away(*shop, plan, chosen)
    ]
    assert sorted(found.tolist()) == sorted(expected)
