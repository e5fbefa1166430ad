"""Every bundle of a portfolio with its price, its month and its stock; the rules are elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from operator import mul
from typing import Any

import polars as pl

from pipeline_lib.frames import OfferColumns
from pipeline_lib.pricing.discounts import usual_discounts
from pipeline_lib.pricing.economics import WON_OVER, incremental, stock
from pipeline_lib.pricing.pricing import Price, priced
from pipeline_lib.pricing.tiers import tiers

Row = Mapping[str, Any]


def offered(
    portfolio: pl.DataFrame, catalog: pl.DataFrame, *, currency: str, profile: str
) -> pl.DataFrame:
    """Price every bundle, and say what it is likely to bring and how long it lasts.

    Args:
        portfolio: has ``items``, ``quantities``, ``objective``, ``bundle_type`` and
            ``confidence``.
        catalog: columns ``PlainCatalog``.
        currency: ISO code.
        profile: one of ``discounts.PROFILES``.

    Returns:
        The same rows with ``OfferColumns``; ``margin_pct`` is null without all costs, ``tiers`` is
        empty for what is no VOLUME.
    """
    discount = usual_discounts(catalog, profile=profile)
    known = catalog.with_columns(discount).sort("item").rows(named=True)
    offers = [
        _offer(row, [known[item] for item in row["items"]], currency)
        for row in portfolio.iter_rows(named=True)
    ]
    return portfolio.hstack(pl.DataFrame(offers, schema=OfferColumns.schema))


def _offer(row: Row, products: Sequence[Row], currency: str) -> dict[str, Any]:
    price = _price(row, products, currency)
    shown = {**row, "list_minor": price.list_minor, "bundle_minor": price.bundle_minor}
    month = incremental(shown, products, WON_OVER)
    return {
        "list_minor": price.list_minor,
        "bundle_minor": price.bundle_minor,
        "discount_pct": price.discount_pct,
        "margin_pct": price.margin_pct,
        "bounds": asdict(price.bounds),
        "bit": price.bit,
        "tiers": _tiers(row, products[0], price, currency),
        "incremental": {**asdict(month), "won_over": WON_OVER},
        "stock": asdict(stock(row, products)),
    }


def _price(row: Row, products: Sequence[Row], currency: str) -> Price:
    """List price and cost are sums over the units; the discount is their mean by value."""
    units = row["quantities"]
    values = list(map(mul, (product["price_minor"] for product in products), units))
    costs = [product["cost_minor"] for product in products]
    discounts = [product["discount"] for product in products]
    return priced(
        list_minor=sum(values),
        cost_minor=None if None in costs else sum(map(mul, costs, units)),
        discount=sum(map(mul, values, discounts)) / sum(values),
        objective=row["objective"],
        currency=currency,
    )


def _tiers(row: Row, product: Row, price: Price, currency: str) -> list[dict[str, int]]:
    if row["bundle_type"] != "VOLUME":
        return []
    found = tiers(
        unit_minor=product["price_minor"],
        unit_cost_minor=product["cost_minor"],
        pack=row["quantities"][0],
        first_minor=price.bundle_minor,
        objective=row["objective"],
        currency=currency,
    )
    return [asdict(tier) for tier in found]
