"""Ranks the distinct bundles and chooses what a merchant is shown; prices come later."""

import polars as pl

from pipeline_lib import frames, reports
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
from pipeline_lib.reports import RankingRecord
from pipeline_lib.runs.job import Job

DAY_S = 86_400


def run(job: Job) -> Outcome:
    """Read the distinct bundles, keep the portfolio, best first.

    Raises:
        MissingArtefact: an earlier phase kept nothing.
    """
    bundles = job.artefacts.frame(frames.Distinct)
    catalog = job.artefacts.frame(frames.Catalog)

    profile = _profile(job)
    pool = ranked(bundles, catalog, PROFILES[profile])
    job.beat("Choosing among portfolios", share=0.5, ranked=len(pool))
    selection = _selected(job, pool, catalog)
    portfolio = numbered(pool[filled(selection.rows, pool)])

    job.artefacts.keep(frames.Portfolio, portfolio)
    record = RankingRecord(profile=profile, weights=PROFILES[profile], portfolio=selection.record)
    job.artefacts.keep_json(reports.RANKING, record)
    return Outcome(
        read={"distinct": len(bundles)},
        kept={"ranked": len(pool), "chosen": len(portfolio)},
    )


def _profile(job: Job) -> str:
    """By what bundles are ranked: as the upload asks, where the flags allow it."""
    if not job.flags.phase_weighted_ranking:
        return UNWEIGHTED
    asked: str = job.parameters.ranking or DEFAULT
    return asked if job.flags.phase_ml_optimization else FIXED


def _selected(job: Job, pool: pl.DataFrame, catalog: pl.DataFrame) -> Selection:
    flags = job.flags
    if not (flags.phase_enterprise_optimization and flags.advanced_pareto_optimization):
        return as_ranked(pool)
    if not job.flags.advanced_constraint_management:
        catalog = catalog.with_columns(stock=pl.lit(None, dtype=pl.Int64))
    return selected(pool, catalog, days=_days(job))


def _days(job: Job) -> float:
    """How many days the shop's orders span."""
    at = frames.PlacedOrders.ordered_at.expr
    span = (at.max() - at.min()).dt.total_seconds() / DAY_S
    orders = job.artefacts.frame(frames.PlacedOrders, columns=[frames.PlacedOrders.ordered_at])
    return float(orders.select(span.fill_null(0.0)).item())
