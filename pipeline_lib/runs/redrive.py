"""Sets a failed run going again where it stopped; it does no phase's work and starts no new run."""

from datetime import datetime

from pipeline_lib.errors import NothingToRedrive
from pipeline_lib.ports import Documents, Ports
from pipeline_lib.records import progress, uploads
from pipeline_lib.records.turns import noted
from pipeline_lib.records.uploads import ELSEWHERE
from pipeline_lib.runs import intake, turns
from pipeline_lib.runs.amend import amend
from pipeline_lib.topology import first


def redrive(ports: Ports, upload_id: str, *, now: datetime) -> list[str]:
    """Re-open the run and send its unfinished phases their messages; returns their names.

    What is done stays done, because outcomes are kept. Said again after it broke off, it goes on.

    Raises:
        NothingToRedrive: there is no such upload, its run did not fail, or its files are gone.
        ShopBusy: another upload of the shop is being worked on.
    """
    _refuse_without_files(ports, upload_id)
    upload = reopen(ports.documents, upload_id, now=now)
    if upload is None:
        raise NothingToRedrive(f"there is no upload {upload_id}")
    return intake.continued(ports, upload)


def _refuse_without_files(ports: Ports, upload_id: str) -> None:
    """A run that stopped while its files were read can not go on without them."""
    found = ports.documents.read(f"uploads/{upload_id}")
    if found is None or found.data["status"] != "failed":
        return
    if first().name not in uploads.unfinished(found.data):
        return
    landed = [slot["name"] for slot in found.data["slots"].values() if slot["landed_at"]]
    there = set(ports.landing.names(f"{upload_id}/"))
    gone = [name for name in landed if name not in there and not name.startswith(ELSEWHERE)]
    if gone:
        raise NothingToRedrive(
            f"the files of {upload_id} are not kept any more; send them again as a new upload"
        )


def reopen(documents: Documents, upload_id: str, *, now: datetime) -> uploads.Upload | None:
    """Let a failed run go on, for those who listen too; None where there is no such upload.

    Raises:
        NothingToRedrive: its run did not fail.
        ShopBusy: another upload of the shop is being worked on.
    """
    path = f"uploads/{upload_id}"
    found = documents.read(path)
    if found is None:
        return None
    number = found.data["turn"]
    if uploads.reopened(found.data, now) != found.data:
        number = turns.take(documents, found.data, now)
    upload = amend(documents, path, lambda data: noted(uploads.reopened(data, now), number))
    if upload is not None:
        _show(documents, upload, now)
    return upload


def _show(documents: Documents, upload: uploads.Upload, now: datetime) -> None:
    """Tell listeners; a progress that has expired since begins anew."""
    path = f"progress/{upload['upload_id']}"
    if amend(documents, path, lambda data: progress.reopened(data, now)) is None:
        names = {name: upload[name] for name in ("upload_id", "shop_id", "run")}
        documents.swap(path, progress.fresh(**names, now=now), since=None)
