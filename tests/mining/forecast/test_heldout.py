import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_lib.mining.forecast import heldout
from pipeline_lib.mining.forecast.heldout import HeldOut
from tests.mining.made_baskets import PRODUCTS, baskets_of, orders

EVERY = np.array([(a, b) for a in range(PRODUCTS) for b in range(a + 1, PRODUCTS)])


@given(orders)
def test_pairs_are_counted_in_the_orders_held_out(shop):
    counts = heldout.held_out(baskets_of(shop), *EVERY.T)

    assert counts.both.tolist() == [sum({a, b} <= order for order in shop) for a, b in EVERY]
    assert counts.left.tolist() == [sum(a in order for order in shop) for a, _ in EVERY]
    assert counts.right.tolist() == [sum(b in order for order in shop) for _, b in EVERY]
    assert counts.orders == len(shop)


@given(orders)
def test_incremental_is_what_chance_does_not_explain(shop):
    counts = heldout.held_out(baskets_of(shop), *EVERY.T)

    incremental = heldout.incremental_orders(counts)

    for at, (a, b) in enumerate(EVERY):
        together = sum({a, b} <= order for order in shop)
        chance = sum(a in o for o in shop) * sum(b in o for o in shop) / max(len(shop), 1)
        assert incremental[at] == pytest.approx(together - chance)


def test_incremental_is_zero_for_independent_products():
    independent = HeldOut(np.array([6.0]), np.array([30.0]), np.array([20.0]), 100.0)

    assert heldout.incremental_orders(independent).tolist() == [0.0]


@given(st.lists(st.integers(0, 9)), st.integers(0, 9))
def test_the_share_with_enough_orders_is_counted(both, least):
    share = heldout.share_at_least(both=np.array(both, dtype=np.float64), orders=least)

    assert share == (sum(n >= least for n in both) / len(both) if both else 0.0)


def test_products_are_counted_once():
    left, right = np.array([0, 0, 1]), np.array([1, 2, 2])

    assert heldout.distinct_products(left, right) == 3
    assert heldout.catalogue_coverage(left, right, products=6) == 0.5
    assert heldout.catalogue_coverage(left[:0], right[:0], products=0) == 0.0


@given(orders, st.lists(st.sampled_from(EVERY.tolist()), max_size=4), st.integers(0, 99))
def test_revenue_is_covered_where_a_whole_pair_is_in_the_order(shop, pairs, seed):
    baskets = baskets_of(shop)
    revenue = np.random.default_rng(seed).integers(1, 100, len(baskets.order)).astype(np.float64)
    left, right = np.array(pairs, dtype=np.int64).reshape(-1, 2).T

    share = heldout.revenue_covered(baskets, revenue, left, right)

    covered = sum(
        money
        for order, product, money in zip(baskets.order, baskets.product, revenue, strict=True)
        if any(product in pair and set(pair) <= shop[order] for pair in pairs)
    )
    assert share == pytest.approx(covered / max(revenue.sum(), 1.0))


def test_a_stated_rate_is_kept_when_the_held_out_rate_is_no_lower():
    both, left = np.array([5.0, 4.0, 0.0]), np.array([10.0, 10.0, 0.0])

    kept = heldout.share_not_overstated(stated=np.full(3, 0.5), both=both, left=left)

    assert kept == 0.5


def test_nothing_sold_overstates_nothing():
    none = np.zeros(1)

    assert heldout.share_not_overstated(stated=none + 0.5, both=none, left=none) == 1.0
