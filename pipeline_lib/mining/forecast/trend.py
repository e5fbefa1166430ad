"""How much more often than by chance a pair will be bought soon.

The leverage of the past (P(a, b) - P(a) P(b)) forecasts the leverage to come, if recent orders
weigh more and each product's popularity is brought up to today. Per half-life h

    leverage_h(a, b) * (now(a) / then_h(a)) ** g * (now(b) / then_h(b)) ** g

and the forecast is the mean over the profile's half-lives. Orders weigh 0.5 ** (age / h), for
pairs also ``size ** -s``: a basket of hundreds of lines says little about any one pair.
``then_h`` is the popularity in the same decayed window, ``now`` that of the last days. Exponents
and half-lives lie on a plateau of rolling back-tests on Online Retail before November 2011.
"""

from typing import NamedTuple

import numpy as np

from pipeline_lib.mining.forecast.pair_orders import Baskets, PairOrders, product_weights
from pipeline_lib.mining.measures import Floats, leverage

MONTH_DAYS, WEEK_DAYS = 30.0, 7.0  # half-lives of the two windows that say what sells now
PSEUDO_ORDERS = 5.0  # orders at the month's rate that the week must outweigh
TREND_MOST = 8.0  # a product is at most so many times more, or less, popular than it was
RARE = 1e-5  # share of orders below which a product counts as unseen


class Profile(NamedTuple):
    """Settings of a forecast: half-lives in days, the exponents s (size) and g (trend)."""

    name: str
    half_lives: tuple[float, ...]
    size_exponent: float
    trend_exponent: float


STEADY = Profile("steady", (np.inf,), 0.0, 0.2)
MOVING = Profile("moving", (14.0, 60.0), 0.25, 0.4)


def decay(day: Floats, *, until_day: float, half_life: float) -> Floats:
    """Weight per order: ``0.5 ** (age / half_life)`` before ``until_day``, 0 from it on."""
    age = np.maximum(until_day - day, 0.0)
    return np.exp2(-age / half_life) * (day < until_day)


def popularity_now(baskets: Baskets, *, until_day: float) -> Floats:
    """Share of orders that hold each product now: the last week's, shrunk to the last month's."""
    month = decay(baskets.day, until_day=until_day, half_life=MONTH_DAYS)
    week = decay(baskets.day, until_day=until_day, half_life=WEEK_DAYS)
    usual = np.maximum(product_weights(baskets, month) / max(month.sum(), 1e-300), RARE)
    seen, orders = product_weights(baskets, week), float(week.sum())
    shrunk: Floats = (seen + PSEUDO_ORDERS) / (orders + PSEUDO_ORDERS / usual)
    return shrunk


def trend(baskets: Baskets, now: Floats, weight: Floats) -> Floats:
    """Per product, its popularity ``now`` by its popularity in the weighted orders."""
    then = product_weights(baskets, weight) / max(weight.sum(), 1e-300)
    grown: Floats = np.clip(now / np.maximum(then, 1e-12), 1.0 / TREND_MOST, TREND_MOST)
    return grown


def forecast(baskets: Baskets, pairs: PairOrders, *, until_day: float, profile: Profile) -> Floats:
    """Forecast of the incremental co-purchases per order of each pair.

    Args:
        baskets: all orders; those placed at ``until_day`` or later are not looked at.
        pairs: the pairs to forecast, indexed on the same orders.
        until_day: where the past ends, in the days of ``baskets``.
        profile: how fast the past fades.

    Returns:
        One number a pair: P(a, b) - P(a) P(b) to expect. 0 where nothing was sold before.
    """
    now = popularity_now(baskets, until_day=until_day)
    size = np.maximum(np.bincount(baskets.order, minlength=len(baskets.day)), 2.0)
    total = np.zeros(len(pairs))
    for half_life in profile.half_lives:
        fade = decay(baskets.day, until_day=until_day, half_life=half_life)
        grown = trend(baskets, now, fade) ** profile.trend_exponent
        weight = fade * size**-profile.size_exponent
        lev = weighted_leverage(baskets, pairs, weight)
        total += lev * grown[pairs.left] * grown[pairs.right]
    return total / len(profile.half_lives)


def weighted_leverage(baskets: Baskets, pairs: PairOrders, weight: Floats) -> Floats:
    """Leverage of each pair (its measure in ``measures``) when order ``i`` counts ``weight[i]``."""
    single = product_weights(baskets, weight)
    return leverage(
        both=pairs.weight_sums(weight),
        left=single[pairs.left],
        right=single[pairs.right],
        orders=float(weight.sum()),
    )
