"""What a bundle costs: a discount from evidence, within the objective's caps, never below cost."""

from dataclasses import dataclass

from pipeline_lib.money import decimals

CAPS_PCT = {  # least and most discount
    "increase_aov": (5, 20),
    "clear_slow_movers": (10, 40),
    "margin_guard": (0, 10),
    "seasonal_promo": (10, 30),
    "new_launch": (5, 25),
    "category_bundle": (5, 20),
    "gift_box": (5, 15),
    "subscription_push": (5, 15),
}

LEAST_DISCOUNT = 0.03  # less is no offer


@dataclass(frozen=True)
class Bounds:
    """Between which prices a bundle may lie, in minor units, and what sets each end."""

    low: int
    high: int
    low_by: str
    high_by: str


@dataclass(frozen=True)
class Price:
    """A bundle's price and the bound that decided it (``none`` where the evidence did)."""

    list_minor: int
    bundle_minor: int
    cost_minor: int | None
    bounds: Bounds
    bit: str

    @property
    def discount_pct(self) -> float:
        """How much less than the list price, in per cent, to two decimals."""
        return round(100 * (1 - self.bundle_minor / self.list_minor), 2)

    @property
    def margin_pct(self) -> float | None:
        """What is left of the price after cost, in per cent; None where a cost is unknown."""
        if self.cost_minor is None:
            return None
        return round(100 * (1 - self.cost_minor / self.bundle_minor), 2)


def bounds(list_minor: int, cost_minor: int | None, objective: str) -> Bounds:
    """The prices that the objective's caps and the cost allow.

    A cost above what the least discount leaves lifts the upper end with it, at most to the
    list price; a list price below cost is kept as it is, without any discount.
    """
    least, most = CAPS_PCT[objective]
    low = -(-list_minor * (100 - most) // 100)  # rounded up: never more discount than the cap
    high = list_minor * (100 - least) // 100  # rounded down: never less than the least
    floor = 0 if cost_minor is None else min(cost_minor, list_minor)
    low_by = "cost" if floor > low else "most_discount"
    high_by = "cost" if floor > high else "least_discount"
    low = max(low, floor, 1)
    return Bounds(low, max(high, low), low_by, high_by)


def price_bundle(
    *, list_minor: int, cost_minor: int | None, discount: float, objective: str, currency: str
) -> Price:
    """Price one bundle: the discount within its bounds, then a charm ending that keeps them.

    Without a discount of 3 % or more the price is the list price as it is.

    Args:
        list_minor: what the products cost one by one, at least 1.
        cost_minor: what they cost the shop, None where unknown for any of them.
        discount: the discount that the evidence suggests, 0 to 1.
        objective: one of OBJECTIVES.
        currency: ISO code, for its minor units.
    """
    allowed = bounds(list_minor, cost_minor, objective)
    wanted = round(list_minor * (1 - discount))
    within = min(max(wanted, allowed.low), allowed.high)
    bit = "none"
    if wanted != within:
        bit = allowed.low_by if within == allowed.low else allowed.high_by
    shown = within
    if within < list_minor:
        shown = charm(within, low=allowed.low, high=allowed.high, decimals=decimals(currency))
    if list_minor - shown < LEAST_DISCOUNT * list_minor:  # nobody notices less
        shown = list_minor
    return Price(list_minor, shown, cost_minor, allowed, bit)


def charm(price: int, *, low: int, high: int, decimals: int) -> int:
    """The price nearest to ``price`` with a charm ending within ``low`` and ``high``.

    Endings are .99, .95, .49 and .00 of a whole unit, tried in that order at equal distance;
    currencies without decimals end in 0 or 9. Where none fits, the price stays as it is.
    """
    unit = 10**decimals if decimals else 10
    endings = [unit - 1, unit * 95 // 100, unit * 49 // 100, 0] if decimals else [9, 0]
    whole = price // unit
    near = [
        (abs(candidate - price), order, candidate)
        for base in (whole - 1, whole, whole + 1)
        for order, ending in enumerate(endings)
        if low <= (candidate := base * unit + ending) <= high
    ]
    return min(near)[2] if near else price
