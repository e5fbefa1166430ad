"""What a bundle is likely to bring in a month, and how long its stock lasts; it sets no price.

Everything rests on the shop's own orders but for one assumption, ``WON_OVER``: which share of the
anchor's buyers who do not take the rest yet an offer brings to take it. It is small, stated with
every estimate, and replaced by what was measured once a bundle has been graded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WON_OVER = 0.05
MONTH_DAYS = 30


@dataclass(frozen=True)
class Incremental:
    """A month of a bundle, against a month without it; money in minor units.

    ``together``: orders that would hold it anyway; ``won``: orders that the offer adds;
    ``given_away``: the discount on those that needed none; ``revenue`` and ``profit``: what is
    more in the till, and after cost (None where a cost is unknown).
    """

    together: float
    won: float
    given_away: int
    revenue: int
    profit: int | None


@dataclass(frozen=True)
class Stock:
    """How many bundles the stock allows, for how many days, and which product ends it.

    None where no product's stock is known; ``days`` is None too where nothing is selling.
    """

    sellable: int | None
    days: int | None
    first_out: str | None


def incremental(
    row: Mapping[str, Any], products: Sequence[Mapping[str, Any]], won_over: float
) -> Incremental:
    """A month of the bundle: the won orders' margin less the discount given away.

    An order that is won adds all of the bundle but the anchor, which was bought anyway, at the
    bundle's price less the anchor's.

    Args:
        row: a priced bundle: ``confidence``, ``list_minor``, ``bundle_minor``, ``quantities``.
        products: the catalogue's rows of its items, the anchor first.
        won_over: the share of the anchor's other buyers that an offer wins.
    """
    anchor, units = products[0], row["quantities"]
    month = float(anchor["month_orders"])
    together = month * (row["confidence"] or 0.0)
    won = max(month - together, 0.0) * won_over
    given_away = round(together * (row["list_minor"] - row["bundle_minor"]))
    added = [units[0] - 1, *units[1:]] if len(products) == 1 else [0, *units[1:]]
    held = anchor["price_minor"] * (units[0] - added[0])
    revenue = round(won * (row["bundle_minor"] - held)) - given_away
    costs = [product["cost_minor"] for product in products]
    if None in costs:
        return Incremental(together, won, given_away, revenue, None)
    cost = sum(one * count for one, count in zip(costs, added, strict=True))
    return Incremental(together, won, given_away, revenue, revenue - round(won * cost))


def stock(row: Mapping[str, Any], products: Sequence[Mapping[str, Any]]) -> Stock:
    """What the stock allows: the bundle is as available as its scarcest product.

    Days of cover count at the pace of the last month, in which the product sells alone too.
    """
    tracked = [
        (max(product["stock"], 0) // units, product)
        for product, units in zip(products, row["quantities"], strict=True)
        if product["stock"] is not None
    ]
    if not tracked:
        return Stock(None, None, None)
    sellable, scarce = min(tracked, key=lambda pair: (pair[0], pair[1]["sku"]))
    cover = [
        (max(product["stock"], 0) * MONTH_DAYS // product["month_units"], product["sku"])
        for _, product in tracked
        if product["month_units"] > 0
    ]
    if not cover:
        return Stock(sellable, None, scarce["sku"])
    days, first_out = min(cover)
    return Stock(sellable, days, first_out)
