import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_lib.mining.forecast.pair_orders import Baskets, index_pairs, product_weights
from pipeline_lib.mining.forecast.trend import MOVING, STEADY, Profile, forecast, popularity_now
from pipeline_lib.mining.measures import leverage
from tests.mining.made_baskets import PRODUCTS, baskets_of, living_shop, orders

PLAIN = Profile("plain", (np.inf,), 0.0, 0.0)


def now_by_hand(shop, until, product):
    """The last week's share of orders, with five more orders at the last month's share."""
    month = [0.5 ** ((until - day) / 30) for day in range(len(shop))]
    week = [0.5 ** ((until - day) / 7) for day in range(len(shop))]
    held = [product in order for order in shop]
    usual = max(sum(np.multiply(month, held)) / sum(month), 1e-5)
    return (sum(np.multiply(week, held)) + 5) / (sum(week) + 5 / usual)


def forecast_by_hand(shop, until, left, right, profile):
    total = 0.0
    for half_life in profile.half_lives:
        fade = [0.5 ** ((until - day) / half_life) for day in range(len(shop))]
        weight = [
            f * max(len(o), 2) ** -profile.size_exponent for f, o in zip(fade, shop, strict=True)
        ]
        both = sum(w for w, order in zip(weight, shop, strict=True) if {left, right} <= order)
        ones = [
            sum(w for w, order in zip(weight, shop, strict=True) if product in order)
            for product in (left, right)
        ]
        lift = both / sum(weight) - ones[0] * ones[1] / sum(weight) ** 2
        for product in (left, right):
            then = sum(f for f, order in zip(fade, shop, strict=True) if product in order)
            grown = now_by_hand(shop, until, product) / (then / sum(fade))
            lift *= min(max(grown, 1 / 8), 8) ** profile.trend_exponent
        total += lift
    return total / len(profile.half_lives)


@given(orders, st.sampled_from([STEADY, MOVING]))
def test_the_forecast_is_the_decayed_leverage_times_both_trends(shop, profile):
    until = float(len(shop))
    baskets = baskets_of(shop)
    pairs = index_pairs(baskets, min_orders=1)

    made = forecast(baskets, pairs, until_day=until, profile=profile)

    by_hand = [
        forecast_by_hand(shop, until, int(left), int(right), profile)
        for left, right in zip(pairs.left, pairs.right, strict=True)
    ]
    assert made == pytest.approx(by_hand, abs=1e-12)


@given(orders)
def test_without_decay_weights_or_trend_it_is_leverage(shop):
    baskets = baskets_of(shop)
    pairs = index_pairs(baskets, min_orders=1)
    single = product_weights(baskets, np.ones(len(shop)))

    made = forecast(baskets, pairs, until_day=float(len(shop)), profile=PLAIN)

    plain = leverage(
        both=pairs.counts(),
        left=single[pairs.left],
        right=single[pairs.right],
        orders=float(len(shop)),
    )
    assert made == pytest.approx(plain, abs=1e-12)


@given(orders, st.integers(0, 30))
def test_later_orders_change_nothing(shop, until):
    baskets = baskets_of(shop)
    past = baskets.order < until
    known = Baskets(baskets.order[past], baskets.product[past], baskets.day[:until], PRODUCTS)
    pairs = index_pairs(known, min_orders=1)

    alone = forecast(known, pairs, until_day=float(until), profile=MOVING)
    with_future = forecast(baskets, pairs, until_day=float(until), profile=MOVING)

    assert alone == pytest.approx(with_future, rel=1e-9, abs=1e-15)


def test_a_product_that_sells_now_is_worth_more_than_one_that_did():
    baskets = living_shop()

    now = popularity_now(baskets, until_day=150.0)

    assert now[4] > product_weights(baskets, np.ones(len(baskets.day)))[4] / len(baskets.day)


def test_a_moving_shops_new_pair_ranks_higher_than_in_a_steady_one():
    baskets = living_shop(days=110)
    pairs = index_pairs(baskets, min_orders=5)
    new = int(np.flatnonzero((pairs.left == 4) & (pairs.right == 5))[0])

    moving, steady = (
        forecast(baskets, pairs, until_day=110.0, profile=p)[new] for p in (MOVING, STEADY)
    )

    assert moving > steady


def test_equal_baskets_give_equal_bytes():
    baskets = living_shop()
    pairs = index_pairs(baskets, min_orders=5)

    first, again = (
        forecast(baskets, pairs, until_day=150.0, profile=MOVING).tobytes() for _ in range(2)
    )

    assert first == again
