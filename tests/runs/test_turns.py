from datetime import timedelta

import pytest

from pipeline_lib.errors import NothingToRedrive, ShopBusy
from pipeline_lib.messages import Landed, Work
from pipeline_lib.records.turns import OPENING
from pipeline_lib.runs import intake, onwards, redrive, turns
from pipeline_lib.runs.amend import amend, end_run
from tests.conftest import MADE_AT
from tests.contracts.turns import (  # noqa: F401
    test_of_many_uploads_of_a_shop_at_once_one_is_worked_on,
)


@pytest.fixture
def ports(stores):
    return stores.ports


@pytest.fixture
def documents(stores):
    return stores.documents


def minutes(count):
    return MADE_AT + timedelta(minutes=count)


def opened(documents, upload_id, *, shop="tea", at=MADE_AT, name=None):
    name = name or f"{upload_id}/orders/o.csv"
    intake.open_upload(
        documents,
        upload_id=upload_id,
        shop_id=shop,
        slots={"orders": name},
        parameters={},
        now=at,
    )


def landed(documents, upload_id, at=MADE_AT):
    return intake.landed(documents, Landed(f"{upload_id}/orders/o.csv", ""), now=at)


def status(documents, upload_id):
    return documents.read(f"uploads/{upload_id}").data["status"]


def test_a_second_upload_waits_and_begins_when_the_first_is_over(documents):
    for upload in ("a", "b", "c"):
        opened(documents, upload)
    first = landed(documents, "a")

    waits = landed(documents, "c", minutes(1)), landed(documents, "b", minutes(2))
    before = onwards.following(documents, "tea", now=minutes(3))
    end_run(documents, first, status="completed", now=minutes(4))
    after = onwards.following(documents, "tea", now=minutes(5))

    assert (first, waits, before) == (Work("a", 1), (None, None), None)
    assert after == Work("c", 1)
    assert [status(documents, one) for one in "abc"] == [
        "completed",
        "awaiting_files",
        "processing",
    ]


def test_another_shop_does_not_wait(documents):
    opened(documents, "a")
    opened(documents, "x", shop="soap")

    assert landed(documents, "a") == Work("a", 1)
    assert landed(documents, "x") == Work("x", 1)


def test_a_run_that_is_asked_for_meanwhile_is_refused(documents):
    opened(documents, "a")
    opened(documents, "b")
    landed(documents, "a")

    with pytest.raises(ShopBusy):
        intake.begin(documents, "b", now=minutes(1))


def test_a_failed_run_goes_on_only_when_no_other_is_under_way(documents):
    opened(documents, "a")
    opened(documents, "b")
    end_run(documents, landed(documents, "a"), status="failed", now=minutes(1))
    second = landed(documents, "b", minutes(2))

    with pytest.raises(ShopBusy):
        redrive.reopen(documents, "a", now=minutes(3))
    end_run(documents, second, status="completed", now=minutes(4))

    assert redrive.reopen(documents, "a", now=minutes(5))["status"] == "processing"
    with pytest.raises(ShopBusy):
        intake.begin(documents, "b", now=minutes(6))
    with pytest.raises(NothingToRedrive):
        redrive.reopen(documents, "b", now=minutes(6))


def test_a_call_that_took_the_turn_and_died_holds_it_for_a_while(documents):
    opened(documents, "a")
    opened(documents, "b")
    turns.take(documents, documents.read("uploads/a").data, MADE_AT)

    assert landed(documents, "b", MADE_AT + OPENING - timedelta(seconds=1)) is None
    assert onwards.following(documents, "tea", now=MADE_AT + OPENING) == Work("b", 1)


def test_the_turn_of_an_upload_that_is_gone_is_free(documents):
    opened(documents, "a")
    opened(documents, "b")
    landed(documents, "a")
    documents.delete(["uploads/a"])

    assert landed(documents, "b", minutes(1)) == Work("b", 1)


def test_a_run_that_was_over_before_its_second_notice_does_not_run_again(documents):
    opened(documents, "a")
    before = documents.read("uploads/a").data
    work = landed(documents, "a")
    end_run(documents, work, status="completed", now=minutes(1))

    assert intake.begun_by_itself(documents, before, now=minutes(2)) == work
    assert status(documents, "a") == "completed"


def test_an_upload_that_was_cancelled_meanwhile_does_not_begin_by_itself(documents):
    opened(documents, "a")
    before = documents.read("uploads/a").data
    onwards.abandon(documents, "a", now=minutes(1))

    intake.begun_by_itself(documents, before, now=minutes(2))

    assert status(documents, "a") == "cancelled"


def test_an_upload_is_not_given_up_when_a_file_has_landed_meanwhile(documents):
    slots = {slot: f"a/{slot}/o.csv" for slot in ("orders", "products")}
    intake.open_upload(
        documents, upload_id="a", shop_id="tea", slots=slots, parameters={}, now=MADE_AT
    )
    landed(documents, "a")

    onwards.abandon(documents, "a", now=minutes(1), error={"code": "NO_FILES", "message": "none"})

    assert status(documents, "a") == "awaiting_files"


def test_what_lies_elsewhere_waits_to_be_asked_for(documents):
    opened(documents, "a", name="s3://bucket/o.csv")

    assert onwards.following(documents, "tea", now=minutes(1)) is None
    assert intake.begin(documents, "a", now=minutes(2)) == Work("a", 1)


def test_what_the_shop_document_says_besides_stays(documents):
    documents.put({"shops/tea": {"shop_id": "tea", "newest": {"upload_id": "o", "run": 1}}})
    opened(documents, "a")

    landed(documents, "a")
    amend(documents, "shops/tea", lambda data: data)

    shop = documents.read("shops/tea").data
    assert shop["newest"] == {"upload_id": "o", "run": 1}
    assert (shop["running"]["upload_id"], shop["running"]["number"]) == ("a", 1)
