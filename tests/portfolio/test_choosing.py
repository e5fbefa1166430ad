from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_lib.portfolio.choosing import CORNERS, portfolios
from pipeline_lib.portfolio.fronts import non_dominated
from pipeline_lib.portfolio.hypervolume import hypervolume
from pipeline_lib.portfolio.problem import Rules, problem_of
from tests.portfolio.made_bundles import bundles_of, covers, every_set, fits, shops

FEW = 12


@settings(max_examples=60)
@given(shops())
def test_every_portfolio_keeps_every_rule(shop):
    bundles, rules = shop

    front = portfolios(bundles, rules, weight_count=FEW)

    for chosen in front.sets.tolist():
        assert len(set(chosen)) == len(chosen) <= rules.size
        assert fits(bundles, rules, chosen)
        assert covers(bundles, front.least, chosen)
    assert (front.least <= rules.least_of_an_objective).all()


@settings(max_examples=60)
@given(shops())
def test_no_portfolio_of_the_front_is_better_than_another_in_all(shop):
    front = portfolios(*shop, weight_count=FEW)

    for index, values in enumerate(front.values):
        others = np.delete(front.values, index, axis=0)
        assert not (others >= values).all(axis=1).any()


@settings(max_examples=40)
@given(shops(), st.integers(CORNERS, 40), st.integers(0, 40))
def test_more_weight_vectors_never_make_the_front_smaller(shop, count, more):
    less = portfolios(*shop, weight_count=count)
    front = portfolios(*shop, weight_count=count + more)

    assert front.hypervolume >= less.hypervolume - 1e-12


@settings(max_examples=20)
@given(shops())
def test_equal_input_gives_equal_bytes(shop):
    first, second = (portfolios(*shop, weight_count=FEW) for _ in range(2))

    assert first.sets.tobytes() == second.sets.tobytes()
    assert first.values.tobytes() == second.values.tobytes()
    assert (first.hypervolume, first.chosen) == (second.hypervolume, second.chosen)


@settings(max_examples=30)
@given(shops(), st.sampled_from([1 / 64, 128.0]))
def test_the_unit_of_money_decides_nothing(shop, factor):
    bundles, rules = shop
    scaled = replace(bundles, revenue=bundles.revenue * factor, margin=bundles.margin * factor)

    first, second = (portfolios(one, rules, weight_count=FEW) for one in (bundles, scaled))

    assert first.sets.tolist() == second.sets.tolist()
    assert first.chosen == second.chosen


@pytest.mark.parametrize("seed", range(6))
def test_the_front_is_all_but_that_of_every_possible_portfolio(seed):
    bundles = bundles_of(np.random.default_rng(seed), 14, products=10)
    rules = Rules(size=5, most_of_a_product=3, least_of_an_objective=1)

    front = portfolios(bundles, rules)

    sets = every_set(bundles, rules, size=front.sets.shape[1], least=front.least)
    values = problem_of(bundles, rules).totals(np.array(sets))
    whole = values[non_dominated(values)]
    worst, best = whole.min(axis=0) - np.ptp(whole, axis=0) / 10, whole.max(axis=0)
    share = hypervolume(front.values, worst=worst, best=best)
    assert share >= 0.97 * hypervolume(whole, worst=worst, best=best)


def test_the_values_are_the_sums_of_the_bundles():
    bundles = bundles_of(np.random.default_rng(1), 12)

    front = portfolios(bundles, Rules(size=3, most_of_a_product=4, least_of_an_objective=0))

    for chosen, values in zip(front.sets, front.values, strict=True):
        assert values[0] == pytest.approx(bundles.revenue[chosen].sum())
        assert values[1] == pytest.approx(bundles.margin[chosen].sum())
        assert values[2] == pytest.approx(-bundles.risk[chosen].sum())


def test_without_candidates_there_is_no_portfolio():
    none = bundles_of(np.random.default_rng(0), 1)
    none = replace(
        none,
        **{
            name: getattr(none, name)[:0]
            for name in ("revenue", "margin", "risk", "items", "units", "sales", "objective")
        },
    )

    front = portfolios(none, Rules(size=5, most_of_a_product=3, least_of_an_objective=1))

    assert front.sets.shape == (0, 0)
    assert front.values.shape == (0, 3)
    assert (front.hypervolume, front.knee, front.chosen) == (0.0, None, None)


def test_what_is_sold_out_is_in_no_portfolio():
    bundles = bundles_of(np.random.default_rng(3), 10)
    sold_out = replace(bundles, stock=np.zeros(6), sales=np.ones(10))

    front = portfolios(sold_out, Rules(size=5, most_of_a_product=3, least_of_an_objective=1))

    assert len(front.sets) == 0
    assert front.least.sum() == 0
