"""How an upload comes to run: it is opened, its files land, its run begins; no phase's work."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pipeline_lib.amend import amend
from pipeline_lib.domain.runs import progress, switches, uploads
from pipeline_lib.errors import BadMessage
from pipeline_lib.events import Landed, Work
from pipeline_lib.ports import Documents, Ports


def open_upload(  # noqa: PLR0913 - all but one are said by name
    documents: Documents,
    *,
    upload_id: str,
    shop_id: str,
    slots: Mapping[str, str],
    parameters: Mapping[str, Any],
    now: datetime,
    kind: str = "full",
) -> bool:
    """Make the upload that waits for its files; False when there is one of that id.

    Its progress is there from now on: a client may not listen to what does not exist.
    """
    opened = uploads.opened(
        upload_id=upload_id,
        shop_id=shop_id,
        slots=slots,
        parameters=parameters,
        now=now,
        kind=kind,
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
    path = f"uploads/{upload_id}"
    upload = amend(documents, path, lambda data: _with_file(data, notice.name, now, documents))
    if upload is None:
        raise BadMessage(f"{notice.name} belongs to no upload")
    if upload["status"] != "processing":
        return None
    return ready(documents, upload, now)


def begin(
    documents: Documents, upload_id: str, *, now: datetime, fixed: Mapping[str, Any] | None = None
) -> Work:
    """Begin the upload's next run with the files that are there, unless one is under way.

    ``fixed`` are the flags that the environment decides.

    Raises:
        BadMessage: there is no such upload.
    """
    path = f"uploads/{upload_id}"
    upload = amend(documents, path, lambda data: _started(data, now, documents, fixed))
    if upload is None:
        raise BadMessage(f"there is no upload {upload_id}")
    return ready(documents, upload, now)


def look(ports: Ports, upload_id: str, *, now: datetime) -> uploads.Upload:
    """Note the files that are in the bucket and whose notices have not come yet.

    Raises:
        BadMessage: there is no such upload.
    """
    path = f"uploads/{upload_id}"
    found = ports.documents.read(path)
    if found is None:
        raise BadMessage(f"there is no upload {upload_id}")
    there = set(ports.landing.names(f"{upload_id}/"))
    for state in found.data["slots"].values():
        if state["landed_at"] is None and state["name"] in there:
            landed(ports.documents, Landed(state["name"], ""), now=now)
    seen = ports.documents.read(path)
    return found.data if seen is None else seen.data


def continued(ports: Ports, upload: uploads.Upload) -> list[str]:
    """Send the unfinished phases of a run under way their messages; returns their names."""
    names = uploads.unfinished(upload)
    for name in names:
        ports.topics.publish(name, Work(upload["upload_id"], upload["run"]).message())
    return names


def ready(documents: Documents, upload: uploads.Upload, now: datetime) -> Work:
    """Show the upload's run from its beginning, unless it is shown; returns the run."""
    path = f"progress/{upload['upload_id']}"
    fresh = progress.fresh(
        upload_id=upload["upload_id"], shop_id=upload["shop_id"], run=upload["run"], now=now
    )
    found = documents.read(path)
    if found is None or found.data["run"] < upload["run"]:
        documents.swap(path, fresh, since=None if found is None else found.version)
    return Work(upload["upload_id"], upload["run"])


def _with_file(
    upload: uploads.Upload, name: str, now: datetime, documents: Documents
) -> dict[str, Any]:
    if upload["status"] == "processing":
        return dict(upload)
    there = uploads.landed(upload, name, now)
    if upload["status"] != "awaiting_files":
        return there  # for the next run
    return _started(there, now, documents) if uploads.all_landed(there) else there


def _started(
    upload: uploads.Upload,
    now: datetime,
    documents: Documents,
    fixed: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The upload at the start of its run, with the flags as they are now: they stay for the run."""
    if upload["status"] == "processing":
        return dict(upload)
    found = documents.read(switches.PATH)
    flags = switches.effective(
        None if found is None else found.data, upload["shop_id"], fixed or {}
    )
    return {**uploads.begun(upload, now), "flags": flags}
