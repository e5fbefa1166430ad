"""From a CloudEvent to a delivery: what the main.py of a phase is made of; no phase's work."""

from collections.abc import Callable

from cloudevents.http import CloudEvent

from pipeline_lib import topology
from pipeline_lib.ports import Ports
from pipeline_lib.runs.delivery import Run, deliver
from pipeline_lib.runtime import wiring
from pipeline_lib.runtime.push import log_to_stdout, message_in


def handler(
    name: str, run: Run, *, world: Callable[[], Ports] | None = None
) -> Callable[[CloudEvent], None]:
    """The function of a phase: returns to acknowledge, raises to be delivered again.

    ``world`` gives the ports of a phase that reaches further than the others.
    """
    row = topology.phase(name)

    def handle(event: CloudEvent) -> None:
        log_to_stdout()
        deliver(row, run, message_in(event), (world or wiring.ports)())

    return handle
