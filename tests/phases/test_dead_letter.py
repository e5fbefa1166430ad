import pytest

from pipeline_lib.messages import Errand, Landed, Message, Work
from pipeline_lib.phases import dead_letter
from pipeline_lib.records import uploads
from pipeline_lib.runs import intake, turns
from tests.phases.test_cleanup import MADE_AT, ports  # noqa: F401 - the same run in progress
from tests.uploads import opened


def letter(message, phase):
    return Message(message.data, {**message.attributes, dead_letter.SOURCE: phase})


def test_the_run_is_failed_with_its_phase_and_last_reason(ports):  # noqa: F811
    upload = ports.documents.read("uploads/u").data
    ports.documents.put(
        {"uploads/u": uploads.phase_failed(upload, "score", "MemoryError", fence=1, now=MADE_AT)}
    )

    dead_letter.serve(letter(Work("u", 1).message(), "score"), ports, MADE_AT)

    error = ports.documents.read("uploads/u").data["error"]
    assert error["phase"] == "score"
    assert "score failed again and again (MemoryError)" in error["message"]
    assert ports.documents.read("progress/u").data["status"] == "failed"


def test_a_landed_file_that_nobody_could_read_fails_its_upload(ports):  # noqa: F811
    dead_letter.serve(letter(Landed("u/orders/o.csv", "1").message(), "ingest"), ports, MADE_AT)

    assert ports.documents.read("uploads/u").data["error"]["phase"] == "ingest"


def test_the_next_upload_of_the_shop_begins(ports):  # noqa: F811
    running = ports.documents.read("uploads/u").data
    number = turns.take(ports.documents, running, MADE_AT)
    ports.documents.put({"uploads/u": {**running, "turn": number}})
    opened(ports.documents, "v", shop="s", now=MADE_AT)
    intake.landed(ports.documents, Landed("v/orders/orders.csv", ""), now=MADE_AT)

    found = dead_letter.serve(letter(Work("u", 1).message(), "score"), ports, MADE_AT)

    assert found == [("ingest", Work("v", 1))]


@pytest.mark.parametrize(
    ("message", "phase"),
    [
        (Message(b"rubbish", {}), "score"),
        (Work("nobody", 1).message(), "score"),
        (Work("u", 9).message(), "score"),
        (Work("u", 1).message(), "quickstart"),
        (Work("u", 1).message(), "cleanup"),
        (Errand("w").message(), "redact"),
    ],
)
def test_what_stops_no_run_fails_none(ports, message, phase):  # noqa: F811
    dead_letter.serve(letter(message, phase), ports, MADE_AT)

    assert ports.documents.read("uploads/u").data["status"] == "processing"
