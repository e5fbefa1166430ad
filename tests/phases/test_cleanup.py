from datetime import timedelta

import pytest

from pipeline_lib.domain.runs import progress, uploads
from pipeline_lib.events import Message, Outcome, Work
from pipeline_lib.phases import cleanup
from tests.conftest import MADE_AT

TICK = Message(b"{}", {})
DONE = Outcome(read={}, kept={}, then=())


@pytest.fixture
def ports(stores):
    opened = uploads.opened(
        upload_id="u", shop_id="s", slots={"orders": "u/o"}, parameters={}, now=MADE_AT
    )
    upload = uploads.begun(opened, MADE_AT)
    for phase in ("ingest", "enrich", "score"):
        upload = uploads.phase_started(upload, phase, fence=1, now=MADE_AT)
    for phase in ("ingest", "enrich"):
        upload = uploads.phase_ended(upload, phase, DONE, fence=1, now=MADE_AT)
    shown = progress.fresh(upload_id="u", shop_id="s", run=1, now=MADE_AT)
    stores.documents.put({"uploads/u": upload, "progress/u": shown})
    return stores.ports


def minutes(count):
    return MADE_AT + timedelta(minutes=count)


def test_a_run_with_a_recent_sign_of_life_is_left_alone(ports):
    assert cleanup.serve(TICK, ports, minutes(9)) == []


def test_age_alone_is_not_stuck(ports):
    shown = ports.documents.read("progress/u").data
    ports.documents.put({"progress/u": {**shown, "updated_at": minutes(55)}})

    assert cleanup.serve(TICK, ports, minutes(60)) == []


def test_a_silent_run_is_set_going_once_at_its_unfinished_phase(ports):
    assert cleanup.serve(TICK, ports, minutes(11)) == [("score", Work("u", 1))]
    assert cleanup.serve(TICK, ports, minutes(12)) == []


def test_a_run_that_stays_silent_is_failed_in_the_documented_words(ports):
    cleanup.serve(TICK, ports, minutes(11))

    assert cleanup.serve(TICK, ports, minutes(22)) == []

    upload = ports.documents.read("uploads/u").data
    assert upload["status"] == "failed"
    assert upload["error"]["message"] == "Processing timed out after 10 minutes"
    assert upload["error"]["phase"] == "score"
    assert ports.documents.read("progress/u").data["status"] == "failed"


def test_a_crash_between_two_phases_is_healed_at_the_next_one(ports):
    upload = ports.documents.read("uploads/u").data
    done = uploads.phase_ended(upload, "score", DONE, fence=1, now=MADE_AT)
    ports.documents.put({"uploads/u": done})

    assert cleanup.serve(TICK, ports, minutes(11)) == [("candidates", Work("u", 1))]


def test_a_run_that_is_over_is_not_looked_at(ports):
    upload = ports.documents.read("uploads/u").data
    ports.documents.put({"uploads/u": uploads.ended(upload, "completed", MADE_AT)})

    assert cleanup.serve(TICK, ports, minutes(100)) == []
