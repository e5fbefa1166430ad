"""Ranks the distinct bundles and chooses what a merchant is shown; prices come later."""

import polars as pl

from pipeline_lib.messages import Outcome
from pipeline_lib.portfolio.stocked import Selection, as_ranked, selected
from pipeline_lib.ranking.shelf import (
    DEFAULT,
    FIXED,
    PROFILES,
    UNWEIGHTED,
    filled,
    numbered,
    ranked,
)
from pipeline_lib.runs.job import Job

DAY_S = 86_400
OPTIMIZED = ("phase.enterprise_optimization", "advanced.pareto_optimization")


def run(job: Job) -> Outcome:
    """Read the distinct bundles, keep the portfolio, best first.

    Raises:
        MissingArtefact: an earlier phase kept nothing.
    """
    bundles = job.artefacts.frame("distinct")
    catalog = job.artefacts.frame("catalog")

    profile = _profile(job)
    pool = ranked(bundles, catalog, PROFILES[profile])
    job.beat("Choosing among portfolios", share=0.5, ranked=len(pool))
    selection = _selected(job, pool, catalog)
    portfolio = numbered(pool[filled(selection.rows, pool)])

    job.artefacts.keep("portfolio", portfolio)
    record = {"profile": profile, "weights": PROFILES[profile], "portfolio": selection.record}
    job.artefacts.keep_json("ranking.json", record)
    return Outcome(
        read={"distinct": len(bundles)},
        kept={"ranked": len(pool), "chosen": len(portfolio)},
        then=("price",),
    )


def _profile(job: Job) -> str:
    """By what bundles are ranked: as the upload asks, where the flags allow it."""
    if not job.flags["phase.weighted_ranking"]:
        return UNWEIGHTED
    asked: str = job.parameters.get("ranking", DEFAULT)
    return asked if job.flags["phase.ml_optimization"] else FIXED


def _selected(job: Job, pool: pl.DataFrame, catalog: pl.DataFrame) -> Selection:
    if not all(job.flags[name] for name in OPTIMIZED):
        return as_ranked(pool)
    if not job.flags["advanced.constraint_management"]:
        catalog = catalog.with_columns(stock=pl.lit(None, dtype=pl.Int64))
    return selected(pool, catalog, days=_days(job))


def _days(job: Job) -> float:
    """How many days the shop's orders span."""
    at = pl.col("ordered_at")
    span = (at.max() - at.min()).dt.total_seconds() / DAY_S
    orders = job.artefacts.frame("orders", columns=["ordered_at"])
    return float(orders.select(span.fill_null(0.0)).item())
