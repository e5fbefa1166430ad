"""What a privacy webhook asks for, done once, from claim to certificate."""

from collections.abc import Callable, Mapping
from datetime import datetime

from pipeline_lib import logs, topology
from pipeline_lib.errors import BadMessage, LeaseHeld
from pipeline_lib.messages import Message, privacy_task_of
from pipeline_lib.ports import Ports
from pipeline_lib.records.collections import Collections
from pipeline_lib.records.leases import Lease
from pipeline_lib.records.store import Stored, creation
from pipeline_lib.records.webhooks import Webhook, WebhookTopic
from pipeline_lib.runs.leases import claimed_lease, lease_name

Do = Callable[[Webhook, Ports, datetime], None]


def do_privacy_task(
    message: Message, ports: Ports, by_topic: Mapping[WebhookTopic, Do], *, now: datetime
) -> None:
    """Do what the webhook asks for unless it is done; its document says so in the end.

    The lease goes with the task, whose end the document tells; then the stores forget.

    Raises:
        LeaseHeld: another worker is at it, or a run of the shop must end first.
    """
    try:
        task = privacy_task_of(message)
    except BadMessage as reason:
        logs.log_dropped_message(str(reason))
        return
    row, collections = topology.privacy_tasks(), Collections(ports.documents)
    found = collections.webhooks.read(task.webhook_id)
    lease = lease_name(task, row)
    if found is not None and found.record.state == "open":
        held = _claim(collections, lease, found.record, now)
        try:
            by_topic[found.record.topic](found.record, ports, now)
        except BaseException:
            collections.leases.swap(held, held.record.replace(state="free", held_until=now))
            raise
        collections.webhooks.change(task.webhook_id, lambda webhook: webhook.with_work_done(now))
        logs.log_privacy_task_end(task.webhook_id, found.record.topic)
    collections.leases.delete(lease)
    ports.documents.forget()


def _claim(collections: Collections, name: str, webhook: Webhook, now: datetime) -> Stored[Lease]:
    before = collections.leases.read(name)
    task, row = webhook.task, topology.privacy_tasks()
    lease = claimed_lease(task, row, before, shop_id=webhook.shop_id, now=now)
    change = creation(lease) if before is None else before.becomes(lease)
    written = collections.documents.swap_all([change])
    if written is None:
        raise LeaseHeld(f"{name} was claimed by another just now")
    return Stored(lease, written[0])
