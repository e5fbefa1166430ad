"""Mines the baskets and asks every other source for candidate bundles; it ranks none."""

import polars as pl

from pipeline_lib.errors import PhaseOff, TooLittleEvidence
from pipeline_lib.messages import Outcome, Work
from pipeline_lib.mining.baskets import CodedShop, last_order
from pipeline_lib.mining.candidates import gates
from pipeline_lib.mining.candidates.gather import Mined, gathered
from pipeline_lib.mining.grading import forecast_factors, grade_bundles, with_graded_forecasts
from pipeline_lib.mining.ledger import Ledger, add_ledgers, ledger_of
from pipeline_lib.mining.significance import FALSE_DISCOVERY_RATE
from pipeline_lib.runs import counts
from pipeline_lib.runs.job import Artefacts, Job


def run(job: Job) -> Outcome:
    """Read baskets and catalogue, keep the candidates.

    Raises:
        MissingArtefact: an earlier phase kept nothing.
        TooLittleEvidence: no source found a single bundle.
        PhaseOff: an operator wants none.
    """
    if not job.flags["phase.candidate_generation"]:
        raise PhaseOff("Bundles are not generated beyond the preview: an operator switched it off")
    flagged = job.artefacts.frame("catalog")
    shop = CodedShop(flagged, job.artefacts.frame("orders"), job.artefacts.frame("baskets"))
    fits = job.artefacts.frame("fits")
    if flagged.is_empty():
        raise TooLittleEvidence(_too_little(shop))

    job.beat("Counting pairs")
    ledger = _ledger(job, shop)
    mined = gathered(shop, flagged, fits, ledger=ledger, say=job.beat)
    allowed = _allowed(job, mined.candidates)
    if allowed.is_empty():
        raise TooLittleEvidence(_too_little(shop))

    candidates = with_graded_forecasts(allowed, _grades(job, shop))
    job.artefacts.keep("candidates", candidates)
    job.artefacts.keep_json("outlook.json", mined.outlook)
    job.artefacts.keep_json("signal.json", _signal(shop, mined))
    return Outcome(
        read={"orders": len(shop.orders), "products": len(flagged)},
        kept={"candidates": len(candidates), **mined.counts},
        then=("deduplicate",),
    )


def _allowed(job: Job, candidates: pl.DataFrame) -> pl.DataFrame:
    """The candidates that rest on what the flags let them rest on."""
    flags = job.flags
    allowed = gates.named(
        candidates,
        min_support=flags["bundling.relaxed_min_support"],
        min_confidence=flags["bundling.relaxed_min_confidence"],
    )
    if not flags["bundling.relaxed_thresholds"]:
        allowed = gates.strict(allowed)
    return allowed if flags["advanced.cold_start_coverage"] else gates.bought(allowed)


def _ledger(job: Job, shop: CodedShop) -> Ledger:
    """The counts of this file's orders and, where it continues others, of theirs; kept again."""
    before = _before(job)
    ledger = ledger_of(shop) if before is None else add_ledgers(before, ledger_of(shop))
    counts.keep(job.artefacts, counts.WHOLE, ledger)
    return ledger


def _before(job: Job) -> Ledger | None:
    """The counts that this file adds to: what an erasure left of them, else the earlier run's."""
    adds_to = job.parameters.get("adds_to")
    if adds_to is None:
        return None
    if job.artefacts.has(f"{counts.BEFORE}.json"):
        return counts.kept(job.artefacts, counts.BEFORE)
    earlier = Artefacts(job.artefacts.blobs, Work(adds_to["upload_id"], adds_to["run"]))
    return counts.kept(earlier, counts.WHOLE)


def _grades(job: Job, shop: CodedShop) -> dict[tuple[int, ...], float]:
    """Grade the shop's earlier bundles on the orders since, and store the grades with them."""
    newest = last_order(shop.orders)
    if newest is None:
        return {}
    found = job.documents.find("recommendations", {"shop_id": job.shop_id})
    this = {"upload_id": job.work.upload_id, "run": job.work.run}
    previous = {
        path: document.data
        for path, document in found
        if {name: document.data.get(name) for name in this} != this
    }
    grades = grade_bundles(previous, shop, newest=newest)
    job.documents.put({path: {**previous[path], "grade": grades[path]} for path in grades})
    job.artefacts.keep_json("grades.json", grades)
    return forecast_factors(grades, previous, shop)


def _signal(shop: CodedShop, mined: Mined) -> dict[str, object]:
    """Whether anything is bought together beyond chance, with the numbers."""
    pairs, clear = mined.counts["pairs"], mined.counts["significant_pairs"]
    told = (
        f"{clear:,} of {pairs:,} pairs in {len(shop.orders):,} orders are bought together more "
        f"often than chance has it, with at most {FALSE_DISCOVERY_RATE:.0%} false among them"
    )
    if not clear and len(shop.orders):
        told = f"No signal: {told}; the bundles rest on their content, not on purchases"
    return {"signal": clear > 0, "pairs": pairs, "significant_pairs": clear, "told": told}


def _too_little(shop: CodedShop) -> str:
    return (
        f"No bundle can be drawn from {len(shop.orders)} orders of {len(shop.catalog)} products: "
        "no two products were bought together often enough, and none are alike by their titles; "
        "upload a longer export"
    )
