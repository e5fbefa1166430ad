from datetime import timedelta

import pytest

from pipeline_lib.errors import NothingToRedrive, ShopBusy
from pipeline_lib.messages import Work
from pipeline_lib.records.collections import Collections
from pipeline_lib.records.shops import OPENING, Shop
from pipeline_lib.records.uploads import Failure, Parameters
from pipeline_lib.runs import ending, opening
from pipeline_lib.runs.redrive import redrive_run
from tests.conftest import MADE_AT
from tests.contracts.turns import (  # noqa: F401
    test_of_many_uploads_of_a_shop_at_once_one_is_worked_on,
)
from tests.uploads import landed as land
from tests.uploads import opened, upload_of

NO_FILES = Failure(code="NO_FILES", message="none", phase="ingest")


@pytest.fixture
def ports(stores):
    return stores.ports


@pytest.fixture
def collections(stores):
    return Collections(stores.documents)


def minutes(count):
    return MADE_AT + timedelta(minutes=count)


def open_one(collections, upload_id, *, shop="tea", slots=("orders",)):
    return opened(collections.documents, upload_id, shop=shop, now=MADE_AT, slots=slots)


def landed(collections, upload_id, at=MADE_AT):
    return land(collections.documents, f"{upload_id}/orders/orders.csv", now=at)


def status(collections, upload_id):
    return upload_of(collections.documents, upload_id).status


def end(collections, work, status, at):
    ending.end_run(collections, work, status=status, message="", now=at)


def test_a_second_upload_waits_and_begins_when_the_first_is_over(collections):
    for upload in ("a", "b", "c"):
        open_one(collections, upload)
    first = landed(collections, "a")

    waits = landed(collections, "c", minutes(1)), landed(collections, "b", minutes(2))
    before = ending.begin_next_run(collections, "tea", now=minutes(3))
    end(collections, first, "completed", minutes(4))
    after = ending.begin_next_run(collections, "tea", now=minutes(5))

    assert (first, waits, before) == (Work("a", 1), (None, None), None)
    assert after == Work("c", 1)
    assert [status(collections, one) for one in "abc"] == [
        "completed",
        "awaiting_files",
        "processing",
    ]


def test_another_shop_does_not_wait(collections):
    open_one(collections, "a")
    open_one(collections, "x", shop="soap")

    assert landed(collections, "a") == Work("a", 1)
    assert landed(collections, "x") == Work("x", 1)


def test_a_run_that_is_asked_for_meanwhile_is_refused(collections):
    open_one(collections, "a")
    open_one(collections, "b")
    landed(collections, "a")

    with pytest.raises(ShopBusy):
        opening.begin_run(collections, "b", now=minutes(1))


def test_a_failed_run_goes_on_only_when_no_other_is_under_way(collections, ports):
    open_one(collections, "a")
    open_one(collections, "b")
    begun = landed(collections, "a")
    collections.uploads.change(
        "a", lambda one: one.with_phase_started("enrich", fence=1, now=MADE_AT)
    )
    end(collections, begun, "failed", minutes(1))
    second = landed(collections, "b", minutes(2))

    with pytest.raises(ShopBusy):
        redrive_run(ports, "a", now=minutes(3))
    end(collections, second, "completed", minutes(4))

    assert redrive_run(ports, "a", now=minutes(5)) == ["enrich"]
    assert status(collections, "a") == "processing"
    with pytest.raises(ShopBusy):
        opening.begin_run(collections, "b", now=minutes(6))
    with pytest.raises(NothingToRedrive):
        redrive_run(ports, "b", now=minutes(6))


def test_a_call_that_took_the_turn_and_died_holds_it_for_a_while(collections):
    open_one(collections, "a")
    open_one(collections, "b")
    opening.take_turn(collections, upload_of(collections.documents, "a"), now=MADE_AT)

    assert landed(collections, "b", MADE_AT + OPENING - timedelta(seconds=1)) is None
    assert ending.begin_next_run(collections, "tea", now=MADE_AT + OPENING) == Work("b", 1)


def test_the_turn_of_an_upload_that_is_gone_is_free(collections):
    open_one(collections, "a")
    open_one(collections, "b")
    landed(collections, "a")
    collections.uploads.delete("a")

    assert landed(collections, "b", minutes(1)) == Work("b", 1)


def test_a_run_that_was_over_before_its_second_notice_does_not_run_again(collections):
    open_one(collections, "a")
    work = landed(collections, "a")
    end(collections, work, "completed", minutes(1))

    assert landed(collections, "a", minutes(2)) is None
    assert opening.begin_unasked(collections, "a", now=minutes(2)) is None
    assert status(collections, "a") == "completed"


def test_an_upload_that_was_cancelled_meanwhile_does_not_begin_by_itself(collections):
    open_one(collections, "a")
    ending.cancel_run(collections, "a", message="Cancelled", now=minutes(1))

    assert opening.begin_unasked(collections, "a", now=minutes(2)) is None
    assert status(collections, "a") == "cancelled"


def test_an_upload_is_not_given_up_when_a_file_has_landed_meanwhile(collections):
    open_one(collections, "a", slots=("orders", "products"))
    landed(collections, "a")

    ending.end_wait(collections, "a", error=NO_FILES, now=minutes(1))

    assert status(collections, "a") == "awaiting_files"


def test_what_lies_in_s3_waits_to_be_asked_for(collections):
    opening.open_upload(
        collections,
        upload_id="a",
        shop_id="tea",
        slots={"orders": "s3://bucket/o.csv"},
        parameters=Parameters(),
        now=MADE_AT,
    )

    assert ending.begin_next_run(collections, "tea", now=minutes(1)) is None
    assert opening.begin_run(collections, "a", now=minutes(2)) == (Work("a", 1), True)


def test_what_the_shop_document_says_besides_stays(collections):
    collections.shops.put(Shop(shop_id="tea", newest=Work("o", 1)))
    open_one(collections, "a")

    landed(collections, "a")

    shop = collections.shops.read("tea").record
    assert shop.newest == Work("o", 1)
    assert (shop.running.upload_id, shop.running.number) == ("a", 1)
