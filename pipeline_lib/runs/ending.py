"""How a run ends, for its upload and for who listens, and what begins after it."""

from datetime import datetime

from pipeline_lib import logs
from pipeline_lib.messages import Work
from pipeline_lib.records.collections import Collections
from pipeline_lib.records.uploads import EndStatus, Failure, Upload
from pipeline_lib.runs.opening import begin_unasked
from pipeline_lib.runs.state import RunState, change_run


def end_run(  # noqa: PLR0913 - all but two are said by name
    collections: Collections,
    work: Work,
    *,
    status: EndStatus,
    now: datetime,
    message: str,
    error: Failure | None = None,
) -> None:
    """End the run unless it is over, or another has begun since.

    Raises:
        StoreUnavailable: every attempt was overtaken.
    """

    def ended(upload: Upload) -> Upload:
        return upload.with_end(status, now=now, error=error) if upload.run == work.run else upload

    changed = change_run(
        collections, work.upload_id, ended, lambda shown: shown.with_end(status, message, now=now)
    )
    _log_end(changed, status, now)


def cancel_run(
    collections: Collections,
    upload_id: str,
    *,
    message: str,
    now: datetime,
    state: RunState | None = None,
) -> None:
    """End the upload's run, or its wait for files; a phase at work learns it when it next tells.

    ``state`` is what was read of it before.
    """

    def cancelled(upload: Upload) -> Upload:
        if not upload.is_live:
            return upload
        return upload.with_cancel_requested().with_end("cancelled", now=now)

    changed = change_run(
        collections,
        upload_id,
        cancelled,
        lambda shown: shown.with_end("cancelled", message, now=now),
        state=state,
    )
    _log_end(changed, "cancelled", now)


def end_wait(collections: Collections, upload_id: str, *, error: Failure, now: datetime) -> None:
    """End an upload that got no file in time, unless one has landed meanwhile."""

    def ended(upload: Upload) -> Upload:
        if upload.status != "awaiting_files" or upload.has_a_file:
            return upload
        return upload.with_end("cancelled", now=now, error=error)

    change_run(
        collections,
        upload_id,
        ended,
        lambda shown: shown.with_end("cancelled", error.message, now=now),
    )


def begin_next_run(collections: Collections, shop_id: str, *, now: datetime) -> Work | None:
    """Begin the run of the shop that has waited longest for its turn; None where none can."""
    waiting = collections.uploads.find(shop_id=shop_id, status="awaiting_files")
    ready = [found.record for found in waiting if found.record.waits_for_its_turn]
    for upload in sorted(ready, key=lambda one: (one.updated_at, one.upload_id)):
        work = begin_unasked(collections, upload.upload_id, now=now)
        if work is not None:
            return work
    return None


def _log_end(changed: tuple[Upload, Upload] | None, status: EndStatus, now: datetime) -> None:
    if changed is None:
        return
    before, after = changed
    if before.status == "processing" and after.status == status:
        logs.log_run_end(before.work, status, (now - (before.begun_at or now)).total_seconds())
