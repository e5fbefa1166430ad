"""Association measures of product pairs: counts in, one number a pair out.

Every function takes arrays of equal length, one entry a pair, and keyword names in common:
``both`` orders that hold both products, ``left`` and ``right`` orders that hold each, ``orders``
all orders. Counts may be weighted (then they are sums of weights). Where a denominator is zero
nothing was seen, and the measure is 0. Empty in, empty out.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def _ratio(top: Floats, bottom: Floats) -> Floats:
    """``top / bottom``, and 0 where ``bottom`` is 0."""
    return np.divide(top, bottom, out=np.zeros_like(bottom, dtype=np.float64), where=bottom != 0)


def support(*, both: Floats, orders: float) -> Floats:
    """Share of orders that hold both: P(a, b) (Agrawal, Imielinski and Swami 1993)."""
    return _ratio(both, np.full_like(both, orders))


def confidence(*, both: Floats, left: Floats) -> Floats:
    """Share of the orders with the left product that hold the right one too: P(b | a)."""
    return _ratio(both, left)


def lift(*, both: Floats, left: Floats, right: Floats, orders: float) -> Floats:
    """How many times more often than by chance: P(a, b) / (P(a) P(b)) (Brin et al. 1997)."""
    return _ratio(both * orders, left * right)


def leverage(*, both: Floats, left: Floats, right: Floats, orders: float) -> Floats:
    """How much more often than by chance: P(a, b) - P(a) P(b) (Piatetsky-Shapiro 1991)."""
    expected = _ratio(left * right, np.full_like(both, orders))
    return _ratio(both - expected, np.full_like(both, orders))


def conviction(*, both: Floats, left: Floats, right: Floats, orders: float) -> Floats:
    """How much rarer "a without b" is than by chance: P(a) P(not b) / P(a, not b).

    Infinite where the left product is never sold without the right one (Brin et al. 1997), but 1
    where the right one is in every order.
    """
    without = left - both
    expected = left * (1.0 - support(both=right, orders=orders))
    never = np.where(expected > 0, np.inf, np.where(left > 0, 1.0, 0.0))
    return np.where(without > 0, _ratio(expected, without), never)


def cosine(*, both: Floats, left: Floats, right: Floats) -> Floats:
    """Cosine of the two products' order vectors: n(a, b) / sqrt(n(a) n(b))."""
    return _ratio(both, np.sqrt(left * right))


def jaccard(*, both: Floats, left: Floats, right: Floats) -> Floats:
    """Orders with both by orders with either (Jaccard 1901)."""
    return _ratio(both, left + right - both)


def log_likelihood_ratio(*, both: Floats, left: Floats, right: Floats, orders: float) -> Floats:
    """Dunning's G2 of the two-by-two table, negative where the pair is rarer than by chance.

    Twice the sum of observed times ln(observed / expected) over the four cells (Dunning 1993).
    """
    cells = (
        (both, left, right),
        (left - both, left, orders - right),
        (right - both, orders - left, right),
        (orders - left - right + both, orders - left, orders - right),
    )
    total = sum((_surprise(seen, row * column, orders) for seen, row, column in cells), 0.0 * both)
    return np.where(both * orders >= left * right, 2.0, -2.0) * total


def _surprise(seen: Floats, margins: Floats, orders: float) -> Floats:
    """``seen * ln(seen / expected)`` of one cell, 0 where nothing was seen."""
    odds = _ratio(seen * orders, margins)
    return seen * np.log(np.where(odds > 0, odds, 1.0))


def wilson_low(*, hits: Floats, trials: Floats, z: float) -> Floats:
    """Lower end of Wilson's score interval for a rate of ``hits`` in ``trials`` (Wilson 1927).

    ``z`` is the normal quantile of one side's doubt: 1.645 leaves 5 % below. 0 without trials.
    """
    rate = _ratio(hits, trials)
    spread = np.sqrt(np.maximum(rate * (1.0 - rate) * trials, 0.0) + z * z / 4.0)
    return np.maximum(_ratio(hits + z * z / 2.0 - z * spread, trials + z * z), 0.0) * (trials > 0)
