"""Sweeps what got stuck: sets a silent run going once, then fails it; it does no phase's work."""

from datetime import datetime, timedelta
from typing import Any

from pipeline_lib import logs
from pipeline_lib.amend import amend, end_run
from pipeline_lib.domain.uploads import unfinished
from pipeline_lib.events import Message, Work
from pipeline_lib.ports import Data, Ports

SILENT = timedelta(minutes=10)  # without a heartbeat: stuck, however young or old the run is
TIMED_OUT = "Processing timed out after 10 minutes"


def serve(message: Message, ports: Ports, now: datetime) -> list[tuple[str, Work]]:  # noqa: ARG001
    """Look at every run in progress; return the unfinished phases of those to set going again."""
    again: list[tuple[str, Work]] = []
    for _, document in ports.documents.find("uploads", {"status": "processing"}):
        upload = document.data
        if now - _last_sign(upload, ports) < SILENT:
            continue
        work = Work(upload["upload_id"], upload["run"])
        if upload["redriven_run"] < upload["run"]:
            again += [(name, work) for name in unfinished(upload)]
            logs.run_swept(work, "redriven")
            amend(ports.documents, f"uploads/{work.upload_id}", _redriven(now))
        else:
            logs.run_swept(work, "failed")
            error = {"code": "TIMED_OUT", "message": TIMED_OUT, "phase": unfinished(upload)[0]}
            end_run(ports.documents, work, status="failed", message=TIMED_OUT, error=error, now=now)
    return again


def _last_sign(upload: Data, ports: Ports) -> datetime:
    found = ports.documents.read(f"progress/{upload['upload_id']}")
    signs: list[datetime] = [upload["updated_at"]]
    if found is not None:
        signs.append(found.data["updated_at"])
    return max(signs)


def _redriven(now: datetime) -> Any:  # noqa: ANN401
    return lambda data: {**data, "redriven_run": data["run"], "updated_at": now}
