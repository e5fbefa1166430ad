"""Ranks the distinct bundles and chooses what a merchant is shown; prices come later."""

import polars as pl

from pipeline_lib.domain.portfolio.stocked import selected
from pipeline_lib.domain.ranking.shelf import DEFAULT, PROFILES, filled, numbered, ranked
from pipeline_lib.events import Outcome
from pipeline_lib.job import Job

DAY_S = 86_400


def run(job: Job) -> Outcome:
    """Read the distinct bundles, keep the portfolio, best first.

    Raises:
        MissingArtefact: an earlier phase kept nothing.
    """
    bundles = job.artefacts.frame("distinct")
    catalog = job.artefacts.frame("catalog")

    profile = job.parameters.get("ranking", DEFAULT)
    pool = ranked(bundles, catalog, PROFILES[profile])
    job.beat("Choosing among portfolios", share=0.5, ranked=len(pool))
    selection = selected(pool, catalog, days=_days(job))
    portfolio = numbered(pool[filled(selection.rows, pool)])

    job.artefacts.keep("portfolio", portfolio)
    record = {"profile": profile, "weights": PROFILES[profile], "portfolio": selection.record}
    job.artefacts.keep_json("ranking.json", record)
    return Outcome(
        read={"distinct": len(bundles)},
        kept={"ranked": len(pool), "chosen": len(portfolio)},
        then=("price",),
    )


def _days(job: Job) -> float:
    """How many days the shop's orders span."""
    at = pl.col("ordered_at")
    span = (at.max() - at.min()).dt.total_seconds() / DAY_S
    orders = job.artefacts.frame("orders", columns=["ordered_at"])
    return float(orders.select(span.fill_null(0.0)).item())
