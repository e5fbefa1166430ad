from datetime import timedelta

from pipeline_lib.messages import Outcome, Work
from pipeline_lib.records import remade
from pipeline_lib.records.flags import Flags
from pipeline_lib.records.uploads import Parameters, new_upload
from tests.conftest import MADE_AT

LATER = MADE_AT + timedelta(days=3)


def finished():
    """An upload whose run took the files apart in two seconds and is over."""
    upload = new_upload(
        upload_id="u",
        shop_id="s",
        slots={"orders": "u/orders/o.csv", "products": "s3://b/p.csv"},
        parameters=Parameters(adds_to=Work("t", 4)),
        now=MADE_AT,
    ).with_file_landed("u/orders/o.csv", now=MADE_AT)
    end = MADE_AT + timedelta(seconds=2)
    done = Outcome(read={"rows": 9}, kept={"lines": 9})
    return (
        upload.with_run_begun(Flags(), turn=1, now=MADE_AT)
        .with_phase_started("ingest", fence=1, now=MADE_AT)
        .with_phase_done("ingest", done, fence=1, now=end)
        .with_end("completed", now=end)
    )


def carried_over():
    return remade.with_work_carried_over(finished(), by="w", source=1, orders=2, now=LATER)


def made_again():
    return remade.with_run_made_again(finished(), by="w", source=1, orders=2, turn=2, now=LATER)


def test_a_run_that_is_made_again_goes_on_behind_the_first_phase():
    upload = made_again()

    assert (upload.run, upload.status, upload.completed_at) == (2, "processing", None)
    assert upload.unfinished_phases() == ["enrich"]
    record = upload.phases["ingest"]
    assert record.output == {"lines": 9, "erased_orders": 2}
    assert (record.ended_at, record.ended_at - record.started_at) == (LATER, timedelta(seconds=2))


def test_a_run_that_is_only_carried_over_stays_over():
    upload = carried_over()

    assert (upload.run, upload.status) == (2, "completed")


def test_who_carried_a_run_over_is_known_until_the_next_run():
    upload = made_again()

    assert remade.source_of(upload, "w") == 1
    assert remade.source_of(upload, "another") is None
    assert remade.source_of(upload.with_run_begun(Flags(), turn=3, now=LATER), "w") is None
    assert remade.source_of(finished(), "w") is None


def test_what_is_not_there_any_more_is_waited_for_and_what_lies_in_s3_is_not():
    unsent = finished().with_files_removed(now=LATER)

    assert not unsent.slot("orders").is_there
    assert unsent.slot("products").is_there
    under_way = made_again()
    assert under_way.with_files_removed(now=LATER) == under_way
    assert unsent.with_files_removed(now=LATER + timedelta(1)) == unsent


def test_a_run_that_adds_to_another_points_to_where_that_has_moved():
    moved = remade.with_earlier_run_moved(finished(), {Work("t", 4): Work("t", 5)})

    assert moved.parameters.adds_to == Work("t", 5)
    assert remade.with_earlier_run_moved(finished(), {Work("t", 3): Work("t", 5)}) == finished()
