"""Series of one category from cheap to dear, as MIX candidates; what was bought decides nothing."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

STEPS = 3
SOURCE = "category"


def price_ladders(catalog: pl.DataFrame, *, most: int) -> NDArray[np.int64]:
    """Take from each category series of three products at rising prices, the busiest first.

    A category's products, different ones and not variants, are split at its price terciles; the
    n-th series takes the n-th busiest product of each third.

    Args:
        catalog: columns ``PlainCatalog``.
        most: how many series at the most.

    Returns:
        (n, 3) item codes, ascending in a row; busiest series first, then by code.
    """
    steps = (
        catalog.filter(pl.col("product_type").fill_null("") != "")
        .sort("orders", "item", descending=[True, False])
        .unique("product_key", keep="first", maintain_order=True)
        .with_columns(
            pl.col("price_minor").rank("ordinal").over("product_type").alias("place"),
            pl.len().over("product_type").alias("size"),
        )
        .filter(pl.col("size") >= STEPS)
        .with_columns(((pl.col("place") - 1) * STEPS // pl.col("size")).alias("step"))
        .with_columns(
            pl.col("orders")
            .rank("ordinal", descending=True)
            .over("product_type", "step")
            .alias("turn")
        )
    )
    series = (
        steps.group_by("product_type", "turn")
        .agg(pl.col("item").sort(), pl.col("step").n_unique(), pl.col("orders").sum())
        .filter(pl.col("step") == STEPS)
        .sort("orders", "item", descending=[True, False])
        .head(most)
    )
    return np.array(series["item"].to_list(), dtype=np.int64).reshape(-1, STEPS)
