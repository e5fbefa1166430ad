from datetime import timedelta

from pipeline_lib.messages import Outcome, Work
from pipeline_lib.records import remade, slots, uploads
from tests.conftest import MADE_AT

LATER = MADE_AT + timedelta(days=3)


def finished():
    """An upload whose run took the files apart in two seconds and is over."""
    opened = uploads.opened(
        upload_id="u",
        shop_id="s",
        slots={"orders": "u/orders/o.csv", "products": "s3://b/p.csv"},
        parameters={"adds_to": {"upload_id": "t", "run": 4}},
        now=MADE_AT,
    )
    upload = uploads.begun(slots.landed(opened, "u/orders/o.csv", MADE_AT), MADE_AT)
    upload = uploads.phase_started(upload, "ingest", fence=1, now=MADE_AT)
    done = Outcome(read={"rows": 9}, kept={"lines": 9}, then=("enrich",))
    end = MADE_AT + timedelta(seconds=2)
    upload = uploads.phase_ended(upload, "ingest", done, fence=1, now=end)
    return uploads.ended(upload, "completed", end)


def carried(change):
    return change(finished(), by="w", source=1, orders=2, now=LATER)


def test_a_run_that_is_made_again_goes_on_behind_the_first_phase():
    upload = carried(remade.made_again)

    assert (upload["run"], upload["status"], upload["completed_at"]) == (2, "processing", None)
    assert uploads.unfinished(upload) == ["enrich"]
    record = upload["phases"]["ingest"]
    assert record["output"] == {"lines": 9, "erased_orders": 2}
    assert (record["ended_at"], record["ended_at"] - record["started_at"]) == (
        LATER,
        timedelta(seconds=2),
    )


def test_a_run_that_is_only_carried_over_stays_over():
    upload = carried(remade.carried_over)

    assert (upload["run"], upload["status"]) == (2, "completed")


def test_who_carried_a_run_over_is_known_until_the_next_run():
    upload = carried(remade.made_again)

    assert remade.source_of(upload, "w") == 1
    assert remade.source_of(upload, "another") is None
    assert remade.source_of(uploads.begun(upload, LATER), "w") is None
    assert remade.source_of(finished(), "w") is None


def test_what_is_not_there_any_more_is_waited_for_and_what_lies_elsewhere_is_not():
    slots = remade.unsent(finished(), LATER)["slots"]

    assert slots["orders"]["landed_at"] is None
    assert slots["products"]["landed_at"] == MADE_AT
    under_way = carried(remade.made_again)
    assert remade.unsent(under_way, LATER) == under_way
    once = remade.unsent(finished(), LATER)
    assert remade.unsent(once, LATER + timedelta(1)) == once


def test_a_run_that_adds_to_another_points_to_where_that_has_moved():
    moved = remade.pointed(finished(), {Work("t", 4): Work("t", 5)})

    assert moved["parameters"]["adds_to"] == {"upload_id": "t", "run": 5}
    assert remade.pointed(finished(), {Work("t", 3): Work("t", 5)}) == finished()
