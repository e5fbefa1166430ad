"""Which of an upload's files have landed, and how long it waits for others; it begins no run."""

from datetime import datetime, timedelta
from typing import Any

from pipeline_lib.records.uploads import ELSEWHERE, Upload

WAIT = timedelta(hours=1)  # for a further file: as long as the addresses of files are good


def landed(upload: Upload, name: str, now: datetime) -> dict[str, Any]:
    """The upload with the file of that name there; a name it did not declare changes nothing."""
    slots = {
        slot: {**state, "landed_at": state["landed_at"] or now} if state["name"] == name else state
        for slot, state in upload["slots"].items()
    }
    return {**upload, "slots": slots, "updated_at": now}


def all_landed(upload: Upload) -> bool:
    """Whether every declared file is there."""
    return all(state["landed_at"] is not None for state in upload["slots"].values())


def some_landed(upload: Upload) -> bool:
    """Whether any file is there."""
    return any(state["landed_at"] is not None for state in upload["slots"].values())


def queued(upload: Upload) -> bool:
    """Whether the upload's files have landed, so that it waits for nothing but its turn.

    What lies elsewhere does not land, and waits to be asked for.
    """
    names = [state["name"] for state in upload["slots"].values()]
    return all_landed(upload) and not all(name.startswith(ELSEWHERE) for name in names)


def wait_over(upload: Upload, now: datetime) -> bool:
    """Whether the upload has waited for further files as long as it should."""
    return bool(now - upload["updated_at"] >= WAIT)
