"""What clients listen to, as pure transitions of the progress document; no store, no clock."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pipeline_lib.topology import FULL, Phase, chain, phases

Progress = Mapping[str, Any]

KEPT_FOR = timedelta(days=7)


def fresh(*, upload_id: str, shop_id: str, run: int, now: datetime) -> dict[str, Any]:
    """The progress of a run that is about to begin."""
    return {
        "upload_id": upload_id,
        "shop_id": shop_id,
        "run": run,
        "step": chain()[0].step,
        "phase": chain()[0].name,
        "progress": 0,
        "status": "in_progress",
        "message": "Waiting to start",
        "metadata": {},
        "phases": [
            {"name": row.name, "state": "pending", "started_at": None, "ended_at": None}
            for row in phases()
            if row.role != "service"
        ],
        "eta": None,
        "updated_at": now,
        "expires_at": now + KEPT_FOR,
    }


def started(progress: Progress, row: Phase, now: datetime) -> dict[str, Any]:
    """The progress with the phase running, and shown when it belongs to the chain."""
    changed = _with_state(progress, row.name, {"state": "running", "started_at": now})
    if row.band is None:
        return {**changed, "updated_at": now}
    shown = {"step": row.step, "phase": row.name, "message": row.says}
    return {**changed, **shown, "progress": _forward(progress, row.band[0]), "updated_at": now}


def beaten(  # noqa: PLR0913 - all but two are said by name
    progress: Progress,
    row: Phase,
    *,
    message: str,
    share: float,
    counts: Mapping[str, int],
    now: datetime,
) -> dict[str, Any]:
    """The progress in the middle of a phase, of which ``share`` (0 to 1) is done."""
    changed = {**progress, "metadata": {**progress["metadata"], **counts}, "updated_at": now}
    if row.band is None:
        return changed
    low, high = row.band
    reached = low + int((high - low) * min(max(share, 0.0), 1.0))
    return {**changed, "message": message, "progress": _forward(progress, reached)}


def ended(
    progress: Progress, row: Phase, counts: Mapping[str, int], now: datetime
) -> dict[str, Any]:
    """The progress with the phase done; its counts join the metadata."""
    changed = _with_state(progress, row.name, {"state": "done", "ended_at": now})
    metadata = {**progress["metadata"], **counts}
    reached = progress["progress"] if row.band is None else _forward(progress, row.band[1])
    if row.completes:
        over = {"status": "completed", "message": "Your bundles are ready", "eta": None}
        return {**changed, **over, "metadata": metadata, "progress": FULL, "updated_at": now}
    return {**changed, "metadata": metadata, "progress": reached, "updated_at": now}


def stopped(progress: Progress, status: str, message: str, now: datetime) -> dict[str, Any]:
    """The progress of a run that failed or was cancelled; over already, it stays as it is."""
    if progress["status"] != "in_progress":
        return dict(progress)
    over = [
        {**entry, "state": "failed", "ended_at": now} if entry["state"] == "running" else entry
        for entry in progress["phases"]
    ]
    closed = {"status": status, "message": message, "phases": over, "eta": None}
    return {**progress, **closed, "updated_at": now}


def reopened(progress: Progress, now: datetime) -> dict[str, Any]:
    """The progress of a failed run that is set going again; in progress already, as it is."""
    if progress["status"] == "in_progress":
        return dict(progress)
    entries = [
        {**entry, "state": "pending", "ended_at": None} if entry["state"] == "failed" else entry
        for entry in progress["phases"]
    ]
    again = {"status": "in_progress", "message": "Set going again", "phases": entries}
    return {**progress, **again, "updated_at": now, "expires_at": now + KEPT_FOR}


def _with_state(progress: Progress, name: str, state: Mapping[str, Any]) -> dict[str, Any]:
    entries = [
        {**entry, **state} if entry["name"] == name else entry for entry in progress["phases"]
    ]
    return {**progress, "phases": entries}


def _forward(progress: Progress, reached: int) -> int:
    return max(int(progress["progress"]), min(reached, FULL))
