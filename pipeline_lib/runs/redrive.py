"""Sets a failed run going again where it stopped; what is done stays done."""

from datetime import datetime

from pipeline_lib.errors import NothingToRedrive, StoreUnavailable
from pipeline_lib.ports import Ports
from pipeline_lib.records.collections import Collections
from pipeline_lib.records.store import ATTEMPTS
from pipeline_lib.records.uploads import Upload
from pipeline_lib.runs.opening import publish_unfinished, turn_change
from pipeline_lib.runs.state import RunState
from pipeline_lib.topology import first


def redrive_run(
    ports: Ports, upload_id: str, *, now: datetime, state: RunState | None = None
) -> list[str]:
    """Re-open the run and send its unfinished phases their messages; returns their names.

    Asked for again after it broke off, it goes on. ``state`` is what was read of it before.

    Raises:
        NothingToRedrive: there is no such upload, its run did not fail, or its files are gone.
        ShopBusy: another upload of the shop is being worked on.
    """
    collections = Collections(ports.documents)
    for _ in range(ATTEMPTS):
        current = RunState.read(collections, upload_id) if state is None else state
        if current is None:
            raise NothingToRedrive(f"there is no upload {upload_id}")
        upload = current.upload.record
        _refuse_without_files(ports, upload)
        reopened = upload.with_run_reopened(now=now)
        if reopened == upload:
            return publish_unfinished(ports, upload)
        turn, number = turn_change(collections, upload, now=now)
        written = current.write(
            collections,
            reopened.with_turn_used(number),
            lambda shown: shown.with_run_reopened(now=now),
            beside=[turn],
        )
        if written is not None:
            return publish_unfinished(ports, reopened)
        state = None
    raise StoreUnavailable(f"{upload_id} is written to by too many at once")


def _refuse_without_files(ports: Ports, upload: Upload) -> None:
    """A run that stopped while its files were read cannot go on without them."""
    if upload.status != "failed" or first().name not in upload.unfinished_phases():
        return
    there = set(ports.landing.names(f"{upload.upload_id}/"))
    sent = [slot for slot in upload.slots if slot.landed_at is not None]
    if any(slot.name not in there and not slot.in_s3 for slot in sent):
        raise NothingToRedrive(
            f"the files of {upload.upload_id} are gone; send them again as a new upload"
        )
