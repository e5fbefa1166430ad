import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline_lib.mining.forecast import rolling
from pipeline_lib.mining.forecast.pair_orders import index_pairs
from tests.mining.made_baskets import baskets_of, orders


def test_a_long_past_has_three_cuts_latest_first():
    shop = baskets_of([{0}, {1}], days=[0.0, 199.0])

    assert rolling.cuts(shop, until_day=200.0) == [170.0, 140.0, 110.0]


def test_a_cut_needs_a_window_before_it():
    assert rolling.cuts(baskets_of([{0}], days=[0.0]), until_day=60.0) == [30.0]
    assert rolling.cuts(baskets_of([{0}], days=[0.0]), until_day=59.0) == []
    assert rolling.cuts(baskets_of([]), until_day=100.0) == []


@given(orders, st.integers(0, 15), st.integers(15, 30))
def test_counts_between_two_days_are_those_of_their_orders(shop, start, end):
    baskets = baskets_of(shop)
    pairs = index_pairs(baskets, min_orders=1)

    counts = rolling.count_window(baskets, pairs, start=float(start), end=float(end))

    window = shop[start:end]
    assert counts.orders == len(window)
    for at, (a, b) in enumerate(zip(pairs.left, pairs.right, strict=True)):
        assert counts.both[at] == sum({a, b} <= order for order in window)
        assert counts.left[at] == sum(a in order for order in window)
        assert counts.right[at] == sum(b in order for order in window)


@given(orders, st.integers(0, 30))
def test_a_pair_is_known_after_five_orders(shop, cut):
    baskets = baskets_of(shop)
    pairs = index_pairs(baskets, min_orders=1)

    known = rolling.known_at(baskets, pairs, cut=float(cut))

    ends = list(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True))
    expected = [pair for pair in ends if sum(set(pair) <= o for o in shop[:cut]) >= 5]
    assert list(zip(known.left.tolist(), known.right.tolist(), strict=True)) == expected


def test_the_most_bought_pairs_stay_in_their_order():
    baskets = baskets_of([{0, 1}, {2, 3}, {2, 3}, {4, 5}, {4, 5}, {0, 1}])
    pairs = index_pairs(baskets, min_orders=1)

    often = rolling.most_bought(baskets, pairs, until_day=5.0, most=2)

    assert np.stack([often.left, often.right]).T.tolist() == [[2, 3], [4, 5]]
