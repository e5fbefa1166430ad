"""What a bundle brought, measured in later orders against what was expected without it.

An order cannot say that it is of a bundle: exports hold products. So what a bundle brought is what
orders that hold all of it are more than its attach rate before would have made of the orders of
its first product since; with the doubt that counting leaves. Nothing measured yet is None.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from pipeline_lib.mining.evidence import count_sets
from pipeline_lib.records.recommendations import Bundle

LEAST_ORDERS = 20  # of the first product since; fewer measure nothing
Z = 1.645  # one side's doubt of 5 %, so that a range holds nine tenths
NOT_YET = "not measured yet"


class SoldSet(NamedTuple):
    """A bundle that a shop sells: its item codes, its prices in minor units, since when.

    ``units`` are of each item; ``attach_before`` is the share of the first item's orders that
    held the rest when the bundle was made, counted on ``orders_before`` of them; ``cost_minor``
    is that of the added items, None where unknown.
    """

    items: tuple[int, ...]
    units: tuple[int, ...]
    since: datetime
    attach_before: float
    orders_before: int
    added_minor: int
    off_minor: int
    cost_minor: int | None


@dataclass(frozen=True)
class Measured:
    """What was measured since a bundle is sold; money in minor units.

    Attributes:
        anchor_orders: orders with its first product since.
        orders: orders that hold all of it.
        expected: orders that would have held it anyway, by its attach rate before.
        incremental: orders beyond these, below 0 where fewer.
        low: lower end of ``incremental``.
        high: upper end; between them lies the truth in nine cases of ten.
        conversion: share of the first product's orders that hold the rest.
        revenue_minor: what the incremental orders brought, less the discount on all.
        profit_minor: the same after cost; None where a cost is unknown.
    """

    anchor_orders: int
    orders: int
    expected: float
    incremental: float
    low: float
    high: float
    conversion: float
    revenue_minor: int
    profit_minor: int | None


def measure_sets(
    sold: Sequence[SoldSet], orders: pl.DataFrame, baskets: pl.DataFrame
) -> list[Measured | None]:
    """Measure each bundle in the orders placed after it was made.

    Args:
        sold: the bundles.
        orders: columns ``PlacedOrders``, the later ones among them.
        baskets: columns ``BasketItems``, of the same orders.

    Returns:
        One for each of ``sold``, in order; None where fewer than 20 orders since hold its first
        product: not measured yet.
    """
    return [_measure(one, *_since(one, orders, baskets)) for one in sold]


def summarise(measured: Sequence[Measured | None]) -> dict[str, Any]:
    """The figures of a dashboard: sums over what was measured, null where nothing was.

    Returns:
        ``bundles`` and ``measured`` (how many), ``orders``, ``expected``, ``incremental``,
        ``revenue_minor``, ``profit_minor`` (null where a cost is unknown), ``conversion``
        (orders by those of the first products), and ``note`` where nothing is measured.
    """
    known = [one for one in measured if one is not None]
    count = {"bundles": len(measured), "measured": len(known)}
    names = ("orders", "expected", "incremental", "revenue_minor", "profit_minor", "conversion")
    if not known:
        return {**count, **dict.fromkeys(names), "note": NOT_YET}
    profits = [one.profit_minor for one in known if one.profit_minor is not None]
    return {
        **count,
        "orders": sum(one.orders for one in known),
        "expected": round(sum(one.expected for one in known), 2),
        "incremental": round(sum(one.incremental for one in known), 2),
        "revenue_minor": sum(one.revenue_minor for one in known),
        "profit_minor": sum(profits) if len(profits) == len(known) else None,
        "conversion": round(
            sum(one.orders for one in known) / sum(one.anchor_orders for one in known), 4
        ),
        "note": None,
    }


def sold_set(bundle: Bundle, codes: Mapping[str, int], *, minor: int) -> SoldSet | None:
    """What is measured of a bundle; None where nothing can be.

    That is where a product of it is not in the catalogue, or no order told of it when it was made.

    Args:
        bundle: as it is stored.
        codes: item by SKU as the shop writes it.
        minor: minor units of a whole one.
    """
    products, evidence, pricing = bundle.products, bundle.evidence, bundle.pricing
    if any(one.sku not in codes for one in products):
        return None
    if evidence.confidence is None or not evidence.orders_each:
        return None
    added = products[1:] or (products[0].replace(quantity=products[0].quantity - 1),)
    costs = [
        None if one.unit_cost is None else _minor(one.unit_cost, minor) * one.quantity
        for one in added
    ]
    known = [cost for cost in costs if cost is not None]
    return SoldSet(
        items=tuple(codes[one.sku] for one in products),
        units=tuple(one.quantity for one in products),
        since=bundle.created_at,
        attach_before=evidence.confidence,
        orders_before=evidence.orders_each[0] or 0,
        added_minor=sum(_minor(one.unit_price, minor) * one.quantity for one in added),
        off_minor=_minor(pricing.list_price, minor) - _minor(pricing.bundle_price, minor),
        cost_minor=sum(known) if len(known) == len(costs) else None,
    )


def _minor(amount: str, minor: int) -> int:
    return round(float(amount) * minor)


def _since(one: SoldSet, orders: pl.DataFrame, baskets: pl.DataFrame) -> tuple[int, int]:
    """Orders since that hold the first product, and all of the bundle."""
    later = orders.filter(pl.col("ordered_at") > one.since).select("order")
    held = baskets.join(later, on="order", maintain_order="left")
    anchor = held.filter(pl.col("item") == one.items[0])
    if len(one.items) == 1:
        return len(anchor), anchor.filter(pl.col("quantity") >= one.units[0]).height
    return len(anchor), int(count_sets(held, np.array([one.items]))[0])


def _measure(one: SoldSet, anchor: int, together: int) -> Measured | None:
    if anchor < LEAST_ORDERS:
        return None
    expected = anchor * one.attach_before
    doubt = Z * _spread(one, anchor, together)
    incremental = together - expected
    given_away = together * one.off_minor
    revenue = incremental * one.added_minor - given_away
    cost = one.cost_minor
    return Measured(
        anchor_orders=anchor,
        orders=together,
        expected=round(expected, 3),
        incremental=round(incremental, 3),
        low=round(incremental - doubt, 3),
        high=round(incremental + doubt, 3),
        conversion=round(together / anchor, 4),
        revenue_minor=round(revenue),
        profit_minor=None if cost is None else round(revenue - incremental * cost),
    )


def _spread(one: SoldSet, anchor: int, together: int) -> float:
    """Standard error of the orders beyond expectation: of their count, and of the rate before."""
    rate, after = one.attach_before, together / anchor
    counting = anchor * after * (1 - after)
    before = anchor**2 * rate * (1 - rate) / max(one.orders_before, 1)
    return float(np.sqrt(counting + before))
