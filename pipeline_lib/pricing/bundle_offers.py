"""The offer of every bundle: its price by the shop's profile, and what it gains at it."""

from collections.abc import Mapping, Sequence
from operator import mul
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl

from pipeline_lib.frames import OfferColumns
from pipeline_lib.pricing.discounts import BEST_PRICES, usual_discounts
from pipeline_lib.pricing.endings import learn_endings, whole_unit
from pipeline_lib.pricing.offers import BestOffers, PriceRoom, best_offers
from pipeline_lib.pricing.pricing import CAPS_PCT, Price, price_bundle
from pipeline_lib.ranking.gain import (
    Pages,
    clears,
    draw,
    gain_at_list_price,
    gains,
    is_seen,
    spread_of,
)
from pipeline_lib.ranking.pages import pages_of
from pipeline_lib.ranking.response import Response

if TYPE_CHECKING:
    from numpy.typing import NDArray

TOGETHER, DISCOUNTED, CLEARANCE, TIERS, BOGO = (
    "together",
    "discounted",
    "clearance",
    "tiers",
    "bogo",
)
OF_TYPE = {"VOLUME": TIERS, "BOGO": BOGO}
FROM_COST, FROM_SETTING = "cost", "setting"
BY_GAIN, BY_LIST = "gain", "list_price"  # what decided a price

Row = Mapping[str, Any]


class Till(NamedTuple):
    """What prices are made with: the shop's currency, its profile of prices, its response."""

    currency: str
    profile: str
    response: Response


def with_offers(bundles: pl.DataFrame, catalog: pl.DataFrame, till: Till) -> pl.DataFrame:
    """Give every bundle the price of the profile, and say what it gains at it.

    Args:
        bundles: columns ``Candidates``.
        catalog: columns ``PlainCatalog``.
        till: what prices are made with.

    Returns:
        The same rows with the columns ``OfferColumns``. ``offer`` says what kind it is; ``gain``
        holds a month's expectation and its 10-90 % range in minor units, null where no order tells.
    """
    known = catalog.sort("item")
    pages = pages_of(bundles, known)
    room = price_room(bundles, known)
    found, decided_by = _priced_by_profile(bundles, known, till, pages, room)
    money = _money(pages, found, till.response)
    clearing = clears(pages, till.response)
    kinds = [
        _kind(kind, off=bool(off), clearing=bool(clear))
        for kind, off, clear in zip(bundles["bundle_type"], found.off, clearing, strict=True)
    ]
    off = found.off.astype(np.int64)
    offers = {
        "list_minor": room.listed,
        "bundle_minor": room.listed - off,
        "off_minor": off,
        "bit": decided_by,
        "offer": kinds,
        "clears": clearing,
        "gain": money,
    }
    expected = [None if one is None else one["expected"] for one in money]
    return bundles.with_columns(pl.Series("gain_minor", expected, dtype=pl.Float64)).hstack(
        pl.DataFrame(offers, schema=OfferColumns.schema)
    )


def price_room(bundles: pl.DataFrame, known: pl.DataFrame) -> PriceRoom:
    """Between which prices the bundles may lie.

    The floor leaves the cost covered when the shop's usual discount is taken off as well.
    """
    costs, prices, given = (
        known[name].to_list() for name in ("cost_minor", "price_minor", "discount_rate")
    )
    listed, floors, caps = [], [], []
    for items, units, objective in bundles.select("items", "quantities", "objective").iter_rows():
        whole = sum(map(mul, (prices[item] for item in items), units))
        held = [costs[item] or None for item in items]
        cost = 0 if None in held else sum(map(mul, held, units))
        other = max((given[item] for item in items), default=0.0)
        listed.append(whole)
        floors.append(min(int(np.ceil(cost / max(1 - other, 0.01))), whole))
        caps.append(CAPS_PCT[objective])
    least, most = np.array(caps, dtype=np.float64).reshape(-1, 2).T / 100
    whole_prices = np.array(listed, dtype=np.int64)
    return PriceRoom(whole_prices, np.array(floors, dtype=np.int64), least, most)


def _priced_by_profile(
    bundles: pl.DataFrame, known: pl.DataFrame, till: Till, pages: Pages, room: PriceRoom
) -> tuple[BestOffers, list[str]]:
    """The best offers by the profile, and what decided each price."""
    if till.profile == BEST_PRICES:
        unit = whole_unit(till.currency)
        endings = learn_endings(known["price_minor"].to_list(), unit=unit)
        best = best_offers(pages, room, till.response, endings=endings, unit=unit)
        return best, [BY_GAIN if off else BY_LIST for off in best.off]
    usual = _usual_prices(bundles, known, till)
    off = np.array([price.list_minor - price.bundle_minor for price in usual], dtype=np.float64)
    found = BestOffers(off, gains(pages, off, draw(pages, till.response)))
    return found, [price.bit for price in usual]


def _usual_prices(bundles: pl.DataFrame, known: pl.DataFrame, till: Till) -> list[Price]:
    discount = usual_discounts(known, profile=till.profile).to_list()
    products = known.rows(named=True)
    return [
        _usual_price(
            row,
            [products[item] for item in row["items"]],
            [discount[item] for item in row["items"]],
            till.currency,
        )
        for row in bundles.select("items", "quantities", "objective").iter_rows(named=True)
    ]


def _usual_price(
    row: Row, products: Sequence[Row], discounts: Sequence[float], currency: str
) -> Price:
    """List price and cost are sums over the units; the discount is their mean by value."""
    units = row["quantities"]
    values = list(map(mul, (product["price_minor"] for product in products), units))
    return price_bundle(
        list_minor=sum(values),
        cost_minor=cost_of(products, units),
        discount=sum(map(mul, values, discounts)) / sum(values),
        objective=row["objective"],
        currency=currency,
    )


def cost_of(products: Sequence[Row], units: Sequence[int]) -> int | None:
    """What so many units cost; None where a cost is unknown, as one of 0 is."""
    costs = [product["cost_minor"] or None for product in products]
    return None if None in costs else sum(map(mul, costs, units))


def _money(pages: Pages, found: BestOffers, response: Response) -> list[dict[str, Any] | None]:
    """The column ``gain``: to hundredths of a minor unit, so that no rank hangs on rounding."""
    seen, listed = is_seen(pages), gain_at_list_price(pages, response)
    whole = {**spread_of(found.points)._asdict(), "at_list_price": listed}
    unknown = np.isnan(pages.margin) & (pages.orders > 0)
    guessed: NDArray[np.bool_] = np.asarray(unknown.any(axis=1))
    return [
        {
            **{name: round(float(part[row]), 2) for name, part in whole.items()},
            "margin_from": FROM_SETTING if guessed[row] else FROM_COST,
        }
        if seen[row]
        else None
        for row in range(len(pages))
    ]


def _kind(bundle_type: str, *, off: bool, clearing: bool) -> str:
    if not off:
        return TOGETHER
    return CLEARANCE if clearing else OF_TYPE.get(bundle_type, DISCOUNTED)
