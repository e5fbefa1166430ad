"""How the prices of a portfolio came about, what its months bring and what its stock allows."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import polars as pl

from pipeline_lib.frames import PriceColumns
from pipeline_lib.pricing.bundle_offers import BY_LIST, Till, cost_of
from pipeline_lib.pricing.economics import month_of, stock
from pipeline_lib.pricing.pricing import Bounds, Price, bounds
from pipeline_lib.pricing.tiers import tiers
from pipeline_lib.ranking.gain import draw, gains, spread_of
from pipeline_lib.ranking.pages import pages_of

Row = Mapping[str, Any]


def with_prices(portfolio: pl.DataFrame, catalog: pl.DataFrame, till: Till) -> pl.DataFrame:
    """Say of every offer how its price came about, what its month brings and what stock allows.

    Args:
        portfolio: columns ``Candidates`` and ``OfferColumns``.
        catalog: columns ``PlainCatalog``.
        till: what prices were made with.

    Returns:
        The same rows with the columns ``PriceColumns``; ``margin_pct`` is null without all costs,
        ``tiers`` is empty for what is no VOLUME.
    """
    known = catalog.sort("item").rows(named=True)
    pages = pages_of(portfolio, catalog)
    month = month_of(pages, portfolio["off_minor"].to_numpy().astype(np.float64), till.response)
    prices = []
    for place, row in enumerate(portfolio.iter_rows(named=True)):
        products = [known[item] for item in row["items"]]
        figures = {name: float(part[place]) for name, part in month._asdict().items()}
        prices.append(_price_record(row, products, figures, till.currency))
    return portfolio.hstack(pl.DataFrame(prices, schema=PriceColumns.schema))


def list_gain(portfolio: pl.DataFrame, catalog: pl.DataFrame, till: Till) -> dict[str, float]:
    """What the whole list gains in a month, and its range.

    The response is the shop's, so the gains of its offers rise and fall together: their ranges
    add, they do not average out.
    """
    pages = pages_of(portfolio, catalog)
    off = portfolio["off_minor"].to_numpy().astype(np.float64)
    points = gains(pages, off, draw(pages, till.response))
    whole = spread_of(points.sum(axis=0, keepdims=True))
    return {name: round(float(part[0]), 2) for name, part in whole._asdict().items()}


def _price_record(
    row: Row, products: Sequence[Row], month: Mapping[str, float], currency: str
) -> dict[str, Any]:
    cost, gain = cost_of(products, row["quantities"]), row["gain"]
    allowed = _bounds_of(row, cost)
    price = Price(row["list_minor"], row["bundle_minor"], cost, allowed, row["bit"])
    return {
        "discount_pct": price.discount_pct,
        "margin_pct": price.margin_pct,
        "bounds": asdict(allowed),
        "tiers": _tiers(row, products[0], price, currency),
        "incremental": {
            **{name: round(month[name], 6) for name in ("together", "won", "won_over")},
            **{name: round(month[name]) for name in ("given_away", "revenue")},
            "profit": None if cost is None or gain is None else round(gain["expected"]),
        },
        "stock": asdict(stock(row, products)),
    }


def _bounds_of(row: Row, cost: int | None) -> Bounds:
    """The objective's bounds; where no discount pays, the list price stands above them."""
    allowed = bounds(row["list_minor"], cost, row["objective"])
    if row["bundle_minor"] <= allowed.high:
        return allowed
    return replace(allowed, high=row["list_minor"], high_by=BY_LIST)


def _tiers(row: Row, product: Row, price: Price, currency: str) -> list[dict[str, int]]:
    if row["bundle_type"] != "VOLUME" or not row["off_minor"]:
        return []
    found = tiers(
        unit_minor=product["price_minor"],
        unit_cost_minor=product["cost_minor"] or None,
        pack=row["quantities"][0],
        first_minor=price.bundle_minor,
        objective=row["objective"],
        currency=currency,
    )
    return [asdict(tier) for tier in found]
