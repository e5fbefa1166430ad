"""Removes the files that a shop sent when their run is over: they hold its shoppers' data."""

from datetime import datetime, timedelta

from pipeline_lib.ports import Ports
from pipeline_lib.records.collections import Collections
from pipeline_lib.records.uploads import Upload

REDRIVABLE = {"DEAD_LETTER", "TIMED_OUT"}  # failures that are not the files' fault
KEPT_FOR_REDRIVE = timedelta(days=7)


def remove_raw_files(ports: Ports, now: datetime) -> int:
    """Remove the raw files of every upload whose run is over; returns of how many uploads.

    What failed for no fault of its files keeps them for a week, so that it can be set going again.
    """
    collections = Collections(ports.documents)
    over = [
        found
        for found in collections.uploads.find(has_raw_files=True)
        if _is_over(found.record, now)
    ]
    for found in over:
        ports.landing.delete(ports.landing.names(f"{found.record.upload_id}/"))
        collections.uploads.change(found, lambda one: one.with_files_removed(now=now))
    return len(over)


def _is_over(upload: Upload, now: datetime) -> bool:
    if upload.is_live:
        return False
    redrivable = upload.error is not None and upload.error.code in REDRIVABLE
    return not redrivable or now - upload.updated_at >= KEPT_FOR_REDRIVE
