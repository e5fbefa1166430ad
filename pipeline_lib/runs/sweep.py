"""Finds what waited or was silent for too long: begins it, sends it on or ends it; no phase."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pipeline_lib import logs, topology
from pipeline_lib.messages import Errand, Work
from pipeline_lib.ports import Data, Ports
from pipeline_lib.records import flags as switches
from pipeline_lib.records import slots, uploads
from pipeline_lib.runs import intake, onwards
from pipeline_lib.runs.amend import amend, end_run

SILENT = timedelta(minutes=10)  # without a heartbeat: stuck, however young or old the run is
TIMED_OUT = "Processing timed out after 10 minutes"
NOTHING_CAME = {
    "code": "NO_FILES",
    "message": "No file arrived within an hour; open another upload",
    "phase": topology.first().name,
}


@dataclass(frozen=True)
class Swept:
    """What to begin or to set going again, by its function, and how many runs were failed."""

    again: list[tuple[str, Work | Errand]]
    failed: int


def sweep(ports: Ports, now: datetime) -> Swept:
    """Look at every errand, run and upload that waits; while everything is stopped, at errands."""
    again: list[tuple[str, Work | Errand]] = _errands(ports, now)
    switch = ports.documents.read(switches.PATH)
    if switch is not None and switches.stopped(switch.data):
        return Swept(again, 0)
    failed = 0
    for _, document in ports.documents.find("uploads", {"status": "processing"}):
        upload = document.data
        if now - _last_sign(upload, ports) < SILENT:
            continue
        work = Work(upload["upload_id"], upload["run"])
        if upload["redriven_run"] < upload["run"]:
            again += [(name, work) for name in uploads.unfinished(upload)]
            logs.log_swept_run(work, "redriven")
            amend(ports.documents, f"uploads/{work.upload_id}", _redriven(now))
        else:
            _fail(ports, upload, work, now)
            failed += 1
    return Swept([*again, *_begun(ports, now)], failed)


def _begun(ports: Ports, now: datetime) -> list[tuple[str, Work]]:
    """Begin what waits for nothing any more; end what has waited for files and got none."""
    begun = []
    for _, document in ports.documents.find("uploads", {"status": "awaiting_files"}):
        upload = document.data
        if upload["expires_at"] <= now:
            continue
        if not slots.queued(upload) and not slots.wait_over(upload, now):
            continue
        if not slots.some_landed(upload):
            onwards.abandon(ports.documents, upload["upload_id"], now=now, error=NOTHING_CAME)
            continue
        work = intake.begun_by_itself(ports.documents, upload, now=now)
        if work is not None:
            begun.append((topology.first().name, work))
    return begun


def _errands(ports: Ports, now: datetime) -> list[tuple[str, Work | Errand]]:
    """What webhooks asked for a while ago: its message may have been given up."""
    found = ports.documents.find("webhooks", {"state": "open"})
    open_ones = (document.data for _, document in found)
    name = topology.errand_phase().name
    return [(name, Errand(one["id"])) for one in open_ones if now - one["received_at"] >= SILENT]


def _fail(ports: Ports, upload: Data, work: Work, now: datetime) -> None:
    logs.log_swept_run(work, "failed")
    error = {"code": "TIMED_OUT", "message": TIMED_OUT, "phase": uploads.unfinished(upload)[0]}
    end_run(ports.documents, work, status="failed", message=TIMED_OUT, error=error, now=now)


def _last_sign(upload: Data, ports: Ports) -> datetime:
    found = ports.documents.read(f"progress/{upload['upload_id']}")
    signs: list[datetime] = [upload["updated_at"]]
    if found is not None:
        signs.append(found.data["updated_at"])
    return max(signs)


def _redriven(now: datetime) -> Any:  # noqa: ANN401
    return lambda data: {**data, "redriven_run": data["run"], "updated_at": now}
