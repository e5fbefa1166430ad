"""Rolling back-tests on a shop's own past: cuts in its last months, counts between days."""

import numpy as np

from pipeline_lib.mining.forecast.heldout import HeldOut
from pipeline_lib.mining.forecast.pair_orders import Baskets, PairOrders, product_weights

WINDOW_DAYS, WINDOWS = 30.0, 3
CANDIDATES = 20_000  # pairs with most orders, among which any score's best few hundred are
LEAST_ORDERS = 5.0  # orders that a pair was in before a cut to be known at it


def cuts(baskets: Baskets, *, until_day: float) -> list[float]:
    """Days one, two and three windows before ``until_day`` that have a window's past, latest first.

    Empty when the orders before ``until_day`` span less than two windows.
    """
    if len(baskets.day) == 0:
        return []
    days = [until_day - WINDOW_DAYS * ago for ago in range(1, WINDOWS + 1)]
    return [day for day in days if day - WINDOW_DAYS >= baskets.day[0]]


def most_bought(
    baskets: Baskets, pairs: PairOrders, *, until_day: float, most: int = CANDIDATES
) -> PairOrders:
    """The ``most`` pairs with most orders before ``until_day``, in their order."""
    count = pairs.weight_sums((baskets.day < until_day).astype(np.float64))
    return pairs.only(np.sort(np.argsort(-count, kind="stable")[:most]))


def known_at(baskets: Baskets, pairs: PairOrders, *, cut: float) -> PairOrders:
    """The pairs that at least LEAST_ORDERS orders before ``cut`` hold, in their order."""
    count = pairs.weight_sums((baskets.day < cut).astype(np.float64))
    return pairs.only(np.flatnonzero(count >= LEAST_ORDERS))


def count_window(baskets: Baskets, pairs: PairOrders, *, start: float, end: float) -> HeldOut:
    """Count each pair in the orders from day ``start`` to before day ``end``."""
    window = ((baskets.day >= start) & (baskets.day < end)).astype(np.float64)
    single = product_weights(baskets, window)
    return HeldOut(
        pairs.weight_sums(window), single[pairs.left], single[pairs.right], float(window.sum())
    )
