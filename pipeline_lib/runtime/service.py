"""From a CloudEvent to a service beside the chain, which sees no frames; no service's work."""

from collections.abc import Callable
from datetime import datetime

from cloudevents.http import CloudEvent

from pipeline_lib.clock import now
from pipeline_lib.messages import Errand, Message, Work
from pipeline_lib.ports import Ports
from pipeline_lib.runtime import wiring
from pipeline_lib.runtime.push import log_to_stdout, message_in

Serve = Callable[[Message, Ports, datetime], list[tuple[str, Work | Errand]]]


def service(serve: Serve) -> Callable[[CloudEvent], None]:
    """The function of a service, which answers with work for phases."""

    def handle(event: CloudEvent) -> None:
        log_to_stdout()
        attend(serve, message_in(event), wiring.ports())

    return handle


def attend(serve: Serve, message: Message, ports: Ports) -> None:
    """Let the service see the message, and publish what it asks for."""
    for name, work in serve(message, ports, now()):
        ports.topics.publish(name, work.message())
