"""What follows a run that is over, or that never was: the shop's next; it redrives none."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pipeline_lib.messages import Work
from pipeline_lib.ports import Documents
from pipeline_lib.records import progress, uploads
from pipeline_lib.records.slots import queued, some_landed
from pipeline_lib.runs import intake
from pipeline_lib.runs.amend import amend


def following(documents: Documents, shop_id: str, *, now: datetime) -> Work | None:
    """Begin the run of the shop that has waited longest for its turn; None where none can."""
    waiting = documents.find("uploads", {"shop_id": shop_id, "status": "awaiting_files"})
    ready = [one.data for _, one in waiting if queued(one.data)]
    for upload in sorted(ready, key=lambda one: (one["updated_at"], one["upload_id"])):
        work = intake.begun_by_itself(documents, upload, now=now)
        if work is not None:
            return work
    return None


def abandon(
    documents: Documents, upload_id: str, *, now: datetime, error: Mapping[str, str] | None = None
) -> None:
    """End an upload that has had no run, for those who listen too.

    With an ``error`` it ends for want of files, unless one has landed meanwhile.
    """
    message = "Cancelled" if error is None else error["message"]
    amend(
        documents,
        f"progress/{upload_id}",
        lambda data: progress.stopped(data, "cancelled", message, now),
    )

    def change(data: uploads.Upload) -> dict[str, Any]:
        if data["status"] != "awaiting_files" or (error is not None and some_landed(data)):
            return dict(data)
        return uploads.ended(data, "cancelled", now, error=error)

    amend(documents, f"uploads/{upload_id}", change)
