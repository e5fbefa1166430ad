"""Shopify's privacy webhooks: taken, kept and queued; what they ask for is done elsewhere."""

from datetime import UTC, datetime
from hashlib import sha256

from pydantic import ValidationError

from pipeline_lib import topology
from pipeline_lib.http import identity
from pipeline_lib.http.bodies.webhooks import BY_TOPIC, Received, Sent
from pipeline_lib.http.endpoint import Call, Endpoint
from pipeline_lib.http.identity import Access
from pipeline_lib.http.problems import Invalid, Malformed
from pipeline_lib.http.shapes import Nothing
from pipeline_lib.messages import Errand
from pipeline_lib.ports import Secrets
from pipeline_lib.records import webhooks

MOST_BYTES = 768 * 1024  # an erasure may name tens of thousands of orders, and fits a document
TOPIC, SHOP, EVENT, DELIVERY, TRIGGERED = (
    "x-shopify-topic",
    "x-shopify-shop-domain",
    "x-shopify-event-id",
    "x-shopify-webhook-id",
    "x-shopify-triggered-at",
)


def received(call: Call, asked: Nothing) -> Received:  # noqa: ARG001
    """Keep what came and leave its message, at once; the same event comes to the same document.

    The signature is of the body alone: a header that gives the body another meaning is not
    believed. An open one's message is left again, since it may have been lost with the answer.
    """
    topic = call.headers.get(TOPIC, "")
    if topic not in BY_TOPIC:
        return Received(status="ignored")
    body = b"" if call.sent is None else call.sent.data
    sent = _read(BY_TOPIC[topic], body)
    opened = webhooks.opened(
        shop_id=_shop(sent, call),
        topic=topic,
        event=_event(call, body),
        triggered_at=_triggered(call),
        subject={"customers": _hashed(sent, call.world.ports.secrets), "orders": sent.orders},
        now=call.now,
    )
    path = f"webhooks/{opened['id']}"
    new = call.documents.swap(path, opened, since=None) is not None
    found = call.documents.read(path)
    if found is not None and found.data["state"] == "open":
        message = Errand(opened["id"]).message()
        call.world.ports.topics.publish(topology.errand_phase().name, message)
    return Received(status="queued" if new else "duplicate")


def _read(shape: type[Sent], body: bytes) -> Sent:
    try:
        return shape.model_validate_json(body)
    except ValidationError as error:
        if error.errors(include_url=False, include_context=False)[0]["type"] == "json_invalid":
            raise Malformed("The body is no JSON document") from error
        raise Invalid("The body is not what its topic says") from error


def _shop(sent: Sent, call: Call) -> str:
    """The shop that the signed body names; the header may not name another."""
    named = call.headers.get(SHOP, sent.shop)
    if not identity.SHOP.fullmatch(sent.shop) or named != sent.shop:
        raise Invalid("The body and the headers name no one shop", code="BAD_SHOP")
    return sent.shop


def _event(call: Call, body: bytes) -> str:
    """What the same event has in common, however often and over however many webhooks it comes."""
    named = call.headers.get(EVENT) or call.headers.get(DELIVERY)
    return (named or sha256(body).hexdigest())[:200]


def _triggered(call: Call) -> datetime:
    try:
        at = datetime.fromisoformat(call.headers.get(TRIGGERED, ""))
    except ValueError:
        return call.now
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _hashed(sent: Sent, secrets: Secrets) -> list[str]:
    """The shopper as the stores know her: no name leaves this call."""
    if not sent.customers:
        return []
    import polars as pl  # noqa: PLC0415 - frames take a third of a second

    from pipeline_lib.exports.keys import hashed  # noqa: PLC0415 - as above

    key = secrets.read("customer_key")
    return hashed(pl.Series(sent.customers, dtype=pl.String), key).drop_nulls().to_list()


ROWS = (
    Endpoint(
        "POST",
        "/api/webhooks/shopify",
        "Take one of Shopify's privacy webhooks, by its topic",
        Access.SHOPIFY,
        received,
        Received,
        (265, 294),
        body="raw",
        most_bytes=MOST_BYTES,
        refuses=(Invalid,),
    ),
)
