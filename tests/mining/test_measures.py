from math import inf, isclose, log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_lib.mining import measures


def counts(*, both, left, right):
    return {"both": np.array([both]), "left": np.array([left]), "right": np.array([right])}


HUNDRED = counts(both=20.0, left=40.0, right=25.0)
ALONE = {"both": np.array([20.0]), "left": np.array([40.0])}
NEVER = counts(both=0.0, left=0.0, right=5.0)


def test_the_measures_of_a_table_worked_by_hand():
    assert measures.support(both=ALONE["both"], orders=100.0).tolist() == [0.2]
    assert measures.confidence(**ALONE).tolist() == [0.5]
    assert measures.lift(**HUNDRED, orders=100.0).tolist() == [2.0]
    assert measures.leverage(**HUNDRED, orders=100.0).tolist() == [0.1]
    assert measures.conviction(**HUNDRED, orders=100.0).tolist() == [1.5]
    assert measures.cosine(**HUNDRED) == pytest.approx([20 / sqrt(1000)])
    assert measures.jaccard(**HUNDRED) == pytest.approx([20 / 45])


def test_a_product_never_sold_alone_convinces_without_bound():
    always = counts(both=5.0, left=5.0, right=10.0)

    assert measures.conviction(**always, orders=100.0).tolist() == [inf]


def test_a_product_in_every_order_convinces_no_more_than_chance():
    everywhere = counts(both=5.0, left=5.0, right=100.0)

    assert measures.conviction(**everywhere, orders=100.0).tolist() == [1.0]


@pytest.mark.parametrize("name", ["lift", "leverage", "conviction", "log_likelihood_ratio"])
def test_a_pair_whose_product_was_never_sold_measures_nothing(name):
    assert getattr(measures, name)(**NEVER, orders=100.0).tolist() == [0.0]


@pytest.mark.parametrize("name", ["lift", "leverage", "conviction", "log_likelihood_ratio"])
def test_no_pairs_measure_to_no_numbers(name):
    none = np.zeros(0)

    assert len(getattr(measures, name)(both=none, left=none, right=none, orders=0.0)) == 0


def ratio_by_hand(both, left, right, orders):
    total = 0.0
    for a in (True, False):
        for b in (True, False):
            with_a = left if a else orders - left
            with_b = right if b else orders - right
            seen = {(True, True): both, (True, False): left - both, (False, True): right - both}
            cell = seen.get((a, b), orders - left - right + both)
            if cell:
                total += 2 * cell * log(cell * orders / (with_a * with_b))
    return total if both * orders >= left * right else -total


tables = st.tuples(*[st.integers(0, 50)] * 4)


@given(tables)
def test_the_likelihood_ratio_is_that_of_the_four_cells(cells):
    both, only_left, only_right, _ = cells
    left, right, orders = both + only_left, both + only_right, sum(cells)

    ratio = measures.log_likelihood_ratio(
        **counts(both=float(both), left=float(left), right=float(right)), orders=float(orders)
    )

    assert isclose(ratio[0], ratio_by_hand(both, left, right, orders), abs_tol=1e-9)


@given(tables)
def test_lift_above_one_leverage_above_zero_and_conviction_above_one_agree(cells):
    both, only_left, only_right, _ = cells
    left, right, orders = both + only_left, both + only_right, sum(cells)
    pair = counts(both=float(both), left=float(left), right=float(right))

    above = both * orders > left * right

    assert (measures.leverage(**pair, orders=float(orders))[0] > 1e-12) == above
    if left and right:
        assert (measures.lift(**pair, orders=float(orders))[0] > 1 + 1e-12) == above
        assert (measures.conviction(**pair, orders=float(orders))[0] > 1 + 1e-12) == above


def wilson_by_hand(hits, trials, z):
    """The lower root p of (hits/trials - p)^2 = z^2 p (1 - p) / trials, by halving."""
    low, high = 0.0, hits / trials
    for _ in range(100):
        middle = (low + high) / 2
        outside = (hits / trials - middle) ** 2 > z * z * middle * (1 - middle) / trials
        low, high = (middle, high) if outside else (low, middle)
    return low


@given(st.integers(1, 500), st.floats(0, 1), st.floats(0.5, 3))
def test_the_wilson_bound_solves_its_equation_and_lies_below_the_rate(trials, share, z):
    hits = round(share * trials)

    low = measures.wilson_low(hits=np.array([float(hits)]), trials=np.array([float(trials)]), z=z)

    assert isclose(low[0], wilson_by_hand(hits, trials, z), abs_tol=1e-9)
    assert 0 <= low[0] <= hits / trials


def test_without_trials_the_wilson_bound_is_zero():
    assert measures.wilson_low(hits=np.zeros(1), trials=np.zeros(1), z=1.645).tolist() == [0.0]
