"""Which forecast profile a shop's own past favours: rolling back-tests without a look ahead.

A shop whose assortment turns over needs a short memory, one that sells the same things every week
a long one. Each of the last months before ``until_day`` is forecast from what came before it, by
each profile, and the profile whose pairs gained most is the shop's.
"""

from typing import NamedTuple

import numpy as np

from pipeline_lib.mining.forecast.heldout import incremental_orders
from pipeline_lib.mining.forecast.matching import walk_down
from pipeline_lib.mining.forecast.pair_orders import Baskets, PairOrders
from pipeline_lib.mining.forecast.rolling import (
    WINDOW_DAYS,
    count_window,
    cuts,
    known_at,
    most_bought,
)
from pipeline_lib.mining.forecast.trend import MOVING, STEADY, Profile, forecast
from pipeline_lib.mining.measures import Floats

PROFILES = (STEADY, MOVING)
SIZES, CAPS = (20, 50, 100, 200), (1, 2, 3, None)


class ProfileChoice(NamedTuple):
    """The profile chosen, each one's mean share of what all gained, over how many windows."""

    profile: Profile
    shares: tuple[tuple[str, float], ...]
    windows: int


def choose_profile(baskets: Baskets, pairs: PairOrders, *, until_day: float) -> ProfileChoice:
    """The profile that found most incremental co-purchases in the months before ``until_day``.

    Args:
        baskets: all orders; those placed at ``until_day`` or later are not looked at.
        pairs: the candidate pairs, indexed on the same orders.
        until_day: where the past ends, in the days of ``baskets``.

    Returns:
        STEADY, with equal shares and no windows, when the past is shorter than two windows.
    """
    often = most_bought(baskets, pairs, until_day=until_day)
    windows = [_shares(baskets, often, cut) for cut in cuts(baskets, until_day=until_day)]
    equal = np.full(len(PROFILES), 1.0 / len(PROFILES))
    shares = np.mean(windows, axis=0) if windows else equal
    names = (profile.name for profile in PROFILES)
    named = tuple(zip(names, shares.tolist(), strict=True))
    return ProfileChoice(PROFILES[int(np.argmax(shares))], named, len(windows))


def _shares(baskets: Baskets, often: PairOrders, cut: float) -> Floats:
    """Each profile's share of what all gained in the window from ``cut``, mean over the cells."""
    pairs = known_at(baskets, often, cut=cut)
    gained = incremental_orders(count_window(baskets, pairs, start=cut, end=cut + WINDOW_DAYS))
    scores = [forecast(baskets, pairs, until_day=cut, profile=profile) for profile in PROFILES]
    cells = np.array([_cells(pairs, score, gained) for score in scores])
    total = np.abs(cells).sum(axis=0)
    equal = np.full_like(cells, 1.0 / len(PROFILES))
    shares: Floats = np.divide(cells, total, out=equal, where=total > 0).mean(axis=1)
    return shares


def _cells(pairs: PairOrders, score: Floats, gained: Floats) -> list[float]:
    """What the best pairs by ``score`` gained, at each cap and size."""
    chosen = [walk_down(pairs.left, pairs.right, score, k=max(SIZES), cap=cap) for cap in CAPS]
    return [float(gained[best[:k]].sum()) for best in chosen for k in SIZES]
