"""How an upload comes to run: it is opened, its files land, its run begins; no phase's work."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pipeline_lib.amend import amend
from pipeline_lib.domain import progress, uploads
from pipeline_lib.errors import BadMessage
from pipeline_lib.events import Landed, Work
from pipeline_lib.ports import Documents


def open_upload(  # noqa: PLR0913 - all but one are said by name
    documents: Documents,
    *,
    upload_id: str,
    shop_id: str,
    slots: Mapping[str, str],
    parameters: Mapping[str, Any],
    now: datetime,
) -> bool:
    """Make the upload that waits for its files; False when there is one of that id.

    Its progress is there from now on: a client may not listen to what does not exist.
    """
    opened = uploads.opened(
        upload_id=upload_id, shop_id=shop_id, slots=slots, parameters=parameters, now=now
    )
    made = documents.swap(f"uploads/{upload_id}", opened, since=None) is not None
    waiting = progress.fresh(upload_id=upload_id, shop_id=shop_id, run=0, now=now)
    documents.swap(f"progress/{upload_id}", waiting, since=None)
    return made


def landed(documents: Documents, notice: Landed, *, now: datetime) -> Work | None:
    """Note that a file is there; the run that it completes, or None while others are missing.

    Raises:
        BadMessage: the file belongs to no upload.
    """
    upload_id = notice.name.split("/", 1)[0]
    upload = amend(
        documents, f"uploads/{upload_id}", lambda data: _with_file(data, notice.name, now)
    )
    if upload is None:
        raise BadMessage(f"{notice.name} belongs to no upload")
    if upload["status"] != "processing":
        return None
    return _ready(documents, upload, now)


def begin(documents: Documents, upload_id: str, *, now: datetime) -> Work:
    """Begin the upload's next run with the files that are there.

    Raises:
        BadMessage: there is no such upload.
    """
    upload = amend(documents, f"uploads/{upload_id}", lambda data: uploads.begun(data, now))
    if upload is None:
        raise BadMessage(f"there is no upload {upload_id}")
    return _ready(documents, upload, now)


def _with_file(upload: uploads.Upload, name: str, now: datetime) -> dict[str, Any]:
    if upload["status"] != "awaiting_files":
        return dict(upload)
    there = uploads.landed(upload, name, now)
    return uploads.begun(there, now) if uploads.all_landed(there) else there


def _ready(documents: Documents, upload: uploads.Upload, now: datetime) -> Work:
    path = f"progress/{upload['upload_id']}"
    fresh = progress.fresh(
        upload_id=upload["upload_id"], shop_id=upload["shop_id"], run=upload["run"], now=now
    )
    found = documents.read(path)
    if found is None or found.data["run"] < upload["run"]:
        documents.swap(path, fresh, since=None if found is None else found.version)
    return Work(upload["upload_id"], upload["run"])
