"""A privacy webhook's life; in the end its document is the certificate of what was erased."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import ClassVar, Literal

from pydantic import AwareDatetime

from pipeline_lib.messages import PrivacyTask
from pipeline_lib.ports import Order
from pipeline_lib.records.record import Part, Record

WebhookTopic = Literal[
    "customers/data_request", "customers/redact", "shop/redact", "app/uninstalled"
]


class Subject(Part):
    """Whom a webhook is about: keyed hashes of a shopper's e-mail and id, and order ids."""

    customers: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()

    def shares_with(self, other: "Subject") -> bool:
        """Whether both are about the same shopper or order."""
        return bool(
            set(self.customers) & set(other.customers) or set(self.orders) & set(other.orders)
        )


class FoundRun(Part):
    """What was found of the subject in one run; what does not apply is left null."""

    upload_id: str
    run: int
    order_ids: tuple[str, ...] | None = None
    orders: int | None = None
    objects: int | None = None
    carried_over_to: int | None = None
    stopped: bool | None = None


class Webhook(Record):
    """What came, what is still to be done, and what was found and erased, by name."""

    collection: ClassVar = "webhooks"
    kept_for: ClassVar = timedelta(days=30)  # the time in which a shop answers its shopper
    newest_first: ClassVar = Order("received_at", down=True)

    id: str
    shop_id: str
    topic: WebhookTopic
    event_id: str
    triggered_at: AwareDatetime
    received_at: AwareDatetime
    state: Literal["open", "done"] = "open"
    subject: Subject | None
    runs: Mapping[str, FoundRun] = {}
    files: Mapping[str, int] = {}
    documents: Mapping[str, int] = {}
    done_at: AwareDatetime | None = None
    expires_at: AwareDatetime | None = None

    @property
    def key(self) -> str:
        return self.id

    @property
    def task(self) -> PrivacyTask:
        """What its message asks for."""
        return PrivacyTask(self.id)

    @property
    def is_certificate(self) -> bool:
        """Whether it proves what was erased, and so stays when its shop goes."""
        return self.state == "done" and self.topic != "customers/data_request"

    def with_found_runs(self, found: Mapping[str, FoundRun]) -> "Webhook":
        """The webhook with the runs that are about to go.

        What was noted before stays as it was then: after a break there is less to be found.
        """
        return self.replace(runs={**found, **self.runs})

    def with_found_files(self, found: Mapping[str, int]) -> "Webhook":
        """The same for raw files, counted by upload."""
        return self.replace(files={**found, **self.files})

    def with_found_documents(self, found: Mapping[str, int]) -> "Webhook":
        """The same for documents, counted by collection."""
        return self.replace(documents={**found, **self.documents})

    def with_work_done(self, now: datetime) -> "Webhook":
        """The webhook when all is done: it no longer says whom it was about.

        A shopper's request is kept, with its subject, as long as the shop has to answer it: so
        that the shopper's erasure finds it too.
        """
        if self.topic == "customers/data_request":
            return self.replace(state="done", done_at=now, expires_at=now + Webhook.kept_for)
        return self.replace(state="done", done_at=now, subject=None)


def webhook_id(shop_id: str, topic: str, event: str) -> str:
    """The document's id: the same event of a shop under the same topic is the same webhook."""
    return sha256(f"{shop_id}\0{topic}\0{event}".encode()).hexdigest()[:40]
