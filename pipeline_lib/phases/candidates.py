"""Mines the baskets and asks every other source for candidate bundles; it ranks none."""

from collections.abc import Callable

import polars as pl

from pipeline_lib import frames, reports
from pipeline_lib.errors import PhaseOff, TooLittleEvidence
from pipeline_lib.messages import Outcome, Work
from pipeline_lib.mining.baskets import CodedShop, last_order
from pipeline_lib.mining.candidates import gates
from pipeline_lib.mining.candidates.co_purchase import Basis
from pipeline_lib.mining.candidates.gather import (
    BY_AFFINITY,
    BY_GAIN,
    Mined,
    gather_candidates,
)
from pipeline_lib.mining.candidates.lines import Lines
from pipeline_lib.mining.candidates.sources import Choice
from pipeline_lib.mining.grading import forecast_factors, grade_bundles, with_graded_forecasts
from pipeline_lib.mining.ledger import Ledger, add_ledgers, ledger_of
from pipeline_lib.mining.significance import FALSE_DISCOVERY_RATE
from pipeline_lib.ranking.response import Response
from pipeline_lib.ranking.scores import GAIN, ranking_profile
from pipeline_lib.ranking.set_rules import Decided, decided_sets, rules_of_shop
from pipeline_lib.reports import Signal
from pipeline_lib.runs import counts
from pipeline_lib.runs.job import Artefacts, Job


def run(job: Job) -> Outcome:
    """Read baskets and catalogue, keep the candidates.

    Raises:
        MissingArtefact: an earlier phase kept nothing.
        TooLittleEvidence: no source found a single bundle.
        PhaseOff: an operator wants none.
    """
    if not job.flags.phase_candidate_generation:
        raise PhaseOff("Bundles are not generated beyond the preview: an operator switched it off")
    flagged = job.artefacts.frame(frames.Catalog)
    shop = CodedShop(
        flagged, job.artefacts.frame(frames.PlacedOrders), job.artefacts.frame(frames.BasketItems)
    )
    fits = job.artefacts.frame(frames.Fits)
    if flagged.is_empty():
        raise TooLittleEvidence(_too_little(job, shop))

    job.beat("Counting pairs")
    ledger = _ledger(job, shop)
    mined = gather_candidates(
        shop, flagged, fits, ledger=ledger, choice_of=_choice(job, shop), say=job.beat
    )
    allowed = _allowed(job, mined.candidates)
    if allowed.is_empty():
        raise TooLittleEvidence(_too_little(job, shop))

    candidates = with_graded_forecasts(allowed, _grades(job, shop))
    job.artefacts.keep(frames.Candidates, candidates)
    job.artefacts.keep_json(reports.OUTLOOK, mined.outlook)
    job.artefacts.keep_json(reports.SIGNAL, _signal(shop, mined))
    job.artefacts.keep_json(reports.LEFT_OUT, mined.left_out)
    return Outcome(
        read={"orders": len(shop.orders), "products": len(flagged)},
        kept={"candidates": len(candidates), **mined.counts},
    )


def _choice(job: Job, shop: CodedShop) -> Callable[[Basis], Choice]:
    """By gain, or by affinity alone, past the sets that break a rule by themselves."""
    by = BY_GAIN if _profile(job) == GAIN else BY_AFFINITY
    response = Response.of_shop(job.parameters.response)
    lines, decided = Lines(shop.catalog), _decided(job)

    def choice_of(basis: Basis) -> Choice:
        keeps = rules_of_shop(shop, lines, response, crowding=basis.crowding, decided=decided)
        return Choice(keeps.with_gain, keeps.with_rules, by)

    return choice_of


def _decided(job: Job) -> list[Decided]:
    """The sets that the shop approved, sells or rejected; of this upload it may see them again."""
    shown = job.collections.recommendations.find(shop_id=job.shop_id)
    sold = job.collections.bundles.find(shop_id=job.shop_id, is_active=True)
    mine = f"{job.work.upload_id}-"
    return decided_sets(
        [one.record for one in shown if one.record.upload_id != job.work.upload_id],
        [one.record for one in sold if not one.record.recommendation_id.startswith(mine)],
    )


def _allowed(job: Job, candidates: pl.DataFrame) -> pl.DataFrame:
    """The candidates that rest on what the flags let them rest on."""
    flags = job.flags
    allowed = gates.name_rungs(
        candidates,
        min_support=flags.bundling_relaxed_min_support,
        min_confidence=flags.bundling_relaxed_min_confidence,
    )
    if flags.bundling_relaxed_thresholds:
        allowed = gates.down_the_ladder(allowed)
    else:
        allowed = gates.only_strict(allowed)
    return allowed if flags.advanced_cold_start_coverage else gates.only_bought(allowed)


def _ledger(job: Job, shop: CodedShop) -> Ledger:
    """The counts of this file's orders and, where it continues others, of theirs; kept again."""
    before = _before(job)
    ledger = ledger_of(shop) if before is None else add_ledgers(before, ledger_of(shop))
    counts.keep(job.artefacts, counts.WHOLE, ledger)
    return ledger


def _before(job: Job) -> Ledger | None:
    """The counts that this file adds to: what an erasure left of them, else the earlier run's."""
    adds_to = job.parameters.adds_to
    if adds_to is None:
        return None
    if job.artefacts.has(counts.BEFORE.facts):
        return counts.kept(job.artefacts, counts.BEFORE)
    return counts.kept(Artefacts(job.artefacts.blobs, adds_to), counts.WHOLE)


def _grades(job: Job, shop: CodedShop) -> dict[tuple[int, ...], float]:
    """Grade the shop's earlier bundles on the orders since, and store the grades with them."""
    newest = last_order(shop.orders)
    if newest is None:
        return {}
    found = job.collections.recommendations.find(shop_id=job.shop_id)
    previous = {
        one.record.key: one.record
        for one in found
        if Work(one.record.upload_id, one.record.run) != job.work
    }
    grades = grade_bundles(previous, shop, newest=newest)
    job.collections.recommendations.put(
        *(previous[key].replace(grade=grade) for key, grade in grades.items())
    )
    by_path = {previous[key].path: grade for key, grade in grades.items()}
    job.artefacts.keep_json(reports.GRADES, by_path)
    return forecast_factors(grades, previous, shop)


def _signal(shop: CodedShop, mined: Mined) -> Signal:
    """Whether anything is bought together beyond chance, with the numbers."""
    pairs, clear = mined.counts["pairs"], mined.counts["significant_pairs"]
    summary = (
        f"{clear:,} of {pairs:,} pairs in {len(shop.orders):,} orders are bought together more "
        f"often than chance has it, with at most {FALSE_DISCOVERY_RATE:.0%} false among them"
    )
    if not clear and len(shop.orders):
        summary = f"No signal: {summary}; the bundles rest on their content, not on purchases"
    return Signal(signal=clear > 0, pairs=pairs, significant_pairs=clear, summary=summary)


def _too_little(job: Job, shop: CodedShop) -> str:
    """Why there is no bundle: what stands in the way of any, else what was bought."""
    if job.artefacts.has(reports.READINESS):
        obstacle = job.artefacts.json(reports.READINESS).obstacle
        if obstacle is not None:
            return obstacle
    return (
        f"No bundle can be drawn from {len(shop.orders)} orders of {len(shop.catalog)} products: "
        "no two products were bought together often enough, and none are alike by their titles; "
        "upload a longer export"
    )


def _profile(job: Job) -> str:
    """By what bundles are ranked: as the upload asks, where the flags allow it."""
    return ranking_profile(
        job.parameters.rank_by or GAIN,
        weighted=job.flags.phase_weighted_ranking,
        learned=job.flags.phase_ml_optimization,
    )
