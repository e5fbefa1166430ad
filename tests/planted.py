"""A shop's orders with one shopper planted among them, and where any trace of her is found."""

import csv
import io
import time
from contextlib import closing
from functools import cache

import polars as pl

from pipeline_lib.clock import now
from pipeline_lib.errors import LeaseHeld
from pipeline_lib.exports.keys import hash_customers
from pipeline_lib.messages import Work
from pipeline_lib.records.collections import Collections
from pipeline_lib.records.uploads import Parameters
from pipeline_lib.records.webhooks import Subject, Webhook, webhook_id
from pipeline_lib.runs.job import Artefacts
from pipeline_lib.runs.opening import open_upload
from pipeline_lib.runtime import wiring
from pipeline_lib.runtime.receiver import handler_of
from tests.shops import cut, exports

EMAIL, PHONE = "zebulon.planted@example.net", "+44 20 7946 0999"
NAMES, IDS = ("#990001", "#990002", "#990003"), ("8800000000001", "8800000000002", "8800000000003")
CELLS = {
    "Email": EMAIL,
    "Billing Name": "Zebulon Planted",
    "Billing Street": "13 Marker Lane",
    "Billing Phone": PHONE,
    "Phone": PHONE,
    "Notes": "MARKED NOTE: leave it with the neighbour",
    "Note Attributes": "gift: MARKED ATTRIBUTE",
    "Payment Reference": "planted-reference",
}
MARKERS = (*NAMES, *IDS, *CELLS.values())
SHOP = "tea-shop.myshopify.com"


@cache
def clean(lines=1_500):
    """The file without her."""
    return cut(exports()["orders"], lines)


@cache
def planted(lines=1_500, *, names=NAMES):
    """The file with her orders on top, the newest: two good ones, and one that cannot be read."""
    header, *rows = csv.reader(clean(lines).decode().splitlines())
    pair = [row for row in rows if row[header.index("Name")] == rows[0][header.index("Name")]][:2]
    made = []
    for at, name in enumerate(names):
        for row in pair:
            told = dict(zip(header, row, strict=True)) | CELLS | {"Name": name}
            told |= {"Id": IDS[at], "Created at": f"2026-11-0{at + 1} 10:00:00 +0000"}
            told |= {"Lineitem quantity": "many"} if at == len(NAMES) - 1 else {}
            made.append([told[column] for column in header])
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *made, *rows])
    return text.getvalue().encode()


def began(stores, content, *, upload_id="u", shop=SHOP, parameters=None, slot="orders"):
    """Make an upload whose file has landed, so that its run begins."""
    name = f"{upload_id}/{slot}/{slot}.csv"
    open_upload(
        Collections(stores.documents),
        upload_id=upload_id,
        shop_id=shop,
        slots={slot: name},
        parameters=parameters or Parameters(),
        now=now(),
    )
    stores.ports.landing.write_once(name, content)


def drained(stores, *, most=400):
    """Delivers until nothing waits; returns how often a message had to come again."""
    again = 0
    for _ in range(most):
        delivery = stores.topics.take()
        if delivery is None:
            if not stores.topics.waiting():
                return again
            time.sleep(0.05)
            continue
        try:
            handler_of(delivery.topic)(delivery.message, stores.ports)
        except LeaseHeld:
            again += 1
            stores.topics.postpone(delivery)
        else:
            stores.topics.acknowledge(delivery)
    raise AssertionError("messages keep coming again")


def hash_of(stores, text=EMAIL):
    """How a store's customers are hashed."""
    return hash_customers(pl.Series([text]), stores.ports.secrets.read("customer_key"))[0]


def webhook(stores, topic="customers/redact", *, shop=SHOP, event="event-1", email=EMAIL, at=None):
    """Store a webhook and leave its message; returns its id."""
    made = received(
        Subject(customers=(hash_of(stores, email),), orders=IDS),
        topic=topic,
        shop=shop,
        event=event,
        at=at,
    )
    Collections(stores.documents).put(made)
    stores.topics.publish("redact", made.task.message())
    return made.id


def received(subject, *, topic="customers/redact", shop=SHOP, event="event-1", at=None):
    """The record of a webhook that came just now."""
    return Webhook(
        id=webhook_id(shop, topic, event),
        shop_id=shop,
        topic=topic,
        event_id=event,
        triggered_at=at or now(),
        received_at=now(),
        subject=subject,
    )


def kept(stores, upload_id="u", run=1):
    """What a run kept."""
    return Artefacts(stores.ports.artefacts, Work(upload_id, run))


def traces(stores, *markers):
    """The files of all stores that hold a marker, plain or in Parquet, with the first of them."""
    found = {}
    for file in sorted(stores.folder.rglob("*")):
        if file.is_file() and file.parent.name != "secrets":
            held = file.read_bytes()
            if file.suffix == ".parquet":
                held += pl.read_parquet(file).write_ndjson().encode()
            there = [marker for marker in markers if marker.encode() in held]
            if there:
                found[str(file.relative_to(stores.folder))] = there[0]
    return found


def other_stores(folder):
    """The embedded stores of another folder, closed when the block is left."""
    return closing(wiring.embedded(folder))
