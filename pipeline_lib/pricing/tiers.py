"""Prices of a pack in several sizes, of which a larger one is never the dearer choice."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline_lib.money import decimals
from pipeline_lib.pricing.pricing import bounds, charm

STEPS = (1, 2, 3)  # the pack that customers choose, and its multiples
MORE_PER_STEP = 0.25  # of the discount, for each further step


@dataclass(frozen=True)
class Tier:
    """A pack of so many units at a price, in minor units."""

    units: int
    price_minor: int


def tiers(  # noqa: PLR0913 - all are said by name
    *,
    unit_minor: int,
    unit_cost_minor: int | None,
    pack: int,
    first_minor: int,
    objective: str,
    currency: str,
) -> list[Tier]:
    """The pack and its multiples, each unit no dearer than in the smaller pack.

    Args:
        unit_minor: the price of one.
        unit_cost_minor: its cost, None where unknown.
        pack: the units of the first tier, priced already.
        first_minor: what the first tier costs.
        objective: whose caps hold for every tier.
        currency: ISO code.

    Returns:
        At least the first tier, smallest first. A tier that no price within its bounds makes
        worth taking is left out, and so are those above it.
    """
    found = [Tier(pack, first_minor)]
    discount = 1 - first_minor / (unit_minor * pack)
    for step in STEPS[1:]:
        units = pack * step
        whole = unit_minor * units
        cost = None if unit_cost_minor is None else unit_cost_minor * units
        allowed = bounds(whole, cost, objective)
        high = min(allowed.high, _same_unit_price(found[-1], units))
        if high < allowed.low:
            break
        wanted = round(whole * (1 - discount * (1 + MORE_PER_STEP * (step - 1))))
        within = min(max(wanted, allowed.low), high)
        price = charm(within, low=allowed.low, high=high, decimals=decimals(currency))
        found.append(Tier(units, price))
    return found


def _same_unit_price(tier: Tier, units: int) -> int:
    """The most that so many units may cost without a dearer unit than in the smaller tier."""
    return tier.price_minor * units // tier.units


def never_undercut(found: Sequence[Tier]) -> bool:
    """Whether no tier is dearer by the unit than a smaller one, nor cheaper as a whole."""
    return all(
        small.price_minor * large.units >= large.price_minor * small.units
        and small.price_minor < large.price_minor
        for small, large in pairwise(found)
    )
