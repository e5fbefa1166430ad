"""A run's progress in its documented shape, and when to ask again; nothing is changed."""

from datetime import timedelta
from typing import Any

from pipeline_lib.http.bodies.generation import Progress
from pipeline_lib.http.endpoint import Call
from pipeline_lib.ports import Data
from pipeline_lib.records import uploads
from pipeline_lib.records.slots import all_landed

OFTEN_MS, SELDOM_MS = 2_000, 10_000  # requirement 332
YOUNG = timedelta(seconds=60)


def told(call: Call, upload: Data, stored: Data | None) -> Progress:
    """The progress in its documented shape."""
    now = stored if stored is not None and upload["run"] else _before(upload)
    over = now["status"] != "in_progress"
    preview = call.documents.read(f"previews/{upload['upload_id']}")
    quick = preview is not None and preview.data["run"] == upload["run"] and not over
    counts = {**now["metadata"], "candidate_count": now["metadata"].get("candidates", 0)}
    shown: dict[str, Any] = {
        **now,
        "shop_domain": upload["shop_id"],
        "metadata": counts,
        "poll_after_ms": None if over else _poll_after_ms(call, upload),
        "quick_start_mode": quick,
        "full_generation_queued": quick,
    }
    if counts.get("time_remaining") is not None and not over:
        left = timedelta(seconds=counts["time_remaining"])
        shown["estimated_completion"] = now["updated_at"] + left
    if upload["error"] is not None:
        shown["error_code"] = upload["error"]["code"]
    return Progress.model_validate(shown)


def _poll_after_ms(call: Call, upload: Data) -> int:
    begun = upload["begun_at"] or upload["created_at"]
    return OFTEN_MS if call.now - begun < YOUNG else SELDOM_MS


def _before(upload: Data) -> Data:
    """What is shown before the first run."""
    over = upload["status"] not in uploads.LIVE
    waits = "another of your uploads" if all_landed(upload) else "files"
    return {
        "upload_id": upload["upload_id"],
        "step": "upload",
        "progress": 0,
        "status": upload["status"] if over else "in_progress",
        "message": "Cancelled" if over else f"Waiting for {waits}",
        "metadata": {},
        "phases": [],
        "updated_at": upload["updated_at"],
    }
