"""Changes to documents that no other write can lose; not the changes themselves."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from pipeline_lib import logs
from pipeline_lib.errors import StoreUnavailable
from pipeline_lib.messages import Work
from pipeline_lib.ports import Data, Documents
from pipeline_lib.records import progress, uploads

ATTEMPTS = 50  # each lost race means that another writer got on


def amend(documents: Documents, path: str, change: Callable[[Data], dict[str, Any]]) -> Data | None:
    """Apply ``change`` to the newest version of the document and return what is stored then.

    ``change`` may be called several times, so it must be pure. None when there is no document.

    Raises:
        StoreUnavailable: every attempt was overtaken.
    """
    for _ in range(ATTEMPTS):
        document = documents.read(path)
        if document is None:
            return None
        changed = change(document.data)
        if changed == document.data:
            return changed
        if documents.swap(path, changed, since=document.version) is not None:
            return changed
    raise StoreUnavailable(f"{path} is written to by too many at once")


def end_run(  # noqa: PLR0913 - all but two are said by name
    documents: Documents,
    work: Work,
    *,
    status: str,
    now: datetime,
    message: str = "",
    error: Mapping[str, str] | None = None,
) -> None:
    """End the run unless it is over: what clients see first, so that a crash repeats both.

    Args:
        documents: where the upload's and the progress document are.
        work: the run.
        status: completed, failed or cancelled.
        now: when it ended.
        message: what clients are told; a completed run has told them already.
        error: code, message and phase of a failure.

    Raises:
        StoreUnavailable: every attempt was overtaken.
    """
    amend(
        documents,
        f"progress/{work.upload_id}",
        lambda data: progress.stopped(data, status, message, now),
    )
    upload = amend(
        documents,
        f"uploads/{work.upload_id}",
        lambda data: uploads.ended(data, status, now, error=error),
    )
    if upload is not None and upload["status"] == status and upload["updated_at"] == now:
        logs.log_run_end(work, status, (now - upload["begun_at"]).total_seconds())
