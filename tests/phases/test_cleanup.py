from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline_lib.messages import Message, Outcome, Work
from pipeline_lib.phases import cleanup
from pipeline_lib.ports import Limits
from pipeline_lib.records.collections import Collections
from pipeline_lib.records.flags import Flags, FlagSettings, Stop
from pipeline_lib.records.progress import new_progress
from pipeline_lib.records.uploads import Parameters, new_upload
from pipeline_lib.runs.ending import end_run
from tests.conftest import MADE_AT
from tests.uploads import landed as land
from tests.uploads import opened, progress_of, upload_of

TICK = Message(b"{}", {})
DONE = Outcome(read={}, kept={})


@pytest.fixture
def ports(stores):
    upload = new_upload(
        upload_id="u", shop_id="s", slots={"orders": "u/o"}, parameters=Parameters(), now=MADE_AT
    ).with_run_begun(Flags(), turn=1, now=MADE_AT)
    for phase in ("ingest", "enrich", "score"):
        upload = upload.with_phase_started(phase, fence=1, now=MADE_AT)
    for phase in ("ingest", "enrich"):
        upload = upload.with_phase_done(phase, DONE, fence=1, now=MADE_AT)
    shown = new_progress(upload_id="u", shop_id="s", run=1, now=MADE_AT)
    Collections(stores.documents).put(upload, shown)
    return stores.ports


def minutes(count):
    return MADE_AT + timedelta(minutes=count)


def test_a_run_with_a_recent_sign_of_life_is_left_alone(ports):
    assert cleanup.serve(TICK, ports, minutes(9)) == []


def test_age_alone_is_not_stuck(ports):
    shown = progress_of(ports.documents, "u")
    Collections(ports.documents).put(shown.replace(updated_at=minutes(55)))

    assert cleanup.serve(TICK, ports, minutes(60)) == []


def test_a_silent_run_is_set_going_once_at_its_unfinished_phase(ports):
    assert cleanup.serve(TICK, ports, minutes(11)) == [("score", Work("u", 1))]
    assert cleanup.serve(TICK, ports, minutes(12)) == []


def test_a_run_that_stays_silent_is_failed_in_the_documented_words(ports):
    cleanup.serve(TICK, ports, minutes(11))

    assert cleanup.serve(TICK, ports, minutes(22)) == []

    upload = upload_of(ports.documents, "u")
    assert upload.status == "failed"
    assert upload.error.message == "Processing timed out after 10 minutes"
    assert upload.error.phase == "score"
    assert progress_of(ports.documents, "u").status == "failed"


def test_an_operator_says_how_long_a_silence_is(ports):
    short = replace(ports, limits=Limits(silence=timedelta(minutes=1)))

    assert cleanup.serve(TICK, short, minutes(2)) == [("score", Work("u", 1))]
    cleanup.serve(TICK, short, minutes(4))

    told = upload_of(ports.documents, "u").error.message
    assert told == "Processing timed out after 1 minute"


def test_a_crash_between_two_phases_is_healed_at_the_next_one(ports):
    upload = upload_of(ports.documents, "u")
    done = upload.with_phase_done("score", DONE, fence=1, now=MADE_AT)
    Collections(ports.documents).put(done)

    assert cleanup.serve(TICK, ports, minutes(11)) == [("candidates", Work("u", 1))]


def test_a_run_that_is_over_is_not_looked_at(ports):
    upload = upload_of(ports.documents, "u")
    Collections(ports.documents).put(upload.with_end("completed", now=MADE_AT))

    assert cleanup.serve(TICK, ports, minutes(100)) == []


@pytest.fixture
def waiting(stores):
    """An upload that waits for two files."""
    opened(stores.documents, "w", shop="tea", slots=("orders", "products"), now=MADE_AT)
    return stores.ports


def landed(ports, now, slot="orders"):
    return land(ports.documents, f"w/{slot}/{slot}.csv", now=now)


def test_the_run_begins_with_what_is_there_when_the_wait_is_over(waiting):
    landed(waiting, minutes(30))

    assert cleanup.serve(TICK, waiting, minutes(89)) == []
    assert cleanup.serve(TICK, waiting, minutes(90)) == [("ingest", Work("w", 1))]
    assert cleanup.serve(TICK, waiting, minutes(91)) == []


def test_an_upload_that_got_no_file_ends_and_its_listeners_are_told(waiting):
    assert cleanup.serve(TICK, waiting, minutes(59)) == []
    assert cleanup.serve(TICK, waiting, minutes(60)) == []

    upload = upload_of(waiting.documents, "w")
    shown = progress_of(waiting.documents, "w")
    assert (upload.status, upload.error.code, upload.run) == ("cancelled", "NO_FILES", 0)
    assert (shown.status, shown.message) == ("cancelled", upload.error.message)
    assert landed(waiting, minutes(61)) is None


def test_an_upload_that_has_all_and_whose_turn_has_come_begins(waiting):
    opened(waiting.documents, "first", shop="tea", now=MADE_AT)
    first = land(waiting.documents, "first/orders/orders.csv", now=MADE_AT)
    landed(waiting, MADE_AT)
    landed(waiting, MADE_AT, "products")

    assert cleanup.serve(TICK, waiting, minutes(5)) == []
    collections = Collections(waiting.documents)
    end_run(collections, first, status="completed", message="", now=minutes(6))
    assert cleanup.serve(TICK, waiting, minutes(7)) == [("ingest", Work("w", 1))]


def test_nothing_begins_and_nothing_is_given_up_while_everything_is_stopped(waiting):
    stopped = Stop(reason="fire", by="ada", at=MADE_AT)
    Collections(waiting.documents).put(FlagSettings(stopped=stopped))
    landed(waiting, MADE_AT)

    assert cleanup.serve(TICK, waiting, minutes(100)) == []
    assert upload_of(waiting.documents, "w").status == "awaiting_files"


def test_an_upload_past_its_life_is_left_to_the_store(waiting):
    landed(waiting, MADE_AT)

    assert cleanup.serve(TICK, waiting, MADE_AT + timedelta(days=30)) == []
