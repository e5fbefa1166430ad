"""Which candidates an operator lets through, by what they rest on; it ranks and makes none."""

import polars as pl

from pipeline_lib.mining.candidates.content import PRICES
from pipeline_lib.mining.candidates.content import SOURCE as CONTENT
from pipeline_lib.mining.candidates.lookalikes import COMPANY, NEWCOMER
from pipeline_lib.mining.evidence import LAST_RUNG, RUNGS

GUESSED = (CONTENT, PRICES, COMPANY, NEWCOMER)
COUNTED = ("bundle_type", "VOLUME")  # packs stand on no ladder: they hold one product
ENOUGH = 100  # different sets: as many as a shop is shown
STRICT, RELAXED = RUNGS[0][0], RUNGS[1][0]


def name_rungs(
    candidates: pl.DataFrame, *, min_support: float, min_confidence: float
) -> pl.DataFrame:
    """The candidates with ``rung`` named by other bounds of the relaxed one.

    Args:
        candidates: columns ``Candidates``.
        min_support: share of all orders from which on evidence is relaxed.
        min_confidence: share of the anchor's orders from which on it is.
    """
    support = pl.col("orders_together") / pl.col("orders_total")
    rung: pl.Expr = pl.lit(LAST_RUNG)
    for name, of_orders, of_anchor in reversed(RUNGS):
        bounds = (min_support, min_confidence) if name == RELAXED else (of_orders, of_anchor)
        reached = (support >= bounds[0]) & (pl.col("confidence") >= bounds[1])
        rung = pl.when(reached).then(pl.lit(name)).otherwise(rung)
    column, packs = COUNTED
    kept = pl.when(pl.col(column) == packs).then("rung").otherwise(rung)
    return candidates.with_columns(kept.alias("rung"))


def down_the_ladder(candidates: pl.DataFrame) -> pl.DataFrame:
    """The candidates of the highest rungs that hold enough sets, and what stands on no ladder.

    Rung by rung, from strict evidence down, until there are ENOUGH different sets; where all
    rungs together hold fewer, all stay.
    """
    standing = ~_free()
    reached: list[str] = []
    for name in (*(rung for rung, _, _ in RUNGS), LAST_RUNG):
        reached.append(name)
        held = candidates.filter(standing & pl.col("rung").is_in(reached))
        if held.select(pl.col("items").list.sort()).unique().height >= ENOUGH:
            break
    return candidates.filter(_free() | pl.col("rung").is_in(reached))


def only_strict(candidates: pl.DataFrame) -> pl.DataFrame:
    """The candidates of strict evidence; packs and what rests on no orders stay."""
    return candidates.filter(_free() | (pl.col("rung") == STRICT))


def only_bought(candidates: pl.DataFrame) -> pl.DataFrame:
    """The candidates with orders behind them, and not only because their products are alike."""
    guessed = pl.col("source").is_in(GUESSED)
    return candidates.filter(~guessed & (pl.col("orders_together") > 0))


def _free() -> pl.Expr:
    """Whether a candidate stands on no ladder."""
    column, packs = COUNTED
    return (pl.col(column) == packs) | pl.col("source").is_in(GUESSED)
