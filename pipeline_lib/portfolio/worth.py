"""What a bundle is expected to bring and to endanger, from what is handed in; no forecast."""

from math import erf, sqrt

import numpy as np

from pipeline_lib.portfolio.problem import PAD, Floats, Ints


def expected_revenue(*, sales: Floats, price: Floats) -> Floats:
    """Bundles sold times the price of one, in the price's unit."""
    return np.asarray(sales * price)


def expected_margin(*, sales: Floats, price: Floats, cost: Floats) -> Floats:
    """Bundles sold times the contribution margin of one, price less unit cost.

    Where the cost is not known (NaN) the rest's margin rate by revenue stands in; where none
    is, the margin is 0 throughout and decides nothing.
    """
    revenue, margin = sales * price, sales * (price - cost)
    known = ~np.isnan(margin)
    earned = revenue[known].sum()
    rate = margin[known].sum() / earned if earned > 0 else 0.0
    return np.asarray(np.where(known, margin, revenue * rate))


def shortage_risk(
    *, items: Ints, units: Ints, sales: Floats, stock: Floats, demand: Floats
) -> Floats:
    """The chance that at least one product of each bundle runs out before the period ends.

    1 - product of P(D <= stock) over the products, where D is Poisson with mean ``demand`` +
    sales * units, by its normal approximation with continuity correction. P(D <= stock) is the
    cycle service level P1 of Silver, Pyke and Thomas, "Inventory and Production Management in
    Supply Chains"; products are taken to run out independently. Summed over a portfolio it is
    the number of bundles expected to run short.

    Args:
        items: (n, places) product codes, -1 fills up.
        units: (n, places) units of each in one bundle.
        sales: (n,) bundles expected to be sold in the period.
        stock: by product, NaN where unknown, which counts as enough.
        demand: by product, units expected to be sold in the period outside the bundle.

    Returns:
        (n,) 0 to 1.
    """
    mean = np.append(demand, 0.0)[items] + sales[:, None] * units
    at_hand = np.append(np.nan_to_num(stock, nan=np.inf), np.inf)[items]
    at_hand = np.where((items == PAD) | (mean <= 0), np.inf, at_hand)
    away = (at_hand + 0.5 - mean) / np.sqrt(np.where(mean > 0, mean, 1.0))
    served = np.array([(1 + erf(one / sqrt(2))) / 2 for one in away.ravel().tolist()])
    return np.asarray(1 - served.reshape(away.shape).prod(axis=1).round(12))
