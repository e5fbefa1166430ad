"""Finds what waited or was silent for too long: begins it, sends it on or ends it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline_lib import logs, topology
from pipeline_lib.messages import PrivacyTask, Work
from pipeline_lib.ports import Ports
from pipeline_lib.records.collections import Collections
from pipeline_lib.records.store import Stored, is_current
from pipeline_lib.records.uploads import Failure, Upload
from pipeline_lib.runs.ending import end_run, end_wait
from pipeline_lib.runs.opening import begin_unasked

NO_FILES = Failure(
    code="NO_FILES",
    message="No file arrived within an hour; open another upload",
    phase=topology.first().name,
)


@dataclass(frozen=True)
class Swept:
    """What to begin or to set going again, by its function, and how many runs were failed."""

    again: list[tuple[str, Work | PrivacyTask]]
    failed: int


def sweep_stuck_runs(ports: Ports, now: datetime) -> Swept:
    """Look at privacy tasks, runs and uploads that wait; at tasks alone while all is stopped."""
    collections, silence = Collections(ports.documents), ports.limits.silence
    again = _privacy_tasks(collections, now, silence)
    if collections.flag_settings().stopped is not None:
        return Swept(again, 0)
    failed = 0
    for found in collections.uploads.find(status="processing"):
        if now - _last_sign(collections, found.record) < silence:
            continue
        if found.record.redriven_run < found.record.run:
            again += _resend(collections, found, now)
        else:
            _fail(collections, found.record, now, silence)
            failed += 1
    return Swept([*again, *_begin_waiting(collections, now)], failed)


def _resend(
    collections: Collections, found: Stored[Upload], now: datetime
) -> list[tuple[str, Work | PrivacyTask]]:
    upload = found.record
    if collections.uploads.swap(found, upload.with_run_resent(now=now)) is None:
        return []  # it has just given a sign
    logs.log_swept_run(upload.work, "redriven")
    return [(name, upload.work) for name in upload.unfinished_phases()]


def _begin_waiting(collections: Collections, now: datetime) -> list[tuple[str, Work | PrivacyTask]]:
    """Begin what waits for nothing any more; end what has waited for files and got none."""
    begun: list[tuple[str, Work | PrivacyTask]] = []
    for found in collections.uploads.find(status="awaiting_files"):
        upload = found.record
        if not is_current(upload, now):
            continue
        if not upload.waits_for_its_turn and not upload.wait_is_over(now):
            continue
        if not upload.has_a_file:
            end_wait(collections, upload.upload_id, error=NO_FILES, now=now)
            continue
        work = begin_unasked(collections, upload.upload_id, now=now)
        if work is not None:
            begun.append((topology.first().name, work))
    return begun


def _privacy_tasks(
    collections: Collections, now: datetime, silence: timedelta
) -> list[tuple[str, Work | PrivacyTask]]:
    """What webhooks asked for a while ago: its message may have been given up."""
    name = topology.privacy_tasks().name
    return [
        (name, PrivacyTask(found.record.id))
        for found in collections.webhooks.find(state="open")
        if now - found.record.received_at >= silence
    ]


def _fail(collections: Collections, upload: Upload, now: datetime, silence: timedelta) -> None:
    logs.log_swept_run(upload.work, "failed")
    phase = upload.unfinished_phases()[0]
    minutes = silence // timedelta(minutes=1)
    told = f"Processing timed out after {minutes} {'minute' if minutes == 1 else 'minutes'}"
    error = Failure(code="TIMED_OUT", message=told, phase=phase)
    end_run(collections, upload.work, status="failed", message=told, error=error, now=now)


def _last_sign(collections: Collections, upload: Upload) -> datetime:
    found = collections.progress.read(upload.upload_id)
    if found is None:
        return upload.updated_at
    return max(upload.updated_at, found.record.updated_at)
