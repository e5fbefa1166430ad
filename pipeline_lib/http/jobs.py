"""How any job stands, and the sweep of stuck ones when the clock asks for it."""

from datetime import datetime
from typing import Literal

from fastapi import APIRouter

from pipeline_lib.http.door import ClockCaller, Door, ShopCaller
from pipeline_lib.http.intake import error_message
from pipeline_lib.http.reading import own_upload
from pipeline_lib.http.services import Services
from pipeline_lib.http.shapes import Answer, PathName, example
from pipeline_lib.http.uploads import EXAMPLE_ID
from pipeline_lib.records.uploads import UploadStatus
from pipeline_lib.runs.sweep import sweep_stuck_runs

router = APIRouter(tags=["jobs"], route_class=Door)

JobState = Literal["PROCESSING", "COMPLETED", "FAILED"]
JOB_STATES: dict[UploadStatus, JobState] = {
    "awaiting_files": "PROCESSING",
    "processing": "PROCESSING",
    "completed": "COMPLETED",
    "failed": "FAILED",
    "cancelled": "FAILED",
}


class JobStatus(Answer):
    """How a job stands."""

    model_config = example(
        {
            "job_id": EXAMPLE_ID,
            "status": "COMPLETED",
            "processed_count": 42,
            "error_count": 0,
            "error_message": None,
            "created_at": "2026-03-02T09:00:00Z",
            "processed_at": "2026-03-02T09:02:30Z",
        }
    )

    job_id: str
    status: JobState
    processed_count: int
    error_count: int
    error_message: str | None
    created_at: datetime
    processed_at: datetime | None


class SweepResult(Answer):
    """How many jobs were stuck."""

    model_config = example({"cleaned": 2, "message": "Marked 2 stuck jobs as FAILED"})

    cleaned: int
    message: str


@router.get("/api/bundles/status/{job_id}")
def get_job_status(job_id: PathName, caller: ShopCaller, services: Services) -> JobStatus:
    """See how a job stands."""
    upload = own_upload(services, caller, job_id)
    return JobStatus(
        job_id=upload.upload_id,
        status=JOB_STATES[upload.status],
        processed_count=upload.output("finalize", "recommendations"),
        error_count=upload.output("ingest", "rejected"),
        error_message=error_message(upload),
        created_at=upload.created_at,
        processed_at=upload.completed_at,
    )


@router.post("/api/bundles/cron/cleanup-stuck-jobs")
def sweep_stuck_jobs(caller: ClockCaller, services: Services) -> SweepResult:  # noqa: ARG001 - who may
    """Sweep what got stuck.

    A silent run is set going again, once; one that stays silent is failed.
    """
    found = sweep_stuck_runs(services.ports, services.now())
    for name, work in found.again:
        services.ports.topics.publish(name, work.message())
    return SweepResult(cleaned=found.failed, message=f"Marked {found.failed} stuck jobs as FAILED")
