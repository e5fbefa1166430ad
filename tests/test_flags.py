import inspect
from dataclasses import replace
from importlib import import_module

import polars as pl
import pytest

from pipeline_lib import topology
from pipeline_lib.adapters.local.blobs import FolderBlobs
from pipeline_lib.errors import PhaseOff, SwitchedOff, TooLittleEvidence
from pipeline_lib.exports import RULES
from pipeline_lib.messages import Landed
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
from pipeline_lib.records import flags as switches
from pipeline_lib.runs import intake
from pipeline_lib.runs.job import Artefacts
from tests.conftest import MADE_AT
from tests.shops import cut, exports
from tests.uploads import opened

CHAIN = (ingest, enrich, score, candidates, deduplicate, optimize, price, explain)
ORDERS = exports()["orders"]


@pytest.fixture
def run(job, tmp_path):
    """Runs the chain on the sample shop with flags changed; gives what it kept."""

    def chain(until, **changed):
        names = {slot: f"u/{slot}/{slot}.csv" for slot in exports()}
        for slot, content in {**exports(), "orders": cut(ORDERS, 1_250)}.items():
            job.landing.write_once(names[slot], content)
        flags = {**switches.defaults(), **{key.replace("__", "."): changed[key] for key in changed}}
        folder = tmp_path / str(abs(hash(str(flags))))
        kept = Artefacts(FolderBlobs(folder), job.work)
        mine = replace(job, files=names, flags=flags, artefacts=kept)
        for phase in CHAIN[: CHAIN.index(until) + 1]:
            phase.run(mine)
        return mine

    return chain


def frame(job, name):
    return job.artefacts.frame(name)


def test_every_flag_that_is_not_idle_is_read_by_a_phase_or_where_a_run_begins():
    modules = [import_module(f"pipeline_lib.phases.{row.name}") for row in topology.phases()[:-1]]
    text = "".join(map(inspect.getsource, [intake, *modules]))

    active = {key for key, flag in switches.flags().items() if "does" in flag}
    assert {key for key in switches.flags() if f'"{key}"' in text} == active


def test_without_validation_no_row_is_set_aside(run):
    usual, off = run(ingest), run(ingest, phase__csv_validation=False)

    assert set(usual.artefacts.json("import.json")["set_aside"]) & set(RULES)
    assert not set(off.artefacts.json("import.json")["set_aside"]) & set(RULES)
    assert len(frame(off, "lines")) > len(frame(usual, "lines"))


def test_without_mapping_bundles_know_no_more_than_the_orders(run):
    usual, off = run(enrich), run(enrich, phase__data_mapping=False)

    assert frame(usual, "catalog")["stock"].null_count() < len(frame(usual, "catalog"))
    assert frame(off, "catalog")["stock"].null_count() == len(frame(off, "catalog"))
    assert set(frame(off, "catalog")["sku"]) == set(frame(off, "lines")["sku"].drop_nulls())


def test_without_objectives_every_bundle_has_one(run):
    usual, off = run(candidates), run(candidates, phase__objective_scoring=False)

    assert frame(usual, "candidates")["objective"].n_unique() > 1
    assert set(frame(off, "candidates")["objective"]) == {"increase_aov"}


def test_without_candidates_a_run_ends_and_says_so(run):
    with pytest.raises(PhaseOff, match="switched it off"):
        run(candidates, phase__candidate_generation=False)


def test_strict_evidence_is_all_that_counts_without_relaxed_thresholds(run):
    usual, off = run(candidates), run(candidates, bundling__relaxed_thresholds=False)

    bought = frame(off, "candidates").filter(
        (frame(off, "candidates")["bundle_type"] != "VOLUME")
        & ~frame(off, "candidates")["source"].is_in(["content", "embedding", "likeness"])
    )
    assert set(bought["rung"]) <= {"strict"}
    assert len(frame(off, "candidates")) < len(frame(usual, "candidates"))


@pytest.mark.parametrize(
    "bound", ["bundling__relaxed_min_support", "bundling__relaxed_min_confidence"]
)
def test_the_bounds_of_relaxed_evidence_only_name_it(run, bound):
    usual, off = run(candidates), run(candidates, **{bound: 1.0})

    found = frame(usual, "candidates")
    assert "relaxed" in set(found["rung"])
    assert "relaxed" not in set(frame(off, "candidates")["rung"])
    assert frame(off, "candidates").drop("rung").equals(found.drop("rung"))


def test_without_cold_start_no_bundle_rests_on_likeness(run):
    usual, off = run(candidates), run(candidates, advanced__cold_start_coverage=False)

    alike = {"content", "embedding", "likeness"}
    assert alike & set(frame(usual, "candidates")["source"])
    assert not alike & set(frame(off, "candidates")["source"])


def test_without_cold_start_products_alone_give_nothing(run, job, tmp_path):
    name = "u/products/products.csv"
    job.landing.write_once(name, exports()["products"])
    flags = {**switches.defaults(), "advanced.cold_start_coverage": False}
    alone = replace(job, files={"products": name}, flags=flags)
    for phase in (ingest, enrich, score):
        phase.run(alone)

    with pytest.raises(TooLittleEvidence):
        candidates.run(alone)


@pytest.mark.parametrize(
    ("flag", "profile"),
    [("phase__ml_optimization", "seeds"), ("phase__weighted_ranking", "confidence")],
)
def test_what_bundles_are_ranked_by_can_be_simpler(run, flag, profile):
    usual, off = run(optimize), run(optimize, **{flag: False})

    assert usual.artefacts.json("ranking.json")["profile"] == "forecast"
    assert off.artefacts.json("ranking.json")["profile"] == profile
    assert frame(off, "portfolio")["key"].to_list() != frame(usual, "portfolio")["key"].to_list()


@pytest.mark.parametrize(
    "flag", ["phase__enterprise_optimization", "advanced__pareto_optimization"]
)
def test_without_optimisation_the_best_ranked_are_shown(run, flag):
    usual, off = run(optimize), run(optimize, **{flag: False})

    assert usual.artefacts.json("ranking.json")["portfolio"]["engine"] == "greedy"
    assert off.artefacts.json("ranking.json")["portfolio"]["engine"] == "linear"
    assert frame(off, "portfolio")["key"].to_list() != frame(usual, "portfolio")["key"].to_list()


def test_without_constraints_stock_binds_no_portfolio(run, tmp_path):
    before = run(deduplicate)
    risks = []
    for on in (True, False):
        kept = Artefacts(FolderBlobs(tmp_path / f"scarce-{on}"), before.work)
        flags = {**before.flags, "advanced.constraint_management": on}
        for name in ("distinct", "orders"):
            kept.keep(name, frame(before, name))
        kept.keep("catalog", frame(before, "catalog").with_columns(stock=pl.lit(40)))
        optimize.run(replace(before, artefacts=kept, flags=flags))
        risks.append(kept.json("ranking.json")["portfolio"]["shown"]["risk"])

    assert risks[0] > 0
    assert risks[1] == 0


def test_without_evidence_in_prices_every_bundle_is_a_tenth_off_within_its_bounds(run):
    usual, off = run(price), run(price, phase__bayesian_pricing=False)

    assert frame(off, "priced")["discount_pct"].to_list() != (
        frame(usual, "priced")["discount_pct"].to_list()
    )
    free = frame(off, "priced").filter(frame(off, "priced")["bit"] == "none")
    assert len(free) > 0
    assert abs(free["discount_pct"].mean() - 10) < 2


def test_without_explanations_there_are_none(run):
    usual, off = run(explain), run(explain, phase__explainability=False)

    assert all(frame(usual, "explained")["explanation"])
    assert set(frame(off, "explained")["explanation"]) == {""}


@pytest.mark.parametrize(
    ("changed", "waves"),
    [
        ({}, [3, 2, 5]),
        ({"bundling__staged_publish_enabled": False}, []),
        ({"bundling__staged_thresholds": [1, 7]}, [1, 6]),
    ],
)
def test_waves_are_as_the_flags_say(run, changed, waves):
    mine = run(explain, **changed)

    outcome = copywrite.run(mine)
    finalize.run(mine)

    sizes = frame(mine, "worded").group_by("wave", maintain_order=True).len()["len"].to_list()
    assert sizes[: len(waves)] == waves
    assert outcome.kept["waves"] == len(sizes)
    assert (len(sizes) == 1) == (not waves)


@pytest.fixture
def begin(stores):
    """Lands the one file of an upload while flags are changed; gives the run that it begins."""

    def land(**changed):
        values = {key.replace("__", "."): changed[key] for key in changed}
        stores.documents.put({switches.PATH: {**switches.blank(), "values": values}})
        opened(stores.documents, "b", shop="tea", now=MADE_AT)
        return intake.landed(stores.documents, Landed("b/orders/orders.csv", ""), now=MADE_AT)

    return land


def test_a_run_begins_when_its_files_have_landed(begin):
    assert begin() is not None


def test_no_run_begins_when_generation_is_off(begin, stores):
    assert begin(bundling__enabled=False) is None
    with pytest.raises(SwitchedOff):
        intake.begin(stores.documents, "b", now=MADE_AT)


def test_a_run_begins_on_request_only(begin, stores):
    assert begin(data_mapping__auto_reenrich_on_csv=False) is None
    assert intake.begin(stores.documents, "b", now=MADE_AT).upload_id == "b"
