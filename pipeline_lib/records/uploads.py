"""The life of an upload as pure transitions of its document; nothing here reads or writes one."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pipeline_lib import topology
from pipeline_lib.errors import NothingToRedrive, Superseded
from pipeline_lib.messages import Outcome

Upload = Mapping[str, Any]

LIVE = frozenset({"awaiting_files", "processing"})
ELSEWHERE = "s3://"  # begins the name of a file that lies in a bucket of the shop's own
KEPT_FOR = timedelta(days=30)  # as long as the cooldown that is computed from it


def opened(  # noqa: PLR0913 - all are said by name
    *,
    upload_id: str,
    shop_id: str,
    slots: Mapping[str, str],
    parameters: Mapping[str, Any],
    now: datetime,
    kind: str = "full",
) -> dict[str, Any]:
    """A new upload that waits for the files of ``slots`` (slot to the name it will land under).

    What lies elsewhere is there already; where all of it does, the run begins on request.
    """
    return {
        "upload_id": upload_id,
        "shop_id": shop_id,
        "kind": kind,
        "status": "awaiting_files",
        "run": 0,
        "slots": {
            slot: {"name": name, "landed_at": now if name.startswith(ELSEWHERE) else None}
            for slot, name in slots.items()
        },
        "parameters": dict(parameters),
        "phases": {},
        "error": None,
        "cancel_requested": False,
        "redriven_run": 0,
        "turn": 0,
        "created_at": now,
        "begun_at": None,
        "updated_at": now,
        "completed_at": None,
        "expires_at": now + KEPT_FOR,
    }


def begun(upload: Upload, now: datetime) -> dict[str, Any]:
    """The upload at the start of its next run."""
    return {
        **upload,
        "status": "processing",
        "run": upload["run"] + 1,
        "phases": {},
        "error": None,
        "cancel_requested": False,
        "begun_at": now,
        "updated_at": now,
        "completed_at": None,
    }


def phase_started(upload: Upload, phase: str, *, fence: int, now: datetime) -> dict[str, Any]:
    """The upload with the phase running under that fencing number.

    Raises:
        Superseded: a higher number is at work, or the run has ended.
    """
    _refuse_zombie(upload, phase, fence)
    before = upload["phases"].get(phase, {})
    record = {
        "state": "running",
        "fence": fence,
        "attempt": before.get("attempt", 0) + 1,
        "started_at": now,
        "ended_at": None,
        "ms": None,
        "input": {},
        "output": {},
        "error": before.get("error"),
    }
    return _with_phase(upload, phase, record, now)


def phase_ended(
    upload: Upload, phase: str, outcome: Outcome, *, fence: int, now: datetime
) -> dict[str, Any]:
    """The upload with the phase done; done already, it stays as it is.

    Raises:
        Superseded: a higher number is at work, or the run has ended.
    """
    record = upload["phases"].get(phase, {"started_at": now, "attempt": 1})
    if record.get("state") == "done":
        return dict(upload)
    _refuse_zombie(upload, phase, fence)
    done = {
        **record,
        "state": "done",
        "fence": fence,
        "ended_at": now,
        "ms": round((now - record["started_at"]).total_seconds() * 1000),
        "input": dict(outcome.read),
        "output": dict(outcome.kept),
        "error": None,
    }
    return _with_phase(upload, phase, done, now)


def phase_failed(
    upload: Upload, phase: str, reason: str, *, fence: int, now: datetime
) -> dict[str, Any]:
    """The upload with the reason of the phase's last failure; the run goes on being tried.

    Raises:
        Superseded: a higher number is at work, or the run has ended.
    """
    _refuse_zombie(upload, phase, fence)
    record = {**upload["phases"].get(phase, {}), "state": "failed", "error": reason}
    return _with_phase(upload, phase, {**record, "ended_at": now}, now)


def ended(
    upload: Upload, status: str, now: datetime, *, error: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The upload with its run over (completed, failed or cancelled); over already, unchanged."""
    if upload["status"] not in LIVE:
        return dict(upload)
    completed_at = now if status == "completed" else None
    over = {"status": status, "error": error, "completed_at": completed_at, "updated_at": now}
    return {**upload, **over}


def reopened(upload: Upload, now: datetime) -> dict[str, Any]:
    """The upload with its failed run under way again, timed anew; under way already, unchanged.

    Raises:
        NothingToRedrive: its run did not fail.
    """
    if upload["status"] == "processing":
        return dict(upload)
    if upload["status"] != "failed":
        told = upload["status"].replace("_", " ")
        raise NothingToRedrive(f"{upload['upload_id']} did not fail: it is {told}")
    again = {"status": "processing", "error": None, "redriven_run": 0, "cancel_requested": False}
    return {**upload, **again, "begun_at": now, "updated_at": now}


def unfinished(upload: Upload) -> list[str]:
    """The phases of the chain that are under way, or that come next."""
    state = {name: record["state"] for name, record in upload["phases"].items()}
    chain = {row.name: row for row in topology.chain()}
    open_ones = [name for name in chain if state.get(name) in {"running", "failed"}]
    next_ones = [
        name
        for row in chain.values()
        if state.get(row.name) == "done"
        for name in row.then
        if name in chain and name not in state
    ]
    return open_ones + next_ones or [topology.first().name]


def _with_phase(
    upload: Upload, phase: str, record: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    return {**upload, "phases": {**upload["phases"], phase: record}, "updated_at": now}


def _refuse_zombie(upload: Upload, phase: str, fence: int) -> None:
    if upload["status"] != "processing":
        raise Superseded(f"{phase}: the run is {upload['status']}")
    held = upload["phases"].get(phase, {}).get("fence", 0)
    if held > fence:
        raise Superseded(f"{phase}: fencing number {fence} is behind {held}")
