import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_lib.mining.forecast.attach_rate import DRIFT_UNKNOWN, confidence_low, measure_drift
from pipeline_lib.mining.forecast.pair_orders import index_pairs
from pipeline_lib.mining.forecast.trend import STEADY
from pipeline_lib.mining.measures import wilson_low
from tests.mining.made_baskets import baskets_of, living_shop


@given(st.integers(0, 200), st.floats(0, 1), st.floats(0, 1))
def test_the_bound_lies_between_zero_and_the_rate_counted(left, share, fall):
    both = round(share * left)

    low = confidence_low(both=np.array([float(both)]), left=np.array([float(left)]), drift=fall)

    assert 0 <= low[0] <= (both / left if left else 0)


def test_without_a_past_the_drift_is_assumed():
    baskets = baskets_of([{0, 1}] * 10)
    pairs = index_pairs(baskets, min_orders=1)

    assert measure_drift(baskets, pairs, until_day=10.0, profile=STEADY) == DRIFT_UNKNOWN


def test_the_drift_is_what_nearly_all_bundles_kept_of_their_bound():
    baskets = living_shop()
    pairs = index_pairs(baskets, min_orders=5)

    kept = measure_drift(baskets, pairs, until_day=150.0, profile=STEADY)

    by_hand = [
        kept_by_hand(baskets, cut, *way)
        for cut in (120, 90, 60)
        for pair in ((0, 1), (2, 3), (4, 5))[: 3 if cut > 100 else 2]
        for way in (pair, pair[::-1])
        if is_clear(baskets, cut, *pair)
    ]
    assert len(by_hand) > 4
    assert kept == pytest.approx(min(np.quantile(by_hand, 0.05), 1.0))


def is_clear(baskets, cut, one, other):
    """Whether the pair was four standard deviations above chance before day ``cut``."""
    orders = orders_of(baskets)[: int((baskets.day < cut).sum())]
    both = sum({one, other} <= order for order in orders)
    expected = sum(one in o for o in orders) * sum(other in o for o in orders) / len(orders)
    return both - expected >= 4 * expected**0.5


def orders_of(baskets):
    shop = [set() for _ in baskets.day]
    for order, product in zip(baskets.order.tolist(), baskets.product.tolist(), strict=True):
        shop[order].add(product)
    return shop


def kept_by_hand(baskets, cut, given_product, other):
    """Rate from day ``cut`` on by the Wilson bound before it."""
    shop = orders_of(baskets)
    before = [order for order, day in zip(shop, baskets.day, strict=True) if day < cut]
    after = shop[len(before) :]
    trials = np.array([float(sum(given_product in order for order in before))])
    hits = np.array([float(sum({given_product, other} <= order for order in before))])
    later = [other in order for order in after if given_product in order]
    return sum(later) / len(later) / wilson_low(hits=hits, trials=trials, z=1.645)[0]


def test_a_shop_whose_pairs_break_up_promises_less():
    steady = living_shop()
    together, apart = [{0, 1}, {2}] * 350, [{0}, {1}] * 100
    broken = baskets_of(together + apart, np.arange(900) / 6)

    falls = [
        measure_drift(shop, index_pairs(shop, min_orders=5), until_day=150.0, profile=STEADY)
        for shop in (steady, broken)
    ]

    assert falls[1] < 0.3 < falls[0]
