from dataclasses import replace
from math import exp, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_lib.ranking.gain import (
    Pages,
    clears,
    draw,
    gain_at_list_price,
    gains,
    lattice,
    means,
    orders_with_the_set,
    spread_of,
    worth_of_a_sale,
)
from pipeline_lib.ranking.response import Response, attach_rate_when_shown

SHOWN = Response()
rates = st.floats(0.001, 0.95)


def pages(orders, attach, *, price=1000.0, margin=0.5, cover=np.nan, seen=200.0):
    """Sets of one row, a page a column."""
    both = np.ones((1, 2))
    return Pages(
        orders=np.array([orders], dtype=float),
        attach=np.array([attach], dtype=float),
        seen=both * seen,
        price=both * price,
        margin=both * margin,
        cover=both * cover,
    )


def by_hand(one, off, response):
    """The formula of the module, a page at a time."""
    total, held = 0.0, 0.0
    for page in (0, 1):
        orders, q0 = one.orders[0, page], one.attach[0, page]
        price, margin = one.price[0, page], one.margin[0, page]
        odds = q0 / (1 - q0) * exp(response.theta + response.beta * log(1 - off / price))
        q1 = odds / (1 + odds)
        total += orders * (q1 - q0) * (margin * price - off)
        held = max(held, orders * q0)
    return total - off * held


@given(st.floats(1, 1000), st.floats(1, 1000), rates, rates, st.floats(0, 900))
def test_the_gain_is_what_the_formula_says(left, right, one, other, off):
    shop = pages([left, right], [one, other])

    found = gains(shop, np.array([off]), means(shop, SHOWN))[0, 0]

    assert found == pytest.approx(by_hand(shop, off, SHOWN), rel=1e-6, abs=1e-6)


@given(rates, st.floats(-1, 1), st.floats(0.05, 1))
def test_attach_rates_stay_rates_and_rise_with_the_effect_and_the_discount(rate, theta, left):
    def shown(theta, left):
        return float(
            attach_rate_when_shown(np.array(rate), price_left=left, theta=theta, beta=-1.4)
        )

    assert 0 < shown(theta, left) < 1
    assert shown(theta, left) >= shown(theta, 1.0) - 1e-12
    assert (shown(theta, 1.0) >= rate - 1e-9) == (theta >= 0) or abs(theta) < 1e-6


@given(rates)
def test_without_a_margin_or_without_an_effect_nothing_is_gained_at_list_price(rate):
    shop = pages([100, 100], [rate, rate], margin=0.0)
    still = replace(SHOWN, theta=0.0)

    assert gain_at_list_price(shop, SHOWN)[0] == pytest.approx(0, abs=1e-9)
    assert gain_at_list_price(pages([100, 100], [rate, rate]), still)[0] == pytest.approx(
        0, abs=1e-6
    )


@given(rates, st.floats(0.05, 0.7))
def test_no_small_discount_pays_where_elasticity_times_margin_is_below_one(rate, margin):
    shop = pages([100, 0], [rate, 0.0], margin=margin)

    none, some = (gains(shop, np.array([off]), means(shop, SHOWN))[0, 0] for off in (0.0, 30.0))

    assert some < none


def test_a_discount_pays_where_nearly_all_is_margin_and_few_buy_it_anyway():
    shop = pages([100, 0], [0.02, 0.0], margin=0.95)

    none, some = (gains(shop, np.array([off]), means(shop, SHOWN))[0, 0] for off in (0.0, 100.0))

    assert some > none


def test_an_unknown_cost_takes_the_margin_of_the_setting_and_adds_to_the_range():
    known, unknown = pages([100, 50], [0.2, 0.3], margin=0.45), pages([100, 50], [0.2, 0.3])
    unknown = replace(unknown, margin=np.full((1, 2), np.nan))

    assert gain_at_list_price(unknown, SHOWN) == pytest.approx(gain_at_list_price(known, SHOWN))
    widths = [spread_of(gains(one, np.zeros(1), draw(one, SHOWN))) for one in (known, unknown)]
    assert widths[1].high - widths[1].low > widths[0].high - widths[0].low


def test_what_nobody_bought_has_no_gain_that_is_known():
    assert np.isnan(gain_at_list_price(pages([0, 0], [0.0, 0.0]), SHOWN)[0])


def test_stock_that_waits_too_long_is_worth_more_sold_than_its_margin():
    fresh, dead = pages([10, 0], [0.1, 0.0], cover=3.0), pages([10, 0], [0.1, 0.0], cover=48.0)

    assert worth_of_a_sale(fresh, SHOWN)[0, 0] == 0.5
    assert worth_of_a_sale(dead, SHOWN)[0, 0] == pytest.approx(1 - exp(-0.06 * 48))
    assert not clears(fresh, SHOWN)[0]
    assert clears(dead, SHOWN)[0]


def test_more_orders_hold_the_set_when_it_is_offered():
    shop = pages([100, 40], [0.2, 0.5])

    assert 20 < orders_with_the_set(shop, np.zeros(1), SHOWN)[0] < 30


def test_the_lattice_is_centred_and_the_same_every_time():
    points = lattice()

    assert np.abs(points.mean(axis=0)).max() < 1e-12
    assert points.std(axis=0) == pytest.approx(np.ones(5), abs=0.03)
    assert lattice() is points


@pytest.mark.parametrize("known", [{"theta": 0.3}, {"margin": 0.6, "margin_sd": 0.05}, {}])
def test_what_a_shop_has_measured_takes_the_place_of_the_prior(known):
    found = Response.of_shop(known)

    assert {name: getattr(found, name) for name in known} == known
    assert found.beta == SHOWN.beta


def test_a_response_has_no_other_parts():
    with pytest.raises(ValueError, match="called charm"):
        Response.of_shop({"charm": 1.0})
