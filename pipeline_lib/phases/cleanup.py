"""Sweeps what got stuck when the clock says so; what stuck means is said elsewhere."""

from datetime import datetime

from pipeline_lib.messages import Errand, Message, Work
from pipeline_lib.ports import Ports
from pipeline_lib.runs.sweep import sweep


def serve(message: Message, ports: Ports, now: datetime) -> list[tuple[str, Work | Errand]]:  # noqa: ARG001
    """Look at every run in progress; return what is to be set going again."""
    return sweep(ports, now).again
