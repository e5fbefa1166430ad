"""Ten bundles for a shop that sees its first ones, in seconds; the full chain replaces them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import polars as pl

from pipeline_lib.frames import Catalog, Worded
from pipeline_lib.mining.baskets import CodedShop
from pipeline_lib.mining.candidates.duplicates import bundle_key
from pipeline_lib.mining.evidence import evidence_of_sets, with_anchor_first
from pipeline_lib.pricing.bundle_offers import DISCOUNTED, TOGETHER
from pipeline_lib.pricing.pricing import Price, price_bundle
from pipeline_lib.recommendations.assembly import Origin, recommendation
from pipeline_lib.recommendations.reasons import BundleFacts, explain_bundle
from pipeline_lib.recommendations.wording import write_copy
from pipeline_lib.records.recommendations import Recommendation

BASE, SLOW_MOVER, HIGH_MARGIN = 0.5, 0.3, 0.2
DISCOUNT = 0.10
OBJECTIVE, BUNDLE_TYPE, SOURCE = "increase_aov", "FBT", "co_purchase"

UNMEASURED: Mapping[str, Any] = {  # what a preview does not look at
    "novelty": 0.0,
    "incremental": None,
    "stock": None,
    "gain": None,
    "series": False,
    "others": [],
    "options": [],
}


def preview_pairs(
    shop: CodedShop, flagged: pl.DataFrame, *, products: int, most: int
) -> pl.DataFrame:
    """Pair the products that sell most with each other, by the orders that hold both.

    Args:
        shop: catalogue, orders and baskets.
        flagged: what ``with_flags`` makes of the catalogue.
        products: how many are looked at, the most sold.
        most: how many pairs are wanted.

    Returns:
        At most ``most`` rows with the evidence of ``evidence_of_sets``, ``key`` and
        ``ranking_score`` (the sum of both products' scores, 0.5 plus 0.3 for a slow mover and
        0.2 for a high margin), most orders first. Each pair of an order counts once.
    """
    top = flagged.sort("units", "item", descending=[True, False]).head(products)["item"]
    held = (
        shop.baskets.filter(pl.col("item").is_in(top.implode()))
        .select("order", "item")
        .join(shop.catalog.select("item", "product_key"), on="item")
    )
    pairs = (
        held.join(held, on="order", suffix="_right")
        .filter(pl.col("item") < pl.col("item_right"))
        .filter(pl.col("product_key") != pl.col("product_key_right"))
        .group_by("item", "item_right")
        .len("together")
        .sort("together", "item", "item_right", descending=[True, False, False])
        .head(most)
    )
    return _stated(pairs, shop, flagged)


def preview_recommendations(
    bundles: pl.DataFrame, catalog: pl.DataFrame, origin: Origin
) -> list[Recommendation]:
    """The preview as recommendations of wave 0: ten per cent off, and worded by template."""
    products = list(Catalog.rows(catalog.sort(Catalog.item.name)))
    return [
        _recommendation(row, [products[item] for item in row["items"]], origin, rank=place)
        for place, row in enumerate(bundles.iter_rows(named=True), start=1)
    ]


def _recommendation(
    row: Mapping[str, Any], products: Sequence[Catalog], origin: Origin, *, rank: int
) -> Recommendation:
    names = [product.title for product in products]
    price = _price(products, origin.currency)
    text = write_copy(
        names=names,
        units=row["quantities"],
        bundle_type=BUNDLE_TYPE,
        objective=OBJECTIVE,
        cheaper=price.bundle_minor < price.list_minor,
        key=row["key"],
    )
    facts = BundleFacts([product.stored for product in products], None, origin.currency)
    told = explain_bundle({**row, "objective": OBJECTIVE, "gain": None}, facts)
    offer = DISCOUNTED if price.bundle_minor < price.list_minor else TOGETHER
    scored = {"score_parts": {"products": row["ranking_score"]}, **UNMEASURED, "offer": offer}
    shown = {"rank_position": rank, "wave": 0, "explanation": told, "ai_copy": text._asdict()}
    money = {
        **asdict(price),
        "discount_pct": price.discount_pct,
        "margin_pct": price.margin_pct,
    }
    return recommendation(Worded({**row, **scored, **shown, **money}), products, origin)


def _price(products: Sequence[Catalog], currency: str) -> Price:
    costs = [product.cost_minor for product in products]
    return price_bundle(
        list_minor=sum(product.price_minor for product in products),
        cost_minor=None if None in costs else sum(cost or 0 for cost in costs),
        discount=DISCOUNT,
        objective=OBJECTIVE,
        currency=currency,
    )


def _stated(pairs: pl.DataFrame, shop: CodedShop, flagged: pl.DataFrame) -> pl.DataFrame:
    item_orders = np.bincount(shop.baskets["item"].to_numpy(), minlength=len(shop.catalog))
    sets = pairs.select("item", "item_right").to_numpy().astype(np.int64).reshape(-1, 2)
    roles = with_anchor_first(sets, item_orders)
    together = pairs["together"].to_numpy().astype(np.int64)
    frame = evidence_of_sets(roles, together, item_orders=item_orders, orders=len(shop.orders))
    score = (
        flagged.sort("item")
        .select(
            BASE + SLOW_MOVER * pl.col("is_slow_mover") + HIGH_MARGIN * pl.col("is_high_margin")
        )
        .to_series()
        .to_numpy()
    )
    skus = flagged.sort("item")["sku"].to_list()
    keys = [bundle_key(BUNDLE_TYPE, OBJECTIVE, [skus[item] for item in row]) for row in roles]
    return frame.with_columns(
        pl.Series("key", keys, dtype=pl.String),
        pl.Series("ranking_score", score[roles].sum(axis=1).round(9), dtype=pl.Float64),
        pl.lit(BUNDLE_TYPE).alias("bundle_type"),
        pl.lit(OBJECTIVE).alias("objective"),
        pl.lit(SOURCE).alias("source"),
        pl.lit(None, dtype=pl.Float64).alias("similarity"),
        pl.lit(None, dtype=pl.Float64).alias("q_value"),
        pl.lit(None, dtype=pl.Float64).alias("forecast"),
        pl.col("items").list.eval(pl.lit(1, dtype=pl.Int32)).alias("quantities"),
    )
