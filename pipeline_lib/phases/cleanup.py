"""Sweeps what got stuck and removes raw files, when the clock says so."""

from datetime import datetime

from pipeline_lib.messages import Message, PrivacyTask, Work
from pipeline_lib.ports import Ports
from pipeline_lib.runs.raw_files import remove_raw_files
from pipeline_lib.runs.sweep import sweep_stuck_runs


def serve(message: Message, ports: Ports, now: datetime) -> list[tuple[str, Work | PrivacyTask]]:  # noqa: ARG001
    """Remove raw files of runs that are over; return what is to be set going again."""
    remove_raw_files(ports, now)
    return sweep_stuck_runs(ports, now).again
