import base64
import hmac
import json
from datetime import timedelta

import pytest

from pipeline_lib.messages import PrivacyTask
from tests.http.conftest import SETTINGS, SOAP, TEA
from tests.planted import EMAIL, IDS, MARKERS, PHONE, began, drained, hash_of, planted, traces

PATH = "/api/webhooks/shopify"
DATA_REQUEST, CUSTOMER = "customers/data_request", "customers/redact"
SHOP, UNINSTALLED = "shop/redact", "app/uninstalled"
SHOPPER = {"id": 191167, "email": EMAIL, "phone": PHONE}
OF_SHOP = {"shop_id": 954889, "shop_domain": TEA}
BODIES = {
    CUSTOMER: {**OF_SHOP, "customer": SHOPPER, "orders_to_redact": list(map(int, IDS))},
    DATA_REQUEST: {
        **OF_SHOP,
        "customer": SHOPPER,
        "orders_requested": list(map(int, IDS)),
        "data_request": {"id": 9999},
    },
    SHOP: OF_SHOP,
    UNINSTALLED: {"id": 954889, "name": "Tea", "domain": TEA, "myshopify_domain": TEA},
}
TOPICS = list(BODIES)


def signed(body, key=SETTINGS.shopify_client_secret):
    return base64.b64encode(hmac.digest(key, body, "sha256")).decode()


@pytest.fixture
def send(ask):
    """Sends a webhook as Shopify does, but for what is changed."""

    def post(topic=CUSTOMER, body=None, *, signature=None, event="e1", **headers):
        told = BODIES[topic] if body is None else body
        raw = told if isinstance(told, bytes) else json.dumps(told).encode()
        named = {
            "X-Shopify-Topic": topic,
            "X-Shopify-Hmac-Sha256": signed(raw) if signature is None else signature,
            "X-Shopify-Shop-Domain": TEA,
            "X-Shopify-Event-Id": event,
            "X-Shopify-Webhook-Id": f"{event}-delivery",
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        given = {name: value for name, value in named.items() if value is not None}
        given["Content-Type"] = "application/json"
        return ask("POST", PATH, shop=None, content=raw, headers=given)

    return post


@pytest.fixture
def ran(stores):
    """A shop's finished run on a file that holds the shopper."""
    began(stores, planted())
    drained(stores)
    return stores


def waiting(stores):
    """What is queued, in order."""
    taken = []
    while delivery := stores.topics.take():
        taken.append((delivery.topic, json.loads(delivery.message.data)))
    return taken


def records(stores):
    return [document.data for _, document in stores.documents.find("webhooks", {})]


@pytest.mark.parametrize("topic", TOPICS)
def test_a_webhook_is_kept_and_queued_without_a_name(send, stores, topic):
    answer = send(topic)

    kept = records(stores)[0]
    assert (answer.status_code, answer.json()) == (200, {"status": "queued"})
    assert waiting(stores) == [("redact", {"webhook_id": kept["id"]})]
    assert (kept["shop_id"], kept["topic"], kept["state"]) == (TEA, topic, "open")
    assert traces(stores, EMAIL, PHONE, "191167") == {}


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize(
    "signature",
    [
        "",
        "x",
        "\u00e4\u00f6",
        signed(b"another body"),
        signed(json.dumps(BODIES[CUSTOMER]).encode(), key=b"another secret"),
        hmac.new(SETTINGS.shopify_client_secret, b"{}", "sha256").hexdigest(),
    ],
)
def test_a_signature_that_is_not_the_bodys_is_answered_401(send, stores, topic, signature):
    answer = send(topic, signature=signature)

    assert (answer.status_code, answer.json()["code"]) == (401, "BAD_SIGNATURE")
    assert records(stores) == []
    assert waiting(stores) == []


def test_a_signature_is_asked_for_before_the_topic_and_the_body(send, ask):
    assert ask("POST", PATH, shop=None, content=b"x").status_code == 401
    assert send("orders/create", {}, signature="x").status_code == 401
    assert send(body=b"no json", signature="x").status_code == 401


def test_the_signature_is_of_the_bytes_and_not_of_their_meaning(send):
    body = json.dumps(BODIES[CUSTOMER]).encode()

    answer = send(body=body.replace(b": ", b":"), signature=signed(body))

    assert answer.status_code == 401


def test_the_same_event_is_done_once_however_often_it_comes(send, stores, ran):
    assert send().json() == {"status": "queued"}
    assert send(X_Shopify_Webhook_Id="another").json() == {"status": "duplicate"}
    drained(ran)
    run = ran.documents.read("uploads/u").data["run"]

    again = send()

    assert again.json() == {"status": "duplicate"}
    assert waiting(stores) == []
    assert len(records(stores)) == 1
    assert run == 2


def test_an_open_event_that_comes_again_is_queued_again_in_case_its_message_was_lost(send, stores):
    send()
    waiting(stores)

    send()

    assert [topic for topic, _ in waiting(stores)] == ["redact"]


def test_events_are_told_apart_by_topic_and_by_delivery_where_no_event_is_named(send, stores):
    send()
    send(DATA_REQUEST)
    send(X_Shopify_Event_Id=None)
    send(X_Shopify_Event_Id=None, X_Shopify_Webhook_Id="other")
    send(X_Shopify_Event_Id=None, X_Shopify_Webhook_Id=None)

    assert len(records(stores)) == 5


@pytest.mark.parametrize(
    ("topic", "body"),
    [
        (SHOP, BODIES[CUSTOMER]),
        (SHOP, BODIES[DATA_REQUEST]),
        (SHOP, BODIES[UNINSTALLED]),
        (CUSTOMER, BODIES[DATA_REQUEST]),
        (CUSTOMER, BODIES[SHOP]),
        (UNINSTALLED, BODIES[SHOP]),
        (CUSTOMER, []),
        (SHOP, {"shop_domain": "tea-shop.example.com"}),
        (SHOP, {"shop_domain": 1}),
        (SHOP, {"shop_domain": SOAP}),
    ],
)
def test_a_signed_body_means_what_it_says_whatever_the_headers_say(send, stores, topic, body):
    answer = send(topic, body)

    assert answer.status_code == 422
    assert records(stores) == []


def test_a_body_that_is_no_json_is_refused_though_it_is_signed(send):
    answer = send(body=b"shop_domain=tea")

    assert (answer.status_code, answer.json()["code"]) == (400, "MALFORMED")


def test_a_huge_body_is_refused_before_it_is_looked_at(send):
    answer = send(body=b" " * (768 * 1024 + 1))

    assert answer.status_code == 413


def test_many_orders_are_not_huge(send, stores):
    orders = list(range(5_000_000_000_000, 5_000_000_050_000))

    answer = send(body=BODIES[CUSTOMER] | {"orders_to_redact": orders})

    assert answer.json() == {"status": "queued"}
    assert len(records(stores)[0]["subject"]["orders"]) == 50_000


def test_a_topic_that_nothing_is_done_about_is_answered_well_so_that_it_is_not_sent_again(
    send, stores
):
    answer = send("orders/create", {"id": 1})

    assert (answer.status_code, answer.json()) == (200, {"status": "ignored"})
    assert records(stores) == []


def test_a_shopper_is_found_by_the_hash_of_what_exports_name_her_by(send, stores):
    send()

    subject = records(stores)[0]["subject"]
    named = [EMAIL, "191167", PHONE]
    assert subject["customers"] == [hash_of(stores, text) for text in named]
    assert subject["orders"] == list(IDS)


def test_a_shopper_with_fields_that_the_app_may_not_see_is_found_by_the_others(send, stores):
    send(body=BODIES[CUSTOMER] | {"customer": {"id": 191167, "email": None}})

    assert records(stores)[0]["subject"]["customers"] == [hash_of(stores, "191167")]


def test_from_webhook_to_certificate_nothing_is_left_and_the_shop_can_read_it(send, ask, ran):
    send()
    drained(ran)

    told = ask("GET", "/api/privacy/records").json()["records"]
    assert traces(ran, *MARKERS, hash_of(ran)) == {}
    assert [(one["topic"], one["state"], one["event_id"]) for one in told] == [
        ("customers/redact", "done", "e1")
    ]
    assert told[0]["files"] == 1
    assert told[0]["runs"][0]["orders"] == 2
    assert ask("GET", "/api/privacy/records", shop=SOAP).json()["records"] == []


def test_a_shops_shopper_is_told_which_of_her_orders_are_kept(send, ask, ran):
    send(DATA_REQUEST)
    drained(ran)

    told = ask("GET", "/api/privacy/records").json()["records"][0]
    assert told["runs"][0]["order_ids"] == ["#990001", "#990002"]


def test_what_a_shopper_was_told_is_over_after_its_time(send, ask, ran, clock):
    send(DATA_REQUEST)
    drained(ran)

    clock.on(days=31)

    assert ask("GET", "/api/privacy/records").json()["records"] == []
    assert ask.operator("GET", "/api/admin/privacy/records").json()["records"] == []


def test_an_erased_shops_certificate_is_left_to_operators(send, ask, ran):
    send(SHOP)
    drained(ran)

    path = f"/api/admin/privacy/records?shop={TEA}"
    told = ask.operator("GET", path, role="viewer").json()["records"]
    assert told[0]["documents"]["uploads"] == 1
    assert ask.operator("GET", "/api/admin/privacy/records?shop=x").json()["records"] == []
    assert ask("GET", "/api/bundle-recommendations").json()["total"] == 0


def test_a_late_uninstall_stops_only_what_began_before_it(send, stores, clock):
    early = (clock() - timedelta(hours=3)).isoformat()
    began(stores, planted())

    send(UNINSTALLED, X_Shopify_Triggered_At=early)
    drained(stores)

    assert stores.documents.read("uploads/u").data["status"] == "completed"


def test_an_errand_that_lies_open_is_sent_again_by_the_sweep(send, ask, stores, clock):
    send()
    waiting(stores)
    clock.on(minutes=11)

    ask.tick("/api/bundles/cron/cleanup-stuck-jobs")

    name = records(stores)[0]["id"]
    assert waiting(stores) == [("redact", json.loads(PrivacyTask(name).message().data))]
