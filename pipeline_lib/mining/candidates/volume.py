"""Products that are bought several at a time, as VOLUME candidates; no price of a tier."""

import polars as pl

from pipeline_lib.mining.evidence import LAST_RUNG
from pipeline_lib.mining.forecast.attach_rate import Z
from pipeline_lib.mining.measures import wilson_low

MIN_ORDERS = 5  # fewer orders of that many could be one customer's whim
MOST_UNITS = 12  # a bigger pack is a wholesale case
SOURCE = "quantity"


def volume_packs(baskets: pl.DataFrame, *, orders: int, most: int) -> pl.DataFrame:
    """Find the pack size that customers choose by themselves.

    The pack of a product is the quantity from 2 to 12 that most of its orders have; the orders
    that count for it are those of that many or more.

    Args:
        baskets: columns ``BasketItems``.
        orders: all orders.
        most: how many candidates at the most.

    Returns:
        Candidates with one item each, most orders first, then by item. What independence
        expects and the lift are null: a single product has neither.
    """
    packs = _packs(baskets, most=most)
    hits, trials = (packs[name].to_numpy() for name in ("orders_together", "item_orders"))
    low = wilson_low(hits=hits, trials=trials, z=Z)
    return packs.select(
        pl.concat_list("item").alias("items"),
        pl.concat_list("pack").alias("quantities"),
        "orders_together",
        pl.concat_list("item_orders").alias("orders_each"),
        pl.lit(orders).alias("orders_total"),
        (pl.col("orders_together") / pl.col("item_orders")).alias("confidence"),
        pl.Series("confidence_low", low),
        pl.lit("VOLUME").alias("bundle_type"),
        pl.lit(SOURCE).alias("source"),
        pl.lit(LAST_RUNG).alias("rung"),
    )


def _packs(baskets: pl.DataFrame, *, most: int) -> pl.DataFrame:
    several = (
        baskets.filter(pl.col("quantity").is_between(2, MOST_UNITS))
        .group_by("item", "quantity")
        .len("times")
        .sort("item", "times", "quantity", descending=[False, True, False])
        .group_by("item", maintain_order=True)
        .agg(pl.col("quantity").first().alias("pack"))
    )
    return (
        baskets.join(several, on="item")
        .group_by("item", "pack")
        .agg(
            (pl.col("quantity") >= pl.col("pack")).sum().cast(pl.Int64).alias("orders_together"),
            pl.len().cast(pl.Int64).alias("item_orders"),
        )
        .filter(pl.col("orders_together") >= MIN_ORDERS)
        .sort("orders_together", "item", descending=[True, False])
        .head(most)
    )
