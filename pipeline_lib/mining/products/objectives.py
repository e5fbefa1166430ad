"""How well each product serves each of the eight objectives, 0 to 1."""

import polars as pl

from pipeline_lib.frames import OBJECTIVES

GIFT_WORDS = (
    "gift|present|hamper|boxed|in box|set of|candle|card|wrap|ribbon|cadeau|geschenk|regalo"
)


def score_products(catalog: pl.DataFrame) -> pl.DataFrame:
    """Score each product for each objective.

    Args:
        catalog: columns ``Catalog``.

    Returns:
        ``item`` and a Float64 column for each of OBJECTIVES, each 0 to 1, by item.
    """
    score = {
        "increase_aov": (_rank("orders") + _rank("price_minor")) / 2,
        "clear_slow_movers": _flag("is_slow_mover") * (1 + _rank("stock")) / 2,
        "seasonal_promo": _flag("is_seasonal"),
        "new_launch": _flag("is_new_launch"),
        "category_bundle": (pl.col("product_type").fill_null("") != "").cast(pl.Float64),
        "gift_box": _words(GIFT_WORDS) * (1 + _rank("price_minor")) / 2,
        "subscription_push": _rank("repeat_rate") * (pl.col("repeat_rate") > 0),
        "margin_guard": _margin(),
    }
    columns = [score[name].cast(pl.Float64).fill_null(0.0).alias(name) for name in OBJECTIVES]
    return catalog.select("item", *columns).sort("item")


def default_scores(catalog: pl.DataFrame) -> pl.DataFrame:
    """The same columns where no product is scored: all serve the first objective, and no other."""
    columns = [pl.lit(float(name == OBJECTIVES[0])).alias(name) for name in OBJECTIVES]
    return catalog.select("item", *columns).sort("item")


def _rank(column: str) -> pl.Expr:
    """The share of products that have less or as much of it, counting the unknown as none."""
    return pl.col(column).fill_null(0).rank("max") / pl.len()


def _flag(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.Float64)


def _words(pattern: str) -> pl.Expr:
    return pl.col("title").fill_null("").str.to_lowercase().str.contains(pattern).cast(pl.Float64)


def _margin() -> pl.Expr:
    """The margin where the cost is known, else what discounts leave of the price."""
    known = pl.col("margin_rate").clip(0, 1)
    estimated = _flag("is_high_margin") * (1 - pl.col("discount_rate"))
    return pl.when(pl.col("margin_basis") == "cost").then(known).otherwise(estimated)
