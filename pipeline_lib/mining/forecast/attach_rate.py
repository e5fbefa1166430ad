"""The attach rate a bundle may promise: P(b | a) with a lower bound that later orders keep.

A lower bound for the orders counted (Wilson's) is no bound for those to come: assortments move.
How far rates fell is measured on the shop's own past, on bundles chosen as today's are.
"""

import numpy as np

from pipeline_lib.mining.forecast.heldout import HeldOut
from pipeline_lib.mining.forecast.matching import choose_pairs
from pipeline_lib.mining.forecast.pair_orders import Baskets, Ints, PairOrders
from pipeline_lib.mining.forecast.rolling import count_window, cuts, known_at, most_bought
from pipeline_lib.mining.forecast.trend import Profile, forecast
from pipeline_lib.mining.measures import Floats, confidence, wilson_low

Z = 1.645  # 5 % of doubt below, for the orders counted
DOUBT = 0.05  # share of past bundles that fell below the bound, for the time to come
REHEARSED, CAP = 200, 1  # bundles chosen at each cut; cap 1 reaches the least sure products
CLEAR = 4.0  # standard deviations above chance
TELLING = 3.0  # later orders that the bound promises; with fewer, none at all proves nothing
DRIFT_UNKNOWN = 0.5  # where there is no past to measure; on two shops it was 0.35 to 0.75


def confidence_low(*, both: Floats, left: Floats, drift: float) -> Floats:
    """Lower bound of P(right | left) in orders to come: ``drift`` times Wilson's for those counted.

    Args:
        both: orders that hold both products, per pair.
        left: orders that hold the left one.
        drift: from ``measure_drift``, 0 to 1.

    Returns:
        Per pair, 0 to 1; 0 where the left product was never sold.
    """
    return drift * wilson_low(hits=both, trials=left, z=Z)


def measure_drift(
    baskets: Baskets, pairs: PairOrders, *, until_day: float, profile: Profile
) -> float:
    """What share of its bound a bundle's later attach rate kept in all but DOUBT of past cases.

    Bundles are chosen at each cut before ``until_day`` and their rates, both ways, counted from
    the cut to ``until_day``; this is split conformal prediction (Vovk et al. 2005) in time.

    Returns:
        The DOUBT quantile of later rate by bound, at most 1; DRIFT_UNKNOWN without cuts.
    """
    often = most_bought(baskets, pairs, until_day=until_day)
    kept = [
        _kept(baskets, known_at(baskets, often, cut=cut), cut, until_day, profile)
        for cut in cuts(baskets, until_day=until_day)
    ]
    ratios = np.concatenate([np.zeros(0), *kept])
    return min(float(np.quantile(ratios, DOUBT)), 1.0) if len(ratios) else DRIFT_UNKNOWN


def _clear(seen: HeldOut) -> Ints:
    """The pairs so far above chance that they would have been shown; the others promise nothing."""
    expected = seen.left * seen.right / max(seen.orders, 1.0)
    return np.flatnonzero(seen.both - expected >= CLEAR * np.sqrt(expected))


def _kept(
    baskets: Baskets, pairs: PairOrders, cut: float, until_day: float, profile: Profile
) -> Floats:
    """Later rate by bound, both ways, of the bundles that would have been chosen at ``cut``."""
    score = forecast(baskets, pairs, until_day=cut, profile=profile)
    bundles = pairs.only(choose_pairs(pairs.left, pairs.right, score, k=REHEARSED, cap=CAP))
    bundles = bundles.only(_clear(count_window(baskets, bundles, start=-np.inf, end=cut)))
    before = count_window(baskets, bundles, start=-np.inf, end=cut)
    after = count_window(baskets, bundles, start=cut, end=until_day)
    stated = np.concatenate(
        [wilson_low(hits=before.both, trials=one, z=Z) for one in (before.left, before.right)]
    )
    later = np.concatenate(
        [confidence(both=after.both, left=one) for one in (after.left, after.right)]
    )
    telling = stated * np.concatenate([after.left, after.right]) >= TELLING
    ratios: Floats = later[telling] / stated[telling]
    return ratios
