"""The parts of a candidate's score and their weights by profile; the list is chosen elsewhere."""

from collections.abc import Mapping

import numpy as np
import polars as pl

GAIN, AFFINITY, FIXED, UNWEIGHTED = "gain", "affinity", "seeds", "confidence"
PROFILES: Mapping[str, Mapping[str, float]] = {
    # what a bundle is expected to earn in a month
    GAIN: {"gain": 1.0},
    # what finds most on orders not seen (`bundles backtest`); the rest only breaks ties
    AFFINITY: {
        "forecast": 0.97,
        "objective_fit": 0.01,
        "inventory": 0.01,
        "price_sanity": 0.01,
    },
    FIXED: {
        "confidence": 0.35,
        "lift": 0.25,
        "objective_fit": 0.20,
        "inventory": 0.10,
        "price_sanity": 0.10,
    },
    # one figure that everybody can follow
    UNWEIGHTED: {"confidence": 1.0},
}
PARTS = ("gain", "forecast", "confidence", "lift", "objective_fit", "inventory", "price_sanity")
HARDLY = 1e-6  # of what an order tells of
DEAREST_RATIO = 8.0  # beyond it the cheaper product looks like an afterthought


def ranking_profile(asked: str, *, weighted: bool, learned: bool) -> str:
    """By what bundles are ranked: as asked, where an operator lets weights and forecasts be."""
    if not weighted:
        return UNWEIGHTED
    return asked if learned else FIXED


def parts(candidates: pl.DataFrame, catalog: pl.DataFrame) -> pl.DataFrame:
    """The parts of each candidate's score, each 0 to 1.

    ``gain`` and ``forecast`` are relative to the run's best, and ``gain`` may be below 0; a bundle
    of which no order tells what it gains has a millionth of its similarity. ``confidence`` is the
    lower bound, or a tenth of the similarity where nothing was bought; ``lift`` the share of the
    bundle's orders that chance does not explain, 1 - 1/lift, weighed by the logarithm of their
    number; ``inventory`` the share of the products that are in stock or untracked;
    ``price_sanity`` falls from 1 at equal prices to 0 where the dearest costs eight times the
    cheapest.

    Args:
        candidates: columns ``Candidates``; ``gain_minor`` with the price that it is offered at.
        catalog: columns ``PlainCatalog``, by item.

    Returns:
        One Float64 column for each of PARTS; rows as in ``candidates``.
    """
    beyond_chance = (1 - 1 / pl.col("lift")).clip(0, 1).fill_null(0.0)
    weight = ((1 + pl.col("orders_together")).log() / np.log(1_000)).clip(0, 1)
    guessed = pl.col("similarity").fill_null(0.0) / 10
    best = pl.col("forecast").max().clip(lower_bound=1e-12)
    most = pl.col("gain_minor").max().clip(lower_bound=1e-9).fill_null(1.0)
    unknown = pl.col("similarity").fill_null(0.0) * HARDLY
    of_bundle = candidates.select(
        (pl.col("gain_minor") / most).fill_null(unknown).alias("gain"),
        (pl.col("forecast").fill_null(0.0) / best).alias("forecast"),
        pl.max_horizontal(pl.col("confidence_low").fill_null(0.0), guessed).alias("confidence"),
        (beyond_chance * weight).alias("lift"),
        "objective_fit",
    )
    return pl.concat([of_bundle, _of_products(candidates, catalog)], how="horizontal").select(PARTS)


def _of_products(candidates: pl.DataFrame, catalog: pl.DataFrame) -> pl.DataFrame:
    ratio = pl.col("price_minor").max() / pl.col("price_minor").min()
    return (
        candidates.select("items")
        .with_row_index("row")
        .explode("items")
        .rename({"items": "item"})
        .join(catalog.select("item", "price_minor", "stock"), on="item", maintain_order="left")
        .group_by("row", maintain_order=True)
        .agg(
            ((pl.col("stock") > 0).fill_null(value=True)).mean().alias("inventory"),
            (1 - ratio.log() / np.log(DEAREST_RATIO)).clip(0, 1).alias("price_sanity"),
        )
        .sort("row")
        .select("inventory", "price_sanity")
    )


def score(features: pl.DataFrame, weights: Mapping[str, float]) -> pl.Series:
    """The weighted sum of the parts, rounded so that no platform's arithmetic changes a rank."""
    total = pl.sum_horizontal(pl.col(name) * weight for name, weight in weights.items())
    return features.select(total.round(9)).to_series().alias("ranking_score")
