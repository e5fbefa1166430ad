"""What a function is made of: from a message to the phase or service of the function's name."""

import base64
import logging
import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from pipeline_lib import logs, topology
from pipeline_lib.clock import now
from pipeline_lib.messages import Message
from pipeline_lib.ports import Ports
from pipeline_lib.runtime import wiring
from pipeline_lib.runtime.settings import process_settings

if TYPE_CHECKING:
    from cloudevents.http import CloudEvent

Handle = Callable[[Message, Ports], None]


def receiver(name: str) -> Callable[..., Any]:
    """The entry point of the function: returns to acknowledge, raises to be delivered again.

    Importing it loads what the function does and opens nothing: clients are made on the first
    event. The function that answers calls is an application of its own.

    Raises:
        BadSettings: a setting is wrong, which stops the start and not the first message.
    """
    if topology.phase(name).wakes_on == "http":
        application: Callable[..., Any] = import_module(
            "pipeline_lib.runtime.gateway"
        ).asgi_function()
        return application
    import functions_framework  # noqa: PLC0415 - a laptop's chain needs no web framework

    process_settings()
    handle = handler_of(name)

    @functions_framework.cloud_event
    def main(event: "CloudEvent") -> None:
        log_to_stdout()
        handle(message_in(event), wiring.ports())

    return main


def handler_of(name: str) -> Handle:
    """What a topic's messages are given to: the phase or service of its name."""
    row = topology.phase(name)
    module = import_module(f"pipeline_lib.phases.{name}")
    if row.role != "service":
        deliver = import_module("pipeline_lib.runs.delivery").deliver  # no service loads frames
        reach = _with_s3 if row.reads_s3 else _as_they_are
        return lambda message, ports: deliver(row, module.run, message, reach(ports))

    def serve(message: Message, ports: Ports) -> None:
        for following, work in module.serve(message, ports, now()):
            ports.topics.publish(following, work.message())

    return serve


def _with_s3(ports: Ports) -> Ports:
    reaching: Ports = import_module("pipeline_lib.runtime.s3_landing").with_s3(ports)
    return reaching


def _as_they_are(ports: Ports) -> Ports:
    return ports


def message_in(event: "CloudEvent") -> Message:
    """The Pub/Sub message that a push carries."""
    pushed: dict[str, Any] = event.get_data() or {}
    message = pushed.get("message", {})
    return Message(base64.b64decode(message.get("data", "")), message.get("attributes") or {})


@cache
def log_to_stdout() -> None:
    """Send every log line to where Cloud Run reads it."""
    settings = process_settings()
    logs.send_to(logging.StreamHandler(sys.stdout), level=settings.log_level)
    logs.log_settings(settings)
