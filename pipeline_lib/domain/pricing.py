"""What a bundle costs: a discount from evidence, within the objective's caps, never below cost."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from operator import mul
from typing import Any

import polars as pl

from pipeline_lib.domain.money import decimals

CAPS_PCT = {  # least and most discount (requirement 171; the last four are decided here)
    "increase_aov": (5, 20),
    "clear_slow_movers": (10, 40),
    "margin_guard": (0, 10),
    "seasonal_promo": (10, 30),
    "new_launch": (5, 25),
    "category_bundle": (5, 20),
    "gift_box": (5, 15),
    "subscription_push": (5, 15),
}
CATEGORY_WEIGHT, GLOBAL_WEIGHT = 0.3, 0.1  # requirement 170
OBSERVED_WEIGHT = 1 - CATEGORY_WEIGHT - GLOBAL_WEIGHT

BOUNDS = pl.Struct({"low": pl.Int64, "high": pl.Int64, "low_by": pl.String, "high_by": pl.String})


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


def shrunk_discounts(catalog: pl.DataFrame) -> pl.Series:
    """The discount that customers are used to, by item: product, category and shop blended.

    observed * 0.6 + category * 0.3 + shop * 0.1 (requirement 170), each the mean discount rate
    weighed by revenue before discount; what has no sales takes its category's, and a category
    without sales the shop's.
    """
    gross = pl.col("revenue_minor") / (1 - pl.col("discount_rate").clip(0, 0.99))
    given = gross * pl.col("discount_rate")
    shop = (given.sum() / gross.sum()).fill_nan(0.0).fill_null(0.0)
    kind = pl.col("product_type").fill_null("")
    category = (given.sum().over(kind) / gross.sum().over(kind)).fill_nan(None).fill_null(shop)
    observed = pl.when(pl.col("orders") > 0).then(pl.col("discount_rate")).otherwise(category)
    blend = observed * OBSERVED_WEIGHT + category * CATEGORY_WEIGHT + shop * GLOBAL_WEIGHT
    return catalog.select(blend.alias("discount")).to_series()


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


def priced(
    *, list_minor: int, cost_minor: int | None, discount: float, objective: str, currency: str
) -> Price:
    """Price one bundle: the discount within its bounds, then a charm ending that keeps them.

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
    charming = charm(within, low=allowed.low, high=allowed.high, decimals=decimals(currency))
    return Price(list_minor, charming, cost_minor, allowed, bit)


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


def portfolio_prices(
    portfolio: pl.DataFrame, catalog: pl.DataFrame, *, currency: str
) -> pl.DataFrame:
    """Price every bundle of a portfolio.

    Args:
        portfolio: has ``items``, ``quantities`` and ``objective``.
        catalog: columns CATALOG.
        currency: ISO code.

    Returns:
        The same rows with ``list_minor``, ``bundle_minor``, ``discount_pct``, ``margin_pct``
        (null without all costs), ``bounds`` (low, high, low_by, high_by) and ``bit``.
    """
    known = catalog.with_columns(shrunk_discounts(catalog)).sort("item").rows(named=True)
    prices = [
        _bundle_price(row, [known[item] for item in row["items"]], currency)
        for row in portfolio.select("items", "quantities", "objective").iter_rows(named=True)
    ]
    return portfolio.with_columns(
        pl.Series("list_minor", [price.list_minor for price in prices], dtype=pl.Int64),
        pl.Series("bundle_minor", [price.bundle_minor for price in prices], dtype=pl.Int64),
        pl.Series("discount_pct", [price.discount_pct for price in prices], dtype=pl.Float64),
        pl.Series("margin_pct", [price.margin_pct for price in prices], dtype=pl.Float64),
        pl.Series("bounds", [asdict(price.bounds) for price in prices], dtype=BOUNDS),
        pl.Series("bit", [price.bit for price in prices], dtype=pl.String),
    )


def _bundle_price(
    row: Mapping[str, Any], products: Sequence[Mapping[str, Any]], currency: str
) -> Price:
    """List price and cost are sums over the units; the discount is their mean by value."""
    values = [
        product["price_minor"] * units
        for product, units in zip(products, row["quantities"], strict=True)
    ]
    costs = [product["cost_minor"] for product in products]
    discounts = [product["discount"] for product in products]
    return priced(
        list_minor=sum(values),
        cost_minor=None
        if None in costs
        else sum(cost * units for cost, units in zip(costs, row["quantities"], strict=True)),
        discount=sum(map(mul, values, discounts)) / sum(values),
        objective=row["objective"],
        currency=currency,
    )
