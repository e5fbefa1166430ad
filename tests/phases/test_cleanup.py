from datetime import timedelta

import pytest

from pipeline_lib.messages import Landed, Message, Outcome, Work
from pipeline_lib.phases import cleanup
from pipeline_lib.records import flags as switches
from pipeline_lib.records import progress, uploads
from pipeline_lib.runs import intake
from pipeline_lib.runs.amend import end_run
from tests.conftest import MADE_AT
from tests.uploads import opened

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


@pytest.fixture
def waiting(stores):
    """An upload that waits for two files."""
    slots = {slot: f"w/{slot}/{slot}.csv" for slot in ("orders", "products")}
    intake.open_upload(
        stores.documents, upload_id="w", shop_id="tea", slots=slots, parameters={}, now=MADE_AT
    )
    return stores.ports


def landed(ports, now, slot="orders"):
    return intake.landed(ports.documents, Landed(f"w/{slot}/{slot}.csv", ""), now=now)


def test_the_run_begins_with_what_is_there_when_the_wait_is_over(waiting):
    landed(waiting, minutes(30))

    assert cleanup.serve(TICK, waiting, minutes(89)) == []
    assert cleanup.serve(TICK, waiting, minutes(90)) == [("ingest", Work("w", 1))]
    assert cleanup.serve(TICK, waiting, minutes(91)) == []


def test_an_upload_that_got_no_file_ends_and_its_listeners_are_told(waiting):
    assert cleanup.serve(TICK, waiting, minutes(59)) == []
    assert cleanup.serve(TICK, waiting, minutes(60)) == []

    upload = waiting.documents.read("uploads/w").data
    shown = waiting.documents.read("progress/w").data
    assert (upload["status"], upload["error"]["code"], upload["run"]) == (
        "cancelled",
        "NO_FILES",
        0,
    )
    assert (shown["status"], shown["message"]) == ("cancelled", upload["error"]["message"])
    assert landed(waiting, minutes(61)) is None


def test_an_upload_that_has_all_and_whose_turn_has_come_begins(waiting):
    opened(waiting.documents, "first", shop="tea", now=MADE_AT)
    first = intake.landed(waiting.documents, Landed("first/orders/orders.csv", ""), now=MADE_AT)
    landed(waiting, MADE_AT)
    landed(waiting, MADE_AT, "products")

    assert cleanup.serve(TICK, waiting, minutes(5)) == []
    end_run(waiting.documents, first, status="completed", now=minutes(6))
    assert cleanup.serve(TICK, waiting, minutes(7)) == [("ingest", Work("w", 1))]


def test_nothing_begins_and_nothing_is_given_up_while_everything_is_stopped(waiting):
    stopped = {"reason": "fire", "by": "ada", "at": MADE_AT}
    waiting.documents.put({switches.PATH: {**switches.blank(), "stopped": stopped}})
    landed(waiting, MADE_AT)

    assert cleanup.serve(TICK, waiting, minutes(100)) == []
    assert waiting.documents.read("uploads/w").data["status"] == "awaiting_files"


def test_an_upload_past_its_life_is_left_to_the_store(waiting):
    landed(waiting, MADE_AT)

    assert cleanup.serve(TICK, waiting, MADE_AT + timedelta(days=30)) == []
