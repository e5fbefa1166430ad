"""Prices and ranks the distinct bundles, and chooses what a shop is shown."""

from collections import Counter

import polars as pl

from pipeline_lib import frames, reports
from pipeline_lib.errors import TooLittleEvidence
from pipeline_lib.messages import Outcome
from pipeline_lib.mining.candidates.lines import Lines
from pipeline_lib.portfolio.selection import Selection, as_ranked, select_portfolio
from pipeline_lib.pricing.bundle_offers import Till, with_offers
from pipeline_lib.pricing.discounts import BEST_PRICES, FLAT
from pipeline_lib.ranking import rules
from pipeline_lib.ranking.response import Response
from pipeline_lib.ranking.scores import GAIN, PROFILES, ranking_profile
from pipeline_lib.ranking.shown import list_of, pool_of, score_candidates, with_ranks
from pipeline_lib.reports import RankingRecord
from pipeline_lib.runs.job import Job


def run(job: Job) -> Outcome:
    """Read the distinct bundles, keep the portfolio, best first, and what was left out.

    Raises:
        MissingArtefact: an earlier phase kept nothing.
        TooLittleEvidence: every candidate fell to a rule.
    """
    bundles = job.artefacts.frame(frames.Distinct)
    catalog = job.artefacts.frame(frames.Catalog)

    profile, till = _profile(job), _till(job)
    offers = with_offers(bundles, catalog, till)
    own_prices = till.profile != BEST_PRICES
    scored = score_candidates(offers, catalog, profile=profile, own_prices=own_prices)
    lines = Lines(catalog)
    pool = pool_of(scored, lines)
    job.beat("Choosing among portfolios", share=0.5, ranked=len(pool.rows))
    selection = _selected(job, scored.frame[pool.rows], catalog, till.response)
    rows, fallen = list_of(scored, [pool.rows[place] for place in selection.rows], lines)
    portfolio = with_ranks(scored, rows, pool, catalog["written_sku"].to_list())

    job.artefacts.keep(frames.Portfolio, portfolio.select(*frames.Portfolio.schema))
    mined = job.artefacts.json(reports.LEFT_OUT)
    left_out = Counter(mined)
    left_out.update(pool.left_out)
    left_out.update(fallen)
    left_out[rules.NO_STOCK_LEFT] += len(pool.rows) - len(selection.rows)
    if portfolio.is_empty():
        raise TooLittleEvidence(_nothing_to_show(+left_out))
    job.artefacts.keep_json(reports.RANKING, _record(profile, selection, +left_out))
    return Outcome(
        read={"distinct": len(bundles)},
        kept={"ranked": len(pool.rows), "chosen": len(portfolio)},
    )


def _nothing_to_show(left_out: Counter[str]) -> str:
    """Which rules the candidates fell to, most first."""
    reasons = (f"{count:,}: {rules.SENTENCES[rule]}" for rule, count in left_out.most_common(3))
    return f"No bundle is worth showing. {' '.join(reasons)} Upload a longer export"


def _till(job: Job) -> Till:
    return Till(
        currency=job.artefacts.json(reports.FACTS).currency,
        profile=_price_profile(job),
        response=Response.of_shop(job.parameters.response),
    )


def _record(profile: str, selection: Selection, left_out: Counter[str]) -> RankingRecord:
    return RankingRecord(
        profile=profile,
        weights=PROFILES[profile],
        portfolio=selection.record,
        left_out=dict(left_out.most_common()),
    )


def _selected(job: Job, pool: pl.DataFrame, catalog: pl.DataFrame, response: Response) -> Selection:
    flags = job.flags
    if not (flags.phase_enterprise_optimization and flags.advanced_pareto_optimization):
        return as_ranked(pool)
    if not job.flags.advanced_constraint_management:
        catalog = catalog.with_columns(stock=pl.lit(None, dtype=pl.Int64))
    return select_portfolio(pool, catalog, response)


def _profile(job: Job) -> str:
    """By what bundles are ranked: as the upload asks, where the flags allow it."""
    return ranking_profile(
        job.parameters.rank_by or GAIN,
        weighted=job.flags.phase_weighted_ranking,
        learned=job.flags.phase_ml_optimization,
    )


def _price_profile(job: Job) -> str:
    """How prices are made: as the upload asks, where the flags allow it."""
    asked = job.parameters.pricing or BEST_PRICES
    return asked if job.flags.phase_bayesian_pricing else FLAT
