"""How an upload comes to run: it is opened, its files land, its run begins; no phase's work."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pipeline_lib.errors import BadMessage, NotNow, SwitchedOff
from pipeline_lib.messages import Landed, Work
from pipeline_lib.ports import Documents, Ports
from pipeline_lib.records import flags as switches
from pipeline_lib.records import progress, uploads
from pipeline_lib.records.slots import all_landed
from pipeline_lib.records.slots import landed as with_landed
from pipeline_lib.records.turns import noted
from pipeline_lib.runs import turns
from pipeline_lib.runs.amend import amend

BY_ITSELF = "data_mapping.auto_reenrich_on_csv"  # the flag that lets a run begin unasked


def open_upload(  # noqa: PLR0913 - all but one are said by name
    documents: Documents,
    *,
    upload_id: str,
    shop_id: str,
    slots: Mapping[str, str],
    parameters: Mapping[str, Any],
    now: datetime,
    kind: str = "full",
    fixed: Mapping[str, Any] | None = None,
) -> bool:
    """Make the upload that waits for its files; False when there is one of that id.

    Its progress is there from now on: a client may not listen to what does not exist. ``fixed``
    are the flags that the environment decides, for all of its runs.
    """
    opened = uploads.opened(
        upload_id=upload_id,
        shop_id=shop_id,
        slots=slots,
        parameters=parameters,
        now=now,
        kind=kind,
    )
    opened["fixed_flags"] = dict(fixed or {})
    made = documents.swap(f"uploads/{upload_id}", opened, since=None) is not None
    waiting = progress.fresh(upload_id=upload_id, shop_id=shop_id, run=0, now=now)
    documents.swap(f"progress/{upload_id}", waiting, since=None)
    return made


def landed(documents: Documents, notice: Landed, *, now: datetime) -> Work | None:
    """Note that a file is there; the run that it completes, or None while it can not begin.

    Raises:
        BadMessage: the file belongs to no upload.
    """
    upload_id = notice.name.split("/", 1)[0]
    path = f"uploads/{upload_id}"
    upload = amend(documents, path, lambda data: _with_file(data, notice.name, now))
    if upload is None:
        raise BadMessage(f"{notice.name} belongs to no upload")
    if upload["status"] == "processing":
        return ready(documents, upload, now)
    if upload["status"] != "awaiting_files" or not all_landed(upload):
        return None
    return begun_by_itself(documents, upload, now=now)


def begun_by_itself(documents: Documents, upload: uploads.Upload, *, now: datetime) -> Work | None:
    """Begin the upload's run, which nobody asked for; None where it can not begin now."""
    try:
        return _begun(documents, upload, now, asked=False)
    except NotNow:
        return None


def begin(documents: Documents, upload_id: str, *, now: datetime) -> Work:
    """Begin the upload's next run with the files that are there, unless one is under way.

    Raises:
        BadMessage: there is no such upload.
        SwitchedOff: an operator has switched generation off for the shop.
        ShopBusy: another upload of the shop is being worked on.
    """
    found = documents.read(f"uploads/{upload_id}")
    if found is None:
        raise BadMessage(f"there is no upload {upload_id}")
    return _begun(documents, found.data, now, asked=True)


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


def _with_file(upload: uploads.Upload, name: str, now: datetime) -> dict[str, Any]:
    if upload["status"] == "processing":
        return dict(upload)
    return with_landed(upload, name, now)  # of a run that is over: for the next


def _begun(documents: Documents, upload: uploads.Upload, now: datetime, *, asked: bool) -> Work:
    """Begin the run after the one that was seen; the flags as they are now stay for the run."""
    if upload["status"] == "processing":
        return ready(documents, upload, now)
    flags = _flags(documents, upload)
    if not flags["bundling.enabled"]:
        raise SwitchedOff("Bundle generation is switched off")
    if not asked and not flags[BY_ITSELF]:
        raise SwitchedOff("Bundles are generated on request only")
    number = turns.take(documents, upload, now)
    begins = {upload["status"], "awaiting_files"} if asked else {"awaiting_files"}

    def change(data: uploads.Upload) -> dict[str, Any]:
        if data["run"] != upload["run"] or data["status"] not in begins:
            return noted(data, number)
        return noted({**uploads.begun(data, now), "flags": flags}, number)

    after = amend(documents, f"uploads/{upload['upload_id']}", change)
    return ready(documents, upload if after is None else after, now)


def _flags(documents: Documents, upload: uploads.Upload) -> dict[str, Any]:
    found = documents.read(switches.PATH)
    stored = None if found is None else found.data
    return switches.effective(stored, upload["shop_id"], upload.get("fixed_flags", {}))
