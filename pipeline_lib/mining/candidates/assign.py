"""Which objectives a set of products can serve, and how well; the sets come from elsewhere."""

import polars as pl

from pipeline_lib.frames import OBJECTIVES

LEAST_FIT = 0.5  # below it a bundle serves the objective in name only
ONE_SUFFICES = (
    "clear_slow_movers",
    "seasonal_promo",
    "new_launch",
    "gift_box",
)  # others carry it
ALL_MUST = ("category_bundle",)
ALWAYS = "increase_aov"  # whatever sells together raises the order's value


def fitted(sets: pl.DataFrame, fits: pl.DataFrame, catalog: pl.DataFrame) -> pl.DataFrame:
    """How well each set serves each objective.

    One product suffices to clear stock, to launch, to be in season and to be a gift; a category
    bundle needs all its products in one category; the rest is the mean over the products.

    Args:
        sets: has ``items``; a set a row.
        fits: what ``objectives.scored`` gives.
        catalog: columns ``PlainCatalog``.

    Returns:
        A row for each set and objective it fits: ``set`` (its row), ``objective``,
        ``objective_fit``; by set, then by objective.
    """
    one = [pl.col(name).max() for name in ONE_SUFFICES]
    every = [pl.col(name).min() * (pl.col("product_type").n_unique() == 1) for name in ALL_MUST]
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


def assigned(
    sets: pl.DataFrame, fits: pl.DataFrame, catalog: pl.DataFrame, *, strength: str, most: int
) -> pl.DataFrame:
    """Give each objective its strongest sets: one candidate for each set and objective.

    Args:
        sets: candidates without an objective, with the column named by ``strength``.
        fits: what ``objectives.scored`` gives.
        catalog: columns ``PlainCatalog``.
        strength: the column to rank by, times the fit; a null counts as none.
        most: how many sets an objective gets at the most.

    Returns:
        The rows of ``sets`` with ``objective`` and ``objective_fit``, objective by objective,
        strongest first, then as in ``sets``.
    """
    choice = fitted(sets, fits, catalog).join(sets.with_row_index("set"), on="set")
    pull = (pl.col(strength).fill_null(0.0) * pl.col("objective_fit")).round(9)
    ranked = choice.with_columns(pull.alias("pull")).sort(
        "objective", "pull", "set", descending=[False, True, False]
    )
    return ranked.group_by("objective", maintain_order=True).head(most).drop("pull", "set")
