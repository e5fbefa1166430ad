"""What a webhook's document asks for, done once, from claim to certificate; not what that is."""

from collections.abc import Callable
from datetime import datetime

from cloudevents.http import CloudEvent

from pipeline_lib import logs, topology
from pipeline_lib.clock import now
from pipeline_lib.errors import BadMessage
from pipeline_lib.messages import Errand, Message, errand_in
from pipeline_lib.ports import Data, Ports
from pipeline_lib.records import webhooks
from pipeline_lib.runs import leases as once
from pipeline_lib.runs.amend import amend
from pipeline_lib.runtime import wiring
from pipeline_lib.runtime.push import log_to_stdout, message_in
from pipeline_lib.topology import Phase

Do = Callable[[Data, Ports, datetime], None]


def errands(name: str, do: Do) -> Callable[[CloudEvent], None]:
    """The function of a service that runs errands: returns when one is done, raises until then."""
    row = topology.phase(name)

    def handle(event: CloudEvent) -> None:
        log_to_stdout()
        run(row, do, message_in(event), wiring.ports())

    return handle


def run(row: Phase, do: Do, message: Message, ports: Ports) -> None:
    """Do what the webhook asks for unless it is done; its document says so in the end.

    The lease goes with the errand, whose end is said elsewhere; then the stores forget.

    Raises:
        LeaseHeld: another worker is at it, or a run of the shop must end first.
    """
    try:
        errand = errand_in(message)
    except BadMessage as reason:
        logs.log_dropped_message(str(reason))
        return
    path = f"webhooks/{errand.webhook_id}"
    found = ports.documents.read(path)
    if found is not None and found.data["state"] == "open":
        _do(row, do, errand, found.data, ports)
        amend(ports.documents, path, lambda data: webhooks.done(data, now()))
        logs.log_errand_end(errand.webhook_id, found.data["topic"])
    ports.documents.delete([once.path_of(errand, row)])
    ports.documents.forget()


def _do(row: Phase, do: Do, errand: Errand, webhook: Data, ports: Ports) -> None:
    documents = ports.documents
    claim = once.claim(documents, errand, row, shop_id=webhook["shop_id"], now=now())
    if isinstance(claim, once.Kept):
        return
    try:
        do(webhook, ports, now())
    except BaseException:
        once.release(documents, claim, now=now())
        raise
