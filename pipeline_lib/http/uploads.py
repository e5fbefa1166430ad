"""Uploads: files that come through the interface itself, and how each upload stands."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query, UploadFile
from pydantic import ConfigDict, Field

from pipeline_lib.http import intake
from pipeline_lib.http.door import NOT_WHILE_PAUSED, Door, ShopCaller
from pipeline_lib.http.errors import (
    BadCursor,
    FileExists,
    FileMissing,
    RunBegun,
    ShopNotFound,
    UnknownExport,
)
from pipeline_lib.http.intake import CsvType
from pipeline_lib.http.problems import refusals
from pipeline_lib.http.reading import own_run, own_upload, read_page
from pipeline_lib.http.services import Services
from pipeline_lib.http.shapes import (
    Answer,
    Body,
    PageQuery,
    PathName,
    example,
)
from pipeline_lib.records.uploads import Upload

router = APIRouter(tags=["uploads"], route_class=Door)

EXAMPLE_ID = "5a6f2c3e-8a34-4c53-9b3d-0d6f1f0b7c11"

RunId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
UploadState = Literal["awaiting_files", "processing", "completed", "failed", "cancelled"]


class CsvForm(Body):
    """A file, and what it is; without ``csvType`` its header tells."""

    model_config = ConfigDict(
        json_schema_extra={"required": ["file"], "examples": [{"csvType": "orders"}]}
    )

    file: UploadFile | None = None
    csvType: CsvType | None = None
    runId: RunId | None = None
    shopId: str | None = None


class FileReceived(Answer):
    """The file is here."""

    model_config = example({"uploadId": EXAMPLE_ID, "runId": "run-7", "status": "processing"})

    uploadId: str
    runId: str
    status: Literal["processing"] = "processing"


class GenerationStatus(Answer):
    """How an upload stands."""

    model_config = example(
        {
            "upload_id": EXAMPLE_ID,
            "status": "processing",
            "current_phase": "candidate_generation",
            "progress_percentage": 35,
            "phase_message": "Counting what is bought together",
            "bundles_generated": 0,
            "estimated_time_remaining_seconds": 12,
            "started_at": "2026-03-02T09:00:00Z",
            "completed_at": None,
            "error_message": None,
        }
    )

    upload_id: str
    status: Literal["processing", "completed", "failed"]
    current_phase: str
    progress_percentage: Annotated[int, Field(ge=0, le=100)]
    phase_message: str
    bundles_generated: int
    estimated_time_remaining_seconds: int | None
    started_at: datetime | None
    completed_at: datetime | None
    error_message: str | None


class UploadedFile(Answer):
    """A file of an upload."""

    csvType: str
    landed_at: datetime | None


class ProcessingParams(Answer):
    """Where an upload's files came from; what is not known is null."""

    source: str | None
    file_name: str | None
    row_count: int | None


class UploadSummary(Answer):
    """An upload as it is listed; ``processed_rows`` counts bundles, as documented."""

    model_config = example(
        {
            "id": EXAMPLE_ID,
            "run_id": "run-7",
            "shop_id": "my-shop.myshopify.com",
            "status": "completed",
            "filename": "orders.csv",
            "csv_type": "orders",
            "total_rows": 1240,
            "processed_rows": 42,
            "error_message": None,
            "processing_params": {
                "source": "upload_csv",
                "file_name": "orders.csv",
                "row_count": None,
            },
            "files": [{"csvType": "orders", "landed_at": "2026-03-02T09:00:00Z"}],
            "created_at": "2026-03-02T09:00:00Z",
            "updated_at": "2026-03-02T09:00:09Z",
        }
    )

    id: str
    run_id: str
    shop_id: str
    status: UploadState
    filename: str | None
    csv_type: str
    total_rows: int
    processed_rows: int
    error_message: str | None
    processing_params: ProcessingParams
    files: list[UploadedFile]
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, upload: Upload) -> "UploadSummary":
        """The upload as it is listed."""
        told = upload.parameters
        landed = [slot.slot for slot in upload.slots if slot.landed_at is not None]
        return cls(
            id=upload.upload_id,
            run_id=told.run_id or upload.upload_id,
            shop_id=upload.shop_id,
            status=upload.status,
            filename=told.file_name,
            csv_type=upload.kind if upload.kind == "quick_install" else ",".join(landed),
            total_rows=intake.rows_of(upload),
            processed_rows=upload.output("finalize", "recommendations"),
            error_message=intake.error_message(upload),
            processing_params=ProcessingParams(
                source=told.source, file_name=told.file_name, row_count=told.row_count
            ),
            files=[
                UploadedFile(csvType=slot.slot, landed_at=slot.landed_at) for slot in upload.slots
            ],
            created_at=upload.created_at,
            updated_at=upload.updated_at,
        )


class UploadPage(Answer):
    """A page of uploads, the newest first."""

    model_config = example({"uploads": [], "next_cursor": None})

    uploads: list[UploadSummary]
    next_cursor: str | None


@router.post(
    "/api/upload-csv",
    dependencies=NOT_WHILE_PAUSED,
    responses=refusals(FileMissing, UnknownExport, FileExists, RunBegun, ShopNotFound),
)
def upload_csv(
    form: Annotated[CsvForm, Form(media_type="multipart/form-data")],
    caller: ShopCaller,
    services: Services,
) -> FileReceived:
    """Send one file of a run as a form.

    The files of one ``runId`` go to one upload; with the fourth its run begins.
    """
    caller.refuse_other_shop(form.shopId)
    data = b"" if form.file is None else form.file.file.read()
    name = "" if form.file is None else form.file.filename or ""
    if not data:
        raise FileMissing
    kind = form.csvType or intake.detect_type(data, name)
    run_id = form.runId or services.new_id()
    upload_id = intake.accept_file(
        services, caller, kind=kind, data=data, run_id=run_id, file_name=name
    )
    return FileReceived(uploadId=upload_id, runId=run_id)


@router.get("/api/upload-status/{uploadId}")
def get_upload_status(
    uploadId: PathName, caller: ShopCaller, services: Services
) -> GenerationStatus:
    """See how an upload stands."""
    state = own_run(services, caller, uploadId)
    upload = state.upload.record
    shown = state.progress.record if state.progress is not None and upload.run else None
    counts = {} if shown is None else shown.metadata
    status = intake.documented_status(upload)
    return GenerationStatus(
        upload_id=upload.upload_id,
        status=status,
        current_phase=(None if shown is None else shown.step) or "upload",
        progress_percentage=0 if shown is None else shown.progress,
        phase_message=_waiting_for(upload) if shown is None else shown.message,
        bundles_generated=counts.get("recommendations", counts.get("published", 0)),
        estimated_time_remaining_seconds=(
            counts.get("time_remaining") if status == "processing" else 0
        ),
        started_at=upload.begun_at,
        completed_at=upload.completed_at,
        error_message=intake.error_message(upload),
    )


@router.get("/api/csv-uploads", responses=refusals(BadCursor, ShopNotFound))
def list_uploads(
    query: Annotated[PageQuery, Query()], caller: ShopCaller, services: Services
) -> UploadPage:
    """List a shop's uploads, the newest first."""
    caller.refuse_other_shop(query.shopId)
    uploads = services.collections.uploads
    part, following = read_page(
        uploads,
        lambda order, most: uploads.find(order=order, most=most, shop_id=caller.name),
        Upload.newest_first,
        limit=query.limit,
        cursor=query.cursor,
        now=services.now(),
    )
    return UploadPage(uploads=[UploadSummary.of(one) for one in part], next_cursor=following)


@router.get("/api/csv-uploads/{id}")
def get_upload(id: PathName, caller: ShopCaller, services: Services) -> UploadSummary:
    """Get one upload."""
    return UploadSummary.of(own_upload(services, caller, id))


def _waiting_for(upload: Upload) -> str:
    missing = [slot.slot for slot in upload.slots if slot.landed_at is None]
    return f"Waiting for files: {', '.join(missing)}" if missing else "All files are here"
