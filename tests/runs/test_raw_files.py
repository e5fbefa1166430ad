from datetime import timedelta

import pytest

from pipeline_lib.records.collections import Collections
from pipeline_lib.records.uploads import Failure
from pipeline_lib.runs.ending import cancel_run, end_run
from pipeline_lib.runs.opening import begin_run
from pipeline_lib.runs.raw_files import KEPT_FOR_REDRIVE, remove_raw_files
from tests.conftest import MADE_AT
from tests.uploads import landed, opened, upload_of

LATER = MADE_AT + timedelta(minutes=5)


@pytest.fixture
def sent(stores):
    """A run under way whose file lies in the bucket."""
    [name] = opened(stores.documents, "u", shop="tea", now=MADE_AT).values()
    stores.ports.landing.write_once(name, b"anna@example.com")
    return landed(stores.documents, name, now=MADE_AT)


def files(stores):
    return stores.ports.landing.names("u/")


def end(stores, work, status, error=None):
    collections = Collections(stores.documents)
    end_run(collections, work, status=status, message="", error=error, now=LATER)


def test_files_stay_while_their_run_is_under_way(stores, sent):
    assert remove_raw_files(stores.ports, LATER) == 0
    assert files(stores) == ["u/orders/orders.csv"]


@pytest.mark.parametrize(
    ("status", "code"), [("completed", None), ("failed", "BAD_EXPORT"), ("cancelled", None)]
)
def test_files_go_when_their_run_is_over(stores, sent, status, code):
    error = None if code is None else Failure(code=code, message="no", phase="ingest")
    end(stores, sent, status, error)

    assert remove_raw_files(stores.ports, LATER) == 1
    assert files(stores) == []
    assert remove_raw_files(stores.ports, LATER) == 0


def test_files_go_when_an_upload_is_cancelled_before_its_run(stores):
    names = opened(stores.documents, "u", shop="tea", slots=("orders", "products"), now=MADE_AT)
    stores.ports.landing.write_once(names["orders"], b"x")
    landed(stores.documents, names["orders"], now=MADE_AT)
    cancel_run(Collections(stores.documents), "u", message="Cancelled", now=LATER)

    remove_raw_files(stores.ports, LATER)

    assert files(stores) == []


def test_what_failed_for_no_fault_of_its_files_keeps_them_for_a_week(stores, sent):
    end(stores, sent, "failed", Failure(code="DEAD_LETTER", message="no", phase="score"))

    assert remove_raw_files(stores.ports, LATER) == 0
    assert remove_raw_files(stores.ports, LATER + KEPT_FOR_REDRIVE) == 1


def test_a_file_that_is_sent_again_can_be_run_again(stores, sent):
    end(stores, sent, "completed")
    remove_raw_files(stores.ports, LATER)
    assert not upload_of(stores.documents, "u").has_a_file

    assert stores.ports.landing.write_once("u/orders/orders.csv", b"y")
    landed(stores.documents, "u/orders/orders.csv", now=LATER)

    assert upload_of(stores.documents, "u").has_a_file
    work, _ = begin_run(Collections(stores.documents), "u", now=LATER)
    assert work.run == 2
