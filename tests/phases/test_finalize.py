from pipeline_lib.phases import finalize
from tests.conftest import MADE_AT
from tests.phases.test_copywrite import written


def test_what_nobody_approved_is_replaced_and_what_was_approved_stays(job):
    nothing = {"products": [], "evidence": {"orders_together": 0}, "created_at": MADE_AT}
    old = {"shop_id": "shop", "is_approved": False, **nothing}
    job.documents.put(
        {
            "recommendations/old": old,
            "recommendations/kept": {**old, "is_approved": True},
            "recommendations/other": {**old, "shop_id": "another"},
        }
    )
    written(job)

    outcome = finalize.run(job)

    paths = [path for path, _ in job.documents.find("recommendations", {})]
    assert "recommendations/old" not in paths
    assert {"recommendations/kept", "recommendations/other"} <= set(paths)
    assert len(paths) == outcome.kept["recommendations"] + 2
    assert outcome.then == ()


def test_an_approval_during_the_run_is_not_undone(job):
    written(job)
    path, document = job.documents.find("recommendations", {"shop_id": "shop"})[0]
    job.documents.put({path: {**document.data, "is_approved": True}})

    finalize.run(job)

    assert job.documents.read(path).data["is_approved"] is True


def test_the_artefact_holds_the_same_in_rank_order(job):
    written(job)

    finalize.run(job)

    kept = job.artefacts.json("recommendations.json")
    assert [one["rank_position"] for one in kept] == list(range(1, len(kept) + 1))
    assert {one["created_at"] for one in kept} == {"2026-01-28T00:00:00+00:00"}
    shown = job.documents.read(f"recommendations/{kept[0]['id']}").data
    assert shown["products"] == kept[0]["products"]


def test_the_shop_remembers_its_newest_upload(job):
    written(job)

    finalize.run(job)
    finalize.run(job)

    assert job.documents.read("shops/shop").data["newest"] == {"upload_id": "u", "run": 1}
