"""The endings that a shop's own prices have, and the prices that have them; it chooses none."""

from collections import Counter
from collections.abc import Sequence

from pipeline_lib.money import decimals

COMMON = 0.04  # of the prices: a rarer ending is no habit
LEAST_TIMES = 3
MOST_PRICES = 24  # tried for a set
WHOLE_WITHOUT_DECIMALS = 100


def whole_unit(currency: str) -> int:
    """After how many minor units the endings of prices begin anew."""
    places = decimals(currency)
    return int(10**places) if places else WHOLE_WITHOUT_DECIMALS


def learn_endings(prices: Sequence[int], *, unit: int) -> tuple[int, ...]:
    """The endings that at least 4 % of the prices have, the commonest first, then the smallest.

    Args:
        prices: in minor units.
        unit: after how many the endings begin anew.

    Returns:
        At least one; 0 where the shop has no habit.
    """
    times = Counter(price % unit for price in prices)
    least = max(COMMON * len(prices), LEAST_TIMES)
    usual = [ending for ending, count in times.items() if count >= least]
    return tuple(sorted(usual, key=lambda ending: (-times[ending], ending))) or (0,)


def step_between(endings: Sequence[int], *, unit: int) -> int:
    """The least distance between two prices that have one of the endings."""
    ordered = sorted(endings)
    following = [*ordered[1:], ordered[0] + unit]
    return min(later - one for one, later in zip(ordered, following, strict=True))


def prices_between(
    low: int, high: int, *, endings: Sequence[int], unit: int, most: int = MOST_PRICES
) -> list[int]:
    """Prices from ``low`` to ``high`` with one of the endings, dearest first.

    Of more than ``most`` those that are spread evenly.
    """
    wholes = range(low // unit, high // unit + 1)
    priced = (whole * unit + ending for whole in wholes for ending in endings)
    found = sorted((price for price in priced if low <= price <= high), reverse=True)
    if len(found) <= most:
        return found
    return [found[place * (len(found) - 1) // (most - 1)] for place in range(most)]
