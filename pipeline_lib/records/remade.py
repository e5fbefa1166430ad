"""A next run from what an earlier one kept, the shopper's orders left out; reads no artefact."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from pipeline_lib import topology
from pipeline_lib.messages import Work
from pipeline_lib.records import uploads
from pipeline_lib.records.uploads import Upload

BLANK = {"fence": 0, "attempt": 1, "ms": 0, "input": {}, "output": {}}


def unsent(upload: Upload, now: datetime) -> dict[str, Any]:
    """The upload whose raw files are gone: it waits for them anew, or runs no more.

    What lies elsewhere still does. One whose run is under way stays as it is.
    """
    if upload["status"] == "processing":
        return dict(upload)
    slots = {
        slot: state if state["name"].startswith(uploads.ELSEWHERE) else {**state, "landed_at": None}
        for slot, state in upload["slots"].items()
    }
    return (
        dict(upload) if slots == upload["slots"] else {**upload, "slots": slots, "updated_at": now}
    )


def carried_over(
    upload: Upload, *, by: str, source: int, orders: int, now: datetime
) -> dict[str, Any]:
    """The upload with a next run of which only the first phase's work is there.

    Args:
        upload: no run of it is under way.
        by: the webhook that asks for it.
        source: the run whose work is carried over.
        orders: how many of its orders are not.
        now: when that is decided.
    """
    name = topology.first().name
    before = {**BLANK, **upload["phases"].get(name, {})}
    record = {
        **before,
        "state": "done",
        "started_at": now - timedelta(milliseconds=before["ms"] or 0),
        "ended_at": now,
        "ms": before["ms"] or 0,
        "output": {**before["output"], "erased_orders": orders},
        "error": None,
    }
    return {
        **upload,
        "run": upload["run"] + 1,
        "phases": {name: record},
        "remade": {"by": by, "source": source, "run": upload["run"] + 1},
        "updated_at": now,
    }


def made_again(
    upload: Upload, *, by: str, source: int, orders: int, now: datetime
) -> dict[str, Any]:
    """The same with that run under way: it goes on behind the first phase."""
    carried = carried_over(upload, by=by, source=source, orders=orders, now=now)
    begun = uploads.begun(upload, now)
    return {**begun, **{name: carried[name] for name in ("run", "phases", "remade")}}


def source_of(upload: Upload, webhook_id: str) -> int | None:
    """The run that the webhook carried over to the upload's newest; None when it did not."""
    marked = upload.get("remade") or {}
    mine = marked.get("by") == webhook_id and marked["run"] == upload["run"]
    return int(marked["source"]) if mine else None


def pointed(upload: Upload, moved: Mapping[Work, Work]) -> dict[str, Any]:
    """The upload that adds to where the run that it added to has moved."""
    before = upload["parameters"].get("adds_to")
    to = None if before is None else moved.get(Work(before["upload_id"], before["run"]))
    if to is None:
        return dict(upload)
    return {**upload, "parameters": {**upload["parameters"], "adds_to": asdict(to)}}
