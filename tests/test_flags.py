import inspect
from dataclasses import replace
from importlib import import_module

import polars as pl
import pytest

from pipeline_lib import frames, reports, topology
from pipeline_lib.adapters.local.blobs import FolderBlobs
from pipeline_lib.errors import PhaseOff, SwitchedOff, TooLittleEvidence
from pipeline_lib.exports import RULES
from pipeline_lib.phases import (
    candidates,
    copywrite,
    deduplicate,
    enrich,
    explain,
    finalize,
    ingest,
    optimize,
    price,
    score,
)
from pipeline_lib.records.collections import Collections
from pipeline_lib.records.flags import Flags, FlagSettings, check_flag, flag_defaults
from pipeline_lib.runs import opening
from pipeline_lib.runs.job import Artefacts
from tests.conftest import MADE_AT
from tests.shops import cut, exports
from tests.uploads import landed, opened

CHAIN = (ingest, enrich, score, candidates, deduplicate, optimize, price, explain)
ORDERS = exports()["orders"]


@pytest.fixture
def run(job, tmp_path):
    """Runs the chain on the sample shop with flags changed; gives what it kept."""

    def chain(until, **changed):
        names = {slot: f"u/{slot}/{slot}.csv" for slot in exports()}
        for slot, content in {**exports(), "orders": cut(ORDERS, 1_250)}.items():
            job.landing.write_once(names[slot], content)
        flags = Flags().replace(**changed)
        folder = tmp_path / str(abs(hash(str(flags))))
        kept = Artefacts(FolderBlobs(folder), job.work)
        mine = replace(job, files=names, flags=flags, artefacts=kept)
        for phase in CHAIN[: CHAIN.index(until) + 1]:
            phase.run(mine)
        return mine

    return chain


def frame(job, handle):
    return job.artefacts.frame(handle)


def test_every_flag_that_is_not_idle_is_read_by_a_phase_or_where_a_run_begins():
    modules = [import_module(f"pipeline_lib.phases.{row.name}") for row in topology.phases()[:-1]]
    text = "".join(map(inspect.getsource, [opening, *modules]))

    read = {name for name in Flags.model_fields if f"flags.{name}" in text}
    assert read == {name for name, field in Flags.model_fields.items() if not idle(field)}


def idle(field):
    return field.json_schema_extra["idle"]


def test_an_idle_flag_takes_its_default_and_refuses_anything_else():
    check_flag("bundling.v2_pipeline", True)

    with pytest.raises(ValueError, match="switches nothing"):
        check_flag("bundling.v2_pipeline", False)


def test_the_documented_keys_have_their_defaults():
    assert flag_defaults()["bundling.staged_thresholds"] == (3, 5, 10, 20, 40)
    assert len(flag_defaults()) == 24


def test_without_validation_no_row_is_set_aside(run):
    usual, off = run(ingest), run(ingest, phase_csv_validation=False)

    assert set(usual.artefacts.json(reports.IMPORT).set_aside) & set(RULES)
    assert not set(off.artefacts.json(reports.IMPORT).set_aside) & set(RULES)
    assert len(frame(off, frames.OrderLines)) > len(frame(usual, frames.OrderLines))


def test_without_mapping_bundles_know_no_more_than_the_orders(run):
    usual, off = run(enrich), run(enrich, phase_data_mapping=False)

    assert frame(usual, frames.Catalog)["stock"].null_count() < len(frame(usual, frames.Catalog))
    assert frame(off, frames.Catalog)["stock"].null_count() == len(frame(off, frames.Catalog))
    assert set(frame(off, frames.Catalog)["sku"]) == set(
        frame(off, frames.OrderLines)["sku"].drop_nulls()
    )


def test_without_objectives_every_bundle_has_one(run):
    usual, off = run(candidates), run(candidates, phase_objective_scoring=False)

    assert frame(usual, frames.Candidates)["objective"].n_unique() > 1
    assert set(frame(off, frames.Candidates)["objective"]) == {"increase_aov"}


def test_without_candidates_a_run_ends_and_says_so(run):
    with pytest.raises(PhaseOff, match="switched it off"):
        run(candidates, phase_candidate_generation=False)


def test_strict_evidence_is_all_that_counts_without_relaxed_thresholds(run):
    usual, off = run(candidates), run(candidates, bundling_relaxed_thresholds=False)

    bought = frame(off, frames.Candidates).filter(
        (frame(off, frames.Candidates)["bundle_type"] != "VOLUME")
        & ~frame(off, frames.Candidates)["source"].is_in(["content", "embedding", "likeness"])
    )
    assert set(bought["rung"]) <= {"strict"}
    assert len(frame(off, frames.Candidates)) < len(frame(usual, frames.Candidates))


@pytest.mark.parametrize(
    "bound", ["bundling_relaxed_min_support", "bundling_relaxed_min_confidence"]
)
def test_the_bounds_of_relaxed_evidence_say_what_stands_on_its_rung(run, bound):
    usual, off = run(candidates), run(candidates, **{bound: 1.0})

    assert "relaxed" in set(frame(usual, frames.Candidates)["rung"])
    assert "relaxed" not in set(frame(off, frames.Candidates)["rung"])


def test_without_cold_start_no_bundle_rests_on_likeness(run):
    usual, off = run(candidates), run(candidates, advanced_cold_start_coverage=False)

    alike = {"content", "embedding", "likeness"}
    assert alike & set(frame(usual, frames.Candidates)["source"])
    assert not alike & set(frame(off, frames.Candidates)["source"])


def test_without_cold_start_products_alone_give_nothing(run, job, tmp_path):
    name = "u/products/products.csv"
    job.landing.write_once(name, exports()["products"])
    flags = Flags(advanced_cold_start_coverage=False)
    alone = replace(job, files={"products": name}, flags=flags)
    for phase in (ingest, enrich, score):
        phase.run(alone)

    with pytest.raises(TooLittleEvidence):
        candidates.run(alone)


@pytest.mark.parametrize(
    ("flag", "profile"),
    [("phase_ml_optimization", "seeds"), ("phase_weighted_ranking", "confidence")],
)
def test_what_bundles_are_ranked_by_can_be_simpler(run, flag, profile):
    usual, off = run(optimize), run(optimize, **{flag: False})

    assert usual.artefacts.json(reports.RANKING).profile == "gain"
    assert off.artefacts.json(reports.RANKING).profile == profile
    assert (
        frame(off, frames.Portfolio)["key"].to_list()
        != frame(usual, frames.Portfolio)["key"].to_list()
    )


@pytest.fixture
def scarce(run, tmp_path):
    """Chooses among the sample shop's bundles as if stock were short, with flags changed."""
    before = run(deduplicate)
    catalog = frame(before, frames.Catalog)
    half = (pl.col("month_units") / 2).ceil().cast(pl.Int64)

    def chosen(**changed):
        kept = Artefacts(FolderBlobs(tmp_path / f"scarce-{changed}"), before.work)
        for handle in (frames.Distinct, frames.PlacedOrders):
            kept.keep(handle, frame(before, handle))
        for report in (reports.FACTS, reports.LEFT_OUT):
            kept.keep_json(report, before.artefacts.json(report))
        kept.keep(frames.Catalog, catalog.with_columns(stock=half))
        optimize.run(replace(before, artefacts=kept, flags=before.flags.replace(**changed)))
        done = replace(before, artefacts=kept)
        return frame(done, frames.Portfolio), kept.json(reports.RANKING)

    return chosen


@pytest.mark.parametrize("flag", ["phase_enterprise_optimization", "advanced_pareto_optimization"])
def test_without_optimisation_the_best_ranked_are_shown_whatever_the_stock(scarce, flag):
    (usual, record), (off, plain) = scarce(), scarce(**{flag: False})

    assert record.portfolio.engine == "greedy"
    assert plain.portfolio.engine == "linear"
    assert record.left_out["stock_promised_to_better_sets"] > 0
    assert len(off) > len(usual)


def test_without_constraints_stock_binds_no_portfolio(scarce):
    (usual, record), (off, free) = scarce(), scarce(advanced_constraint_management=False)

    assert record.portfolio.shown.risk > 0
    assert free.portfolio.shown.risk == 0
    assert len(off) > len(usual)


def test_without_evidence_in_prices_every_bundle_is_a_tenth_off_within_its_bounds(run):
    usual, off = run(price), run(price, phase_bayesian_pricing=False)

    assert frame(off, frames.Priced)["discount_pct"].to_list() != (
        frame(usual, frames.Priced)["discount_pct"].to_list()
    )
    free = frame(off, frames.Priced).filter(frame(off, frames.Priced)["bit"] == "none")
    assert len(free) > 0
    assert abs(free["discount_pct"].mean() - 10) < 2


def test_without_explanations_there_are_none(run):
    usual, off = run(explain), run(explain, phase_explainability=False)

    assert all(frame(usual, frames.Explained)["explanation"])
    assert set(frame(off, frames.Explained)["explanation"]) == {""}


@pytest.mark.parametrize(
    ("changed", "waves"),
    [
        ({}, [3, 2, 5]),
        ({"bundling_staged_publish_enabled": False}, []),
        ({"bundling_staged_thresholds": [1, 7]}, [1, 6]),
    ],
)
def test_waves_are_as_the_flags_say(run, changed, waves):
    mine = run(explain, **changed)

    outcome = copywrite.run(mine)
    finalize.run(mine)

    sizes = frame(mine, frames.Worded).group_by("wave", maintain_order=True).len()["len"].to_list()
    assert sizes[: len(waves)] == waves
    assert outcome.kept["waves"] == len(sizes)
    assert (len(sizes) == 1) == (not waves)


@pytest.fixture
def begin(stores):
    """Lands the one file of an upload while flags are changed; gives the run that it begins."""

    def land(**changed):
        values = Flags(**changed).model_dump(by_alias=True)
        Collections(stores.documents).put(FlagSettings(values=values))
        opened(stores.documents, "b", shop="tea", now=MADE_AT)
        return landed(stores.documents, "b/orders/orders.csv", now=MADE_AT)

    return land


def test_a_run_begins_when_its_files_have_landed(begin):
    assert begin() is not None


def test_no_run_begins_when_generation_is_off(begin, stores):
    assert begin(bundling_enabled=False) is None
    with pytest.raises(SwitchedOff):
        opening.begin_run(Collections(stores.documents), "b", now=MADE_AT)


def test_a_run_begins_on_request_only(begin, stores):
    assert begin(data_mapping_auto_reenrich_on_csv=False) is None
    work, _ = opening.begin_run(Collections(stores.documents), "b", now=MADE_AT)
    assert work.upload_id == "b"
