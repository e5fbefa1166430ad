"""How well each product serves each of the eight objectives, 0 to 1."""

import polars as pl

from pipeline_lib.frames import OBJECTIVES

GIFT_WORDS = (
    "gift|present|hamper|boxed|in box|set of|candle|card|wrap|ribbon|cadeau|geschenk|regalo"
)
USED_UP = (  # what is used up, and comes to its end at home
    "tea|teas|coffee|coffees|espresso|matcha|chai|cocoa|chocolate|honey|jam|chutney|syrup|sugar"
    "|flour|oil|sauce|spice|salt|pepper|milk|cheese|bread|biscuits?|cookies?|snacks?|cereal|pasta"
    "|rice|soup|juice|water|soda|cola|beer|wine|fruit|vegetables?|chicken|beef|pork|eggs?|yogurt"
    "|soap|shampoo|detergent|cleaner|lotion|cream|tissues?|napkins?|filters?|capsules?|pods?"
    "|refills?|vitamins?|supplement|diapers?|nappies|batter(?:y|ies)|ground|beans?|loose leaf"
    "|tea bags|kaffee|tee|seife|café|thé|savon|blend|stroopwafels|cantuccini"
)
KEPT_FOR_YEARS = (  # what such words are said of, though it lasts
    "pots?|teapots?|cups?|mugs?|jugs?|bins?|holders?|makers?|press|grinders?|mills?|stands?|plates?"
    "|spoons?|kni(?:fe|ves)|boards?|towels?|trays?|cadd(?:y|ies)|scoops?|infusers?|strainers?"
    "|kettles?|glass(?:es)?|bowls?|clocks?|dispensers?|racks?|jars?|tins|bottles?|whisks?|cos(?:y|ies)"
    "|thermometers?|frothers?|signs?|bags? design|cases?|cutters?|toys?|ornaments?|frames?"
)
LEAST_AGAIN = 0.10  # of the customers, who came back for it
SOONEST, LATEST = 5, 120  # days from one order to the next
MOST_UNITS = 4  # of an order; who takes more buys for others


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
        "subscription_push": _rank("repeat_rate") * _comes_back(),
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


def _comes_back() -> pl.Expr:
    """Whether customers use it up and buy it again, in the quantities of a household."""
    used_up = _has_word(USED_UP) & ~_has_word(KEPT_FOR_YEARS)
    again = (pl.col("repeat_rate") >= LEAST_AGAIN) & pl.col("repeat_days").is_between(
        SOONEST, LATEST
    )
    few = pl.col("usual_units").fill_null(1) <= MOST_UNITS
    return (used_up & again & few).fill_null(value=False).cast(pl.Float64)


def _has_word(words: str) -> pl.Expr:
    title = pl.col("title").fill_null("").str.to_lowercase()
    return title.str.contains(rf"\b(?:{words})\b")


def _flag(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.Float64)


def _words(pattern: str) -> pl.Expr:
    return pl.col("title").fill_null("").str.to_lowercase().str.contains(pattern).cast(pl.Float64)


def _margin() -> pl.Expr:
    """The margin where the cost is known, else what discounts leave of the price."""
    known = pl.col("margin_rate").clip(0, 1)
    estimated = _flag("is_high_margin") * (1 - pl.col("discount_rate"))
    return pl.when(pl.col("margin_basis") == "cost").then(known).otherwise(estimated)
