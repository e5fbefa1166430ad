import pytest

from pipeline_lib.messages import Landing, Message, PrivacyTask, Work
from pipeline_lib.phases import dead_letter
from pipeline_lib.records.collections import Collections
from pipeline_lib.runs.opening import take_turn
from tests.phases.test_cleanup import MADE_AT, ports  # noqa: F401 - the same run in progress
from tests.uploads import landed, opened, progress_of, upload_of


def letter(message, phase):
    return Message(message.data, {**message.attributes, dead_letter.SOURCE: phase})


def test_the_run_is_failed_with_its_phase_and_last_reason(ports):  # noqa: F811
    upload = upload_of(ports.documents, "u")
    failed = upload.with_phase_failed("score", "MemoryError", fence=1, now=MADE_AT)
    Collections(ports.documents).put(failed)

    dead_letter.serve(letter(Work("u", 1).message(), "score"), ports, MADE_AT)

    error = upload_of(ports.documents, "u").error
    assert error.phase == "score"
    assert "score failed again and again (MemoryError)" in error.message
    assert progress_of(ports.documents, "u").status == "failed"


def test_a_landed_file_that_nobody_could_read_fails_its_upload(ports):  # noqa: F811
    dead_letter.serve(letter(Landing("u/orders/o.csv", "1").message(), "ingest"), ports, MADE_AT)

    assert upload_of(ports.documents, "u").error.phase == "ingest"


def test_the_next_upload_of_the_shop_begins(ports):  # noqa: F811
    running, collections = upload_of(ports.documents, "u"), Collections(ports.documents)
    number = take_turn(collections, running, now=MADE_AT)
    collections.put(running.with_turn_used(number))
    opened(ports.documents, "v", shop="s", now=MADE_AT)
    landed(ports.documents, "v/orders/orders.csv", now=MADE_AT)

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
        (PrivacyTask("w").message(), "redact"),
    ],
)
def test_what_stops_no_run_fails_none(ports, message, phase):  # noqa: F811
    dead_letter.serve(letter(message, phase), ports, MADE_AT)

    assert upload_of(ports.documents, "u").status == "processing"
