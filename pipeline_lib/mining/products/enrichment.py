"""What is derived about each product: a type from its title, and the four flags."""

from datetime import datetime, timedelta

import polars as pl

SLOW_QUANTILE = 0.2  # the fifth that sells slowest
HIGH_MARGIN_QUANTILE = 0.75
NEW = timedelta(days=30)
SEASONAL_SHARE = 0.75  # of a year's units in two neighbouring months; an even year has 0.17
SEASONAL_WORDS = (
    "christmas|xmas|advent|santa|snowman|reindeer|nativity|winter|easter|halloween|pumpkin"
    "|valentine|mother'?s day|father'?s day|summer|spring|autumn|bbq|picnic|thanksgiving"
    "|noël|noel|weihnacht|ostern|navidad"
)
LEAST_OF_A_KIND = 4  # fewer products make no category
MOST_OF_A_KIND = 0.10  # of all: a word pair that so many share is a brand


def with_flags(catalog: pl.DataFrame, *, as_of: datetime | None) -> pl.DataFrame:
    """The catalogue with its four flags and what the margin flag rests on.

    Args:
        catalog: columns ``PlainCatalog``.
        as_of: when the newest order was placed; None where there are no orders, and then no
            product is a slow mover.

    Returns:
        The same rows with ``units_per_day`` (over the days since the product was first sold or
        made), ``margin_rate`` (null without a cost), ``margin_basis`` (``cost`` or ``discount``)
        and the columns FLAGS.
    """
    words = pl.concat_str(pl.col("title", "tags").fill_null(""), separator=" ").str.to_lowercase()
    margin = (pl.col("price_minor") - pl.col("cost_minor")) / pl.col("price_minor")
    known = catalog.with_columns(
        _units_per_day(as_of),
        margin.alias("margin_rate"),
        pl.when(margin.is_null())
        .then(pl.lit("discount"))
        .otherwise(pl.lit("cost"))
        .alias("margin_basis"),
    )
    return known.with_columns(
        _slow(as_of).alias("is_slow_mover"),
        _high_margin().alias("is_high_margin"),
        _new(as_of).alias("is_new_launch"),
        (words.str.contains(SEASONAL_WORDS) | (pl.col("season_share") >= SEASONAL_SHARE))
        .fill_null(value=False)
        .alias("is_seasonal"),
    )


def _units_per_day(as_of: datetime | None) -> pl.Expr:
    if as_of is None:
        return pl.lit(0.0).alias("units_per_day")
    since = pl.col("created_at").fill_null(pl.col("first_sold"))
    since = pl.min_horizontal(since, pl.col("first_sold"))
    days = (pl.lit(as_of) - since).dt.total_seconds() / 86_400
    return (pl.col("units") / days.clip(lower_bound=1)).fill_null(0.0).alias("units_per_day")


def _slow(as_of: datetime | None) -> pl.Expr:
    if as_of is None:
        return pl.lit(value=False)
    slow = pl.col("units_per_day") <= pl.col("units_per_day").quantile(SLOW_QUANTILE)
    return slow & ~_new(as_of)


def _high_margin() -> pl.Expr:
    by_cost = pl.col("margin_rate") >= pl.col("margin_rate").quantile(HIGH_MARGIN_QUANTILE)
    by_discount = (pl.col("discount_rate") == 0) & (pl.col("orders") > 0)
    any_discount = pl.col("discount_rate").max() > 0
    return by_cost.fill_null(by_discount & any_discount).fill_null(value=False)


def _new(as_of: datetime | None) -> pl.Expr:
    """Made or first sold in the last 30 days, by a shop whose orders reach back twice as far."""
    if as_of is None:
        return pl.lit(value=False)
    long_enough = pl.col("first_sold").min() < as_of - 2 * NEW
    since = pl.when(long_enough).then(pl.col("first_sold"))
    return (pl.col("created_at").fill_null(since) > as_of - NEW).fill_null(value=False)


def with_kinds(catalog: pl.DataFrame) -> pl.DataFrame:
    """The catalogue with a product type for all whose title shows one.

    A product without a type takes the two neighbouring words of its title that most other
    titles have too ("lunch bag"); single words are mostly colours. What shares no two words
    stays without a type.

    Args:
        catalog: columns ``PlainCatalog``.

    Returns:
        The same rows with ``own_type``, what the shop itself wrote (null where it wrote nothing).
    """
    untyped = catalog.filter(pl.col("product_type").fill_null("") == "").select("item", "title")
    typed = _best(_word_pairs(untyped))
    return (
        catalog.join(typed, on="item", how="left", maintain_order="left")
        .with_columns(
            pl.when(pl.col("product_type") != "").then("product_type").alias("own_type"),
            pl.when(pl.col("product_type").fill_null("") == "")
            .then(pl.col("kind"))
            .otherwise(pl.col("product_type"))
            .alias("product_type"),
        )
        .drop("kind")
    )


def _neighbours() -> pl.Expr:
    return pl.concat_str(pl.element(), pl.element().shift(-1), separator=" ").drop_nulls()


def _word_pairs(titles: pl.DataFrame) -> pl.DataFrame:
    """The neighbouring words of each title, a row each, with how many titles have them."""
    words = pl.col("title").str.to_lowercase().str.extract_all(r"\p{L}{3,}").alias("words")
    pairs = (
        titles.select("item", words)
        .select("item", pl.col("words").list.eval(_neighbours()).alias("kind"))
        .explode("kind")
        .drop_nulls()
        .with_row_index("place")
        .unique(["item", "kind"], keep="last", maintain_order=True)
        .with_columns(pl.len().over("kind").alias("titles"))
    )
    most = max(MOST_OF_A_KIND * len(titles), LEAST_OF_A_KIND)
    return pairs.filter(pl.col("titles").is_between(LEAST_OF_A_KIND, most))


def _best(pairs: pl.DataFrame) -> pl.DataFrame:
    ranked = pairs.sort("item", "titles", "place", descending=[False, True, True])
    return ranked.unique("item", keep="first", maintain_order=True).select("item", "kind")
