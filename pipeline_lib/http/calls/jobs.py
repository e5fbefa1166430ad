"""How any job stands, and the sweep of stuck ones when the clock asks for it."""

from typing import Literal

from pipeline_lib.http.bodies.generation import Cleaned, JobStatus
from pipeline_lib.http.calls.csv_uploads import error_message
from pipeline_lib.http.endpoint import Call, Endpoint
from pipeline_lib.http.identity import Access
from pipeline_lib.http.shapes import Nothing
from pipeline_lib.http.shelf import own
from pipeline_lib.ports import Data
from pipeline_lib.runs.sweep import sweep


def status(call: Call, asked: Nothing) -> JobStatus:  # noqa: ARG001
    """How the job stands."""
    upload = own(call, "uploads", call.path["job_id"])
    phases = upload["phases"]
    return JobStatus(
        job_id=upload["upload_id"],
        status=_upper(upload),
        processed_count=phases.get("finalize", {}).get("output", {}).get("recommendations", 0),
        error_count=phases.get("ingest", {}).get("output", {}).get("rejected", 0),
        error_message=error_message(upload),
        created_at=upload["created_at"],
        processed_at=upload["completed_at"],
    )


def swept(call: Call, asked: Nothing) -> Cleaned:  # noqa: ARG001
    """Set silent runs going again, once; fail those that stay silent."""
    found = sweep(call.world.ports, call.now)
    for name, work in found.again:
        call.world.ports.topics.publish(name, work.message())
    return Cleaned(cleaned=found.failed, message=f"Marked {found.failed} stuck jobs as FAILED")


def _upper(upload: Data) -> Literal["PROCESSING", "COMPLETED", "FAILED"]:
    if upload["status"] == "completed":
        return "COMPLETED"
    return "FAILED" if upload["status"] in {"failed", "cancelled"} else "PROCESSING"


ROWS = (
    Endpoint(
        "GET",
        "/api/bundles/status/{job_id}",
        "How a job stands",
        Access.SHOP,
        status,
        JobStatus,
        (54, 81, 92, 390),
    ),
    Endpoint(
        "POST",
        "/api/bundles/cron/cleanup-stuck-jobs",
        "Sweep what got stuck",
        Access.CLOCK,
        swept,
        Cleaned,
        (55, 82, 83, 248, 250, 385, 388),
    ),
)
