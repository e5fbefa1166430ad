from pipeline_lib import reports
from pipeline_lib.messages import Work
from pipeline_lib.phases import finalize
from tests.phases.test_copywrite import written
from tests.recommendations.made_recommendations import recommendation


def test_what_nobody_judged_is_replaced_and_what_was_approved_stays(job):
    job.collections.put(
        recommendation(id="old", shop_id="shop"),
        recommendation(id="kept", shop_id="shop", is_approved=True),
        recommendation(id="other", shop_id="another"),
    )
    written(job)

    outcome = finalize.run(job)

    keys = {found.record.key for found in job.collections.recommendations.find()}
    assert "old" not in keys
    assert {"kept", "other"} <= keys
    assert len(keys) == outcome.kept["recommendations"] + 2


def test_an_approval_during_the_run_is_not_undone(job):
    written(job)
    shown = job.collections.recommendations.find(shop_id="shop")[0].record
    job.collections.put(shown.replace(is_approved=True))

    finalize.run(job)

    assert job.collections.recommendations.read(shown.key).record.is_approved is True


def test_the_artefact_holds_the_same_in_rank_order(job):
    written(job)

    finalize.run(job)

    kept = job.artefacts.json(reports.RECOMMENDATIONS)
    assert [one.rank_position for one in kept] == list(range(1, len(kept) + 1))
    assert {one.created_at.isoformat() for one in kept} == {"2026-01-28T00:00:00+00:00"}
    shown = job.collections.recommendations.read(kept[0].id).record
    assert shown.products == kept[0].products


def test_the_shop_remembers_its_newest_upload(job):
    written(job)

    finalize.run(job)
    finalize.run(job)

    assert job.collections.shops.read("shop").record.newest == Work("u", 1)


def test_what_was_rejected_is_remembered_and_not_shown_anew(job):
    written(job)
    shown = [found.record for found in job.collections.recommendations.find(shop_id="shop")]
    elsewhere = shown[0].replace(id="v-1", upload_id="v", is_rejected=True)
    here = shown[1].replace(is_rejected=True)
    job.collections.put(elsewhere, here)

    finalize.run(job)

    left = [found.record for found in job.collections.recommendations.find(shop_id="shop")]
    assert sorted(one.key for one in left if one.is_rejected) == sorted(["v-1", here.key])
    assert shown[0].key not in {one.key for one in left}
    assert len({one.skus for one in left}) == len(left)
