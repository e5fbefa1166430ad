"""Uploads as the tests open them, by the project's own calls."""

from pipeline_lib.messages import Landing
from pipeline_lib.records.collections import Collections
from pipeline_lib.records.uploads import Parameters
from pipeline_lib.runs import opening


def opened(documents, upload_id, *, shop, now, slots=("orders",), parameters=None):
    """An upload that waits for a file in each slot; gives the names that they land under."""
    names = {slot: f"{upload_id}/{slot}/{slot}.csv" for slot in slots}
    opening.open_upload(
        Collections(documents),
        upload_id=upload_id,
        shop_id=shop,
        slots=names,
        parameters=parameters or Parameters(),
        now=now,
    )
    return names


def begun(documents, upload_id, *, shop, now):
    """The same, whose run has begun on request; gives that."""
    opened(documents, upload_id, shop=shop, now=now)
    work, _ = opening.begin_run(Collections(documents), upload_id, now=now)
    return work


def landed(documents, name, *, now):
    """The file of that name lands; gives the run that begins by it."""
    return opening.record_landing(Collections(documents), Landing(name, ""), now=now)


def upload_of(documents, upload_id):
    """The upload as it is stored."""
    return Collections(documents).uploads.read(upload_id).record


def progress_of(documents, upload_id):
    """What clients see of it."""
    return Collections(documents).progress.read(upload_id).record
