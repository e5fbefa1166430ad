"""Which objectives a set of products can serve, and how well; the sets come from elsewhere."""

import polars as pl

from pipeline_lib.frames import OBJECTIVES

LEAST_FIT = 0.5  # below it a bundle serves the objective in name only
ONE_SUFFICES = ("clear_slow_movers", "seasonal_promo", "new_launch")  # others carry it
ALL_MUST = ("category_bundle", "subscription_push")
ALWAYS = "increase_aov"  # whatever sells together raises the order's value


def objective_fits(sets: pl.DataFrame, fits: pl.DataFrame, catalog: pl.DataFrame) -> pl.DataFrame:
    """How well each set serves each objective.

    One product suffices to clear stock, to launch and to be in season; a category bundle needs
    all its products in one category, and a subscription all of them used up; the rest is the
    mean over the products.

    Args:
        sets: has ``items``; a set a row.
        fits: what ``score_products`` gives.
        catalog: columns ``PlainCatalog``.

    Returns:
        A row for each set and objective it fits: ``set`` (its row), ``objective``,
        ``objective_fit``; by set, then by objective.
    """
    one = [pl.col(name).max() for name in ONE_SUFFICES]
    alike = pl.col("product_type").n_unique() == 1
    every = [
        pl.col(name).min() * (alike if name == "category_bundle" else pl.lit(value=True))
        for name in ALL_MUST
    ]
    other = [name for name in OBJECTIVES if name not in (*ONE_SUFFICES, *ALL_MUST)]
    return (
        sets.select("items")
        .with_row_index("set")
        .explode("items")
        .rename({"items": "item"})
        .join(fits, on="item")
        .join(catalog.select("item", "product_type"), on="item")
        .group_by("set")
        .agg(*one, *every, *(pl.col(name).mean() for name in other))
        .unpivot(index="set", variable_name="objective", value_name="objective_fit")
        .filter((pl.col("objective_fit") >= LEAST_FIT) | (pl.col("objective") == ALWAYS))
        .sort("set", "objective")
    )


def with_objectives(sets: pl.DataFrame, fits: pl.DataFrame, catalog: pl.DataFrame) -> pl.DataFrame:
    """A candidate for each set and each objective that it serves, in the order of the sets.

    Args:
        sets: candidates without an objective.
        fits: what ``score_products`` gives.
        catalog: columns ``PlainCatalog``.
    """
    choice = objective_fits(sets, fits, catalog)
    together = choice.join(sets.with_row_index("set"), on="set", maintain_order="left")
    return together.drop("set")
