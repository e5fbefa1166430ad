"""Runs: begin one, let it go on, cancel it, and see how far it is."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import Field

from pipeline_lib.errors import NothingToRedrive, ShopBusy, SwitchedOff
from pipeline_lib.http import intake
from pipeline_lib.http.door import NOT_WHILE_PAUSED, Door, ShopCaller
from pipeline_lib.http.errors import NoFiles, NothingToResume, Paused, RunOver
from pipeline_lib.http.problems import refusals
from pipeline_lib.http.reading import own_run
from pipeline_lib.http.services import Services
from pipeline_lib.http.shapes import Answer, Body, PathName, SparseAnswer, UploadId, example
from pipeline_lib.http.uploads import EXAMPLE_ID
from pipeline_lib.records.progress import PhaseStep, Progress
from pipeline_lib.records.uploads import Upload
from pipeline_lib.runs.ending import cancel_run
from pipeline_lib.runs.redrive import redrive_run

router = APIRouter(tags=["runs"], route_class=Door)

OFTEN_MS, SELDOM_MS = 2_000, 10_000
YOUNG = timedelta(seconds=60)


class GenerateBundles(Body):
    """Whose run."""

    model_config = example({"csvUploadId": EXAMPLE_ID})

    csvUploadId: UploadId


class RunBegunAnswer(Answer):
    """The run that is under way."""

    uploadId: str
    run: int
    status: Literal["processing"] = "processing"
    poll_after_ms: int


class GenerationBegun(Answer):
    """What was asked for is under way."""

    model_config = example(
        {
            "success": True,
            "result": {
                "uploadId": EXAMPLE_ID,
                "run": 1,
                "status": "processing",
                "poll_after_ms": OFTEN_MS,
            },
        }
    )

    success: Literal[True] = True
    result: RunBegunAnswer


class RunResumed(Answer):
    """The phases that were set going again."""

    model_config = example({"uploadId": EXAMPLE_ID, "status": "processing", "phases": ["score"]})

    uploadId: str
    status: Literal["processing"] = "processing"
    phases: list[str]


class RunCancelled(Answer):
    """The run has ended."""

    model_config = example({"uploadId": EXAMPLE_ID, "status": "cancelled"})

    uploadId: str
    status: Literal["cancelled"] = "cancelled"


class RunProgress(SparseAnswer):
    """How far a run is; ``poll_after_ms`` is null when nothing more will come."""

    model_config = example(
        {
            "upload_id": EXAMPLE_ID,
            "shop_domain": "my-shop.myshopify.com",
            "step": "candidate_generation",
            "progress": 35,
            "status": "in_progress",
            "message": "Counting what is bought together",
            "metadata": {"candidate_count": 247, "time_remaining": 12},
            "updated_at": "2026-03-02T09:00:04Z",
            "poll_after_ms": OFTEN_MS,
            "phases": [
                {
                    "name": "ingest",
                    "state": "done",
                    "started_at": "2026-03-02T09:00:00Z",
                    "ended_at": "2026-03-02T09:00:02Z",
                }
            ],
            "quick_start_mode": True,
            "full_generation_queued": True,
            "estimated_completion": "2026-03-02T09:00:16Z",
        }
    )

    upload_id: str
    shop_domain: str
    step: str
    progress: Annotated[int, Field(ge=0, le=100)]
    status: Literal["in_progress", "completed", "failed", "cancelled"]
    message: str
    metadata: Mapping[str, int]
    updated_at: datetime
    poll_after_ms: int | None
    phases: tuple[PhaseStep, ...]
    quick_start_mode: bool
    full_generation_queued: bool
    estimated_completion: datetime | None = None
    error_code: str | None = None


@router.post(
    "/api/generate-bundles",
    status_code=202,
    responses=refusals(NoFiles, ShopBusy, SwitchedOff, Paused),
)
def generate_bundles(
    body: GenerateBundles, caller: ShopCaller, services: Services
) -> GenerationBegun:
    """Begin an upload's run, or find it under way."""
    upload = intake.begin_upload_run(services, own_run(services, caller, body.csvUploadId))
    result = RunBegunAnswer(uploadId=upload.upload_id, run=upload.run, poll_after_ms=OFTEN_MS)
    return GenerationBegun(result=result)


@router.post(
    "/api/generate-bundles/{id}/resume",
    status_code=202,
    dependencies=NOT_WHILE_PAUSED,
    responses=refusals(NothingToResume, ShopBusy),
)
def resume_run(id: PathName, caller: ShopCaller, services: Services) -> RunResumed:
    """Set a failed run going again where it stopped; what is done stays done."""
    state = own_run(services, caller, id)
    try:
        phases = redrive_run(services.ports, id, now=services.now(), state=state)
    except NothingToRedrive as reason:
        raise NothingToResume(str(reason)) from reason
    return RunResumed(uploadId=id, phases=phases)


@router.post("/api/generate-bundles/{id}/cancel", responses=refusals(RunOver))
def cancel_generation(id: PathName, caller: ShopCaller, services: Services) -> RunCancelled:
    """Cancel a run, or an upload's wait for files.

    A phase at work learns it at its next heartbeat.
    """
    state = own_run(services, caller, id)
    upload = state.upload.record
    if not upload.is_live and upload.status != "cancelled":
        raise RunOver(f"The run is over: it {upload.status}")
    cancel_run(services.collections, id, message="Cancelled", now=services.now(), state=state)
    intake.begin_waiting_run(services, caller)
    return RunCancelled(uploadId=id)


@router.get("/api/generation-progress/{uploadId}", response_model_exclude_unset=True)
def get_progress(uploadId: PathName, caller: ShopCaller, services: Services) -> RunProgress:
    """See how far a run is, and when to ask again."""
    state = own_run(services, caller, uploadId)
    upload = state.upload.record
    stored = state.progress.record if state.progress is not None and upload.run else None
    shown = _before_run(upload) if stored is None else stored.model_dump(include=SHOWN)
    is_over = shown["status"] != "in_progress"
    quick = not is_over and _has_preview(services, upload)
    counts = {} if stored is None else stored.metadata
    shown |= {
        "shop_domain": upload.shop_id,
        "metadata": {**counts, "candidate_count": counts.get("candidates", 0)},
        "poll_after_ms": None if is_over else _poll_after_ms(upload, services.now()),
        "quick_start_mode": quick,
        "full_generation_queued": quick,
    }
    if stored is not None and not is_over:
        shown |= _estimate(stored)
    if upload.error is not None:
        shown["error_code"] = upload.error.code
    return RunProgress(**shown)


SHOWN = {"upload_id", "step", "progress", "status", "message", "updated_at", "phases"}


def _has_preview(services: Services, upload: Upload) -> bool:
    preview = services.collections.previews.read(upload.upload_id)
    return preview is not None and preview.record.run == upload.run


def _poll_after_ms(upload: Upload, now: datetime) -> int:
    begun = upload.begun_at or upload.created_at
    return OFTEN_MS if now - begun < YOUNG else SELDOM_MS


def _estimate(shown: Progress) -> dict[str, datetime]:
    left = shown.metadata.get("time_remaining")
    if left is None:
        return {}
    return {"estimated_completion": shown.updated_at + timedelta(seconds=left)}


def _before_run(upload: Upload) -> dict[str, Any]:
    """What is shown before the first run."""
    waits = "another of your uploads" if upload.has_all_files else "files"
    return {
        "upload_id": upload.upload_id,
        "step": "upload",
        "progress": 0,
        "status": "in_progress" if upload.is_live else upload.status,
        "message": f"Waiting for {waits}" if upload.is_live else "Cancelled",
        "updated_at": upload.updated_at,
        "phases": (),
    }
