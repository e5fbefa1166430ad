from datetime import timedelta

from pipeline_lib.records import webhooks
from tests.conftest import MADE_AT

SUBJECT = {"customers": ["hash"], "orders": ["1"]}


def opened(topic=webhooks.CUSTOMER):
    return webhooks.opened(
        shop_id="shop", topic=topic, event="e", triggered_at=MADE_AT, subject=SUBJECT, now=MADE_AT
    )


def test_the_same_event_has_one_name_and_others_have_their_own():
    names = [
        webhooks.name_of(shop, topic, event)
        for shop in ("a", "b")
        for topic in (webhooks.CUSTOMER, webhooks.SHOP)
        for event in ("1", "2")
    ]

    assert len({*names}) == len(names)
    assert webhooks.name_of("shop", webhooks.CUSTOMER, "e") == opened()["id"]


def test_what_was_noted_first_stays():
    noted = webhooks.noted(opened(), files={"u": 2}, runs={"u.1": {"orders": 1}})

    again = webhooks.noted(noted, files={"u": 0, "v": 1}, runs={})

    assert again["files"] == {"u": 2, "v": 1}
    assert again["runs"] == {"u.1": {"orders": 1}}


def test_a_certificate_says_nothing_of_the_shopper():
    done = webhooks.done(opened(), MADE_AT + timedelta(hours=1))

    assert (done["state"], done["subject"], done["expires_at"]) == ("done", None, None)


def test_a_shoppers_request_is_kept_with_its_subject_for_a_time():
    done = webhooks.done(opened(webhooks.DATA_REQUEST), MADE_AT)

    assert done["subject"] == SUBJECT
    assert done["expires_at"] == MADE_AT + webhooks.TOLD_FOR
