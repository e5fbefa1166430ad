"""A run's progress as server-sent events: a bridge over the document that clients may also poll."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from pipeline_lib.http.bodies.generation import Generate, StreamAsked
from pipeline_lib.http.calls.generation import begin
from pipeline_lib.http.endpoint import Call, Endpoint, Stream
from pipeline_lib.http.identity import Access
from pipeline_lib.http.problems import Conflict
from pipeline_lib.http.shelf import own
from pipeline_lib.ports import Data, Document

HEARTBEAT = timedelta(seconds=30)  # requirement 218
LONGEST = timedelta(seconds=240)  # below the function's time-out; a browser comes back by itself
AGAIN_MS = 2_000
NAMES = {  # requirement 62: what this stream calls the phases
    "ingest": "data_mapping",
    "quickstart": "data_mapping",
    "enrich": "data_mapping",
    "score": "objective_scoring",
    "candidates": "ml_candidates",
    "deduplicate": "deduplication",
    "optimize": "optimization",
    "price": "pricing",
    "explain": "explainability",
    "copywrite": "ai_copy",
    "finalize": "finalization",
}


def listened(call: Call, asked: StreamAsked) -> Stream:
    """Listen to a run."""
    upload = own(call, "uploads", asked.csvUploadId)
    return Stream(events(call, upload["upload_id"]))


def begun(call: Call, asked: Generate) -> Stream:
    """Begin a run and listen to it."""
    begin(call, asked.csvUploadId)
    return Stream(events(call, asked.csvUploadId))


def events(call: Call, upload_id: str) -> Iterator[str]:
    """The frames, from what is there now or what comes after the last one that a client saw."""
    seen = call.headers.get("last-event-id", "")
    until, beat = call.now + LONGEST, call.now + HEARTBEAT
    yield f"retry: {AGAIN_MS}\n\n"
    for document in call.documents.watch(f"progress/{upload_id}"):
        now = call.world.clock()
        if document is not None and document.version != seen:
            yield _frame(document)
            beat = now + HEARTBEAT
        if now >= until or (document is not None and _over(document.data)):
            return
        if now >= beat:
            yield ": heartbeat\n\n"
            beat = now + HEARTBEAT


def told(progress: Data) -> dict[str, Any]:
    """What a frame says of the progress."""
    counts = progress["metadata"]
    said = {"progress": progress["progress"], "message": progress["message"]}
    if progress["status"] == "completed":
        bundles = counts.get("recommendations", counts.get("published", 0))
        return {"phase": "complete", **said, "bundles_created": bundles}
    if progress["status"] != "in_progress":
        return {"phase": "error", **said, "error": progress["message"]}
    phase = NAMES.get(progress["phase"], progress["phase"])
    if not any(entry["started_at"] for entry in progress["phases"]):
        phase = "starting"
    found = {"candidates_found": counts["candidates"]} if "candidates" in counts else {}
    return {"phase": phase, **said, **found}


def _frame(document: Document) -> str:
    return f"id: {document.version}\ndata: {json.dumps(told(document.data))}\n\n"


def _over(progress: Data) -> bool:
    return bool(progress["status"] != "in_progress")


ROWS = (
    Endpoint(
        "GET",
        "/api/generate-bundles/stream",
        "Listen to a run",
        Access.SHOP,
        listened,
        "text/event-stream",
        (36, 62, 89, 217, 218, 331, 376),
        asks=StreamAsked,
        listens=True,
    ),
    Endpoint(
        "POST",
        "/api/generate-bundles/stream",
        "Begin a run and listen to it",
        Access.SHOP,
        begun,
        "text/event-stream",
        (36, 62),
        asks=Generate,
        body="json",
        refuses=(Conflict,),
    ),
)
