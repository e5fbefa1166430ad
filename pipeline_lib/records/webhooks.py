"""A privacy webhook's life as pure changes of its document; in the end that is its certificate."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

DATA_REQUEST, CUSTOMER, SHOP, UNINSTALLED = (
    "customers/data_request",
    "customers/redact",
    "shop/redact",
    "app/uninstalled",
)
TOLD_FOR = timedelta(days=30)  # the time in which a shop answers its shopper
PARTS = ("runs", "files", "documents")

Webhook = Mapping[str, Any]


def name_of(shop_id: str, topic: str, event: str) -> str:
    """The document's id: the same event of a shop under the same topic is the same webhook."""
    return sha256(f"{shop_id}\0{topic}\0{event}".encode()).hexdigest()[:40]


def opened(  # noqa: PLR0913 - all are said by name
    *,
    shop_id: str,
    topic: str,
    event: str,
    triggered_at: datetime,
    subject: Mapping[str, list[str]],
    now: datetime,
) -> dict[str, Any]:
    """What came and is still to be done.

    ``subject`` is as ``subjects`` takes it. ``runs``, ``files`` and ``documents`` will say what was
    found of it, by name; nothing in them tells who it was, but for what a shopper's request asks.
    """
    return {
        "id": name_of(shop_id, topic, event),
        "shop_id": shop_id,
        "topic": topic,
        "event_id": event,
        "triggered_at": triggered_at,
        "received_at": now,
        "state": "open",
        "subject": dict(subject),
        "runs": {},
        "files": {},
        "documents": {},
        "done_at": None,
        "expires_at": None,
    }


def noted(webhook: Webhook, **found: Mapping[str, Any]) -> dict[str, Any]:
    """The webhook with what was found and is about to go.

    What was noted before stays as it was then: after a break there is less to be found.
    """
    return {**webhook, **{part: {**found[part], **webhook[part]} for part in found}}


def done(webhook: Webhook, now: datetime) -> dict[str, Any]:
    """The webhook when all is done: it no longer says whom it was about.

    A shopper's request is kept, with its subject, as long as the shop has to answer it: so that the
    shopper's erasure finds it too.
    """
    over = {**webhook, "state": "done", "done_at": now}
    if webhook["topic"] == DATA_REQUEST:
        return {**over, "expires_at": now + TOLD_FOR}
    return {**over, "subject": None}
