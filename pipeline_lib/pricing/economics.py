"""What a bundle at its price is likely to bring in a month, and how long its stock lasts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from pipeline_lib.mining.measures import Floats
from pipeline_lib.ranking.gain import Pages, means
from pipeline_lib.ranking.response import Response, attach_rate_when_shown

MONTH_DAYS = 30


class Month(NamedTuple):
    """A month of n bundles against a month without them: arrays (n,), money in minor units.

    ``together``: orders that would hold it anyway; ``won``: orders that the offer adds;
    ``won_over``: their share of the orders that would not hold it; ``given_away``: the discount
    on those that needed none; ``revenue``: what is more in the till.
    """

    together: Floats
    won: Floats
    won_over: Floats
    given_away: Floats
    revenue: Floats


@dataclass(frozen=True)
class Stock:
    """How many bundles the stock allows, for how many days, and which product ends it.

    None where no product's stock is known; ``days`` is None too where nothing is selling.
    """

    sellable: int | None
    days: int | None
    first_out: str | None


def month_of(pages: Pages, off: Floats, response: Response) -> Month:
    """A month of each bundle with so much money off, all at their means."""
    draws, money = means(pages, response), off[:, None]
    price = np.maximum(pages.price, 1e-9)
    shown = attach_rate_when_shown(
        draws.attach[:, :, 0],
        price_left=np.clip(1 - money / price, 1e-3, 1.0),
        theta=response.theta,
        beta=response.beta,
    )
    won = pages.orders * (shown - draws.attach[:, :, 0])
    together = (pages.orders * pages.attach).max(axis=1)
    others = (pages.orders * (1 - pages.attach)).sum(axis=1)
    given_away = off * together
    return Month(
        together=together,
        won=won.sum(axis=1),
        won_over=won.sum(axis=1) / np.maximum(others, 1e-9),
        given_away=given_away,
        revenue=(won * (price - money)).sum(axis=1) - given_away,
    )


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
