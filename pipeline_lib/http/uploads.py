"""Uploads: signed addresses for a shop's files, files that come through here, how each stands."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Query, Request, Response, UploadFile
from pydantic import ConfigDict, Field

from pipeline_lib.errors import ShopBusy, SwitchedOff
from pipeline_lib.http import intake
from pipeline_lib.http.door import NOT_WHILE_PAUSED, Door, RawBody, ShopCaller
from pipeline_lib.http.errors import (
    AddressExpired,
    BadAddress,
    BadCursor,
    BadFileSize,
    FileExists,
    FileMissing,
    NoFiles,
    PathNotFound,
    Paused,
    RunBegun,
    SameTypeTwice,
    ShopNotFound,
    UnknownExport,
)
from pipeline_lib.http.intake import CsvType
from pipeline_lib.http.problems import refusals
from pipeline_lib.http.reading import own_run, own_upload, read_page
from pipeline_lib.http.services import Services
from pipeline_lib.http.shapes import (
    BY_SIGNED_URL,
    Answer,
    Body,
    PageQuery,
    PathName,
    example,
)
from pipeline_lib.records.uploads import SlotName, Upload
from pipeline_lib.signing import signed_puts

router = APIRouter(tags=["uploads"], route_class=Door)

VALID = timedelta(hours=1)
EXAMPLE_ID = "5a6f2c3e-8a34-4c53-9b3d-0d6f1f0b7c11"

RunId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
UploadState = Literal["awaiting_files", "processing", "completed", "failed", "cancelled"]


class DeclaredFile(Body):
    """A file that the shop will send; ``size`` in bytes, where it is known."""

    csvType: CsvType
    size: Annotated[int, Field(ge=1, le=BY_SIGNED_URL)] | None = None
    contentType: Literal["text/csv", "application/gzip"] = "text/csv"


class OpenUpload(Body):
    """The files that the shop will send; the run begins when all are there."""

    model_config = example({"files": [{"csvType": "orders", "size": 48213}]})

    files: Annotated[list[DeclaredFile], Field(min_length=1, max_length=4)]


class UploadAddress(Answer):
    """Where to send a file: with that method and those headers, before it expires."""

    url: str
    method: Literal["PUT"] = "PUT"
    headers: dict[str, str]
    expires_at: datetime


class SessionFile(Answer):
    """A file's place."""

    csvType: str
    state: Literal["waiting", "landed"]
    landed_at: datetime | None
    upload: UploadAddress | None = None


class UploadSession(Answer):
    """An upload and its files; ``status`` as it is stored."""

    model_config = example(
        {
            "uploadId": EXAMPLE_ID,
            "status": "awaiting_files",
            "run": 0,
            "files": [{"csvType": "orders", "state": "waiting", "landed_at": None, "upload": None}],
            "created_at": "2026-03-02T09:00:00Z",
        }
    )

    uploadId: str
    status: UploadState
    run: int
    files: list[SessionFile]
    created_at: datetime


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
    "/api/uploads",
    status_code=201,
    dependencies=NOT_WHILE_PAUSED,
    responses=refusals(SameTypeTwice),
)
def open_upload_session(body: OpenUpload, caller: ShopCaller, services: Services) -> UploadSession:
    """Open an upload and get an address for each file.

    The run begins by itself when every declared file has landed.
    """
    types = tuple(one.csvType for one in body.files)
    if len({intake.SLOTS[one] for one in types}) < len(types):
        raise SameTypeTwice
    upload = intake.open_session(services, caller, types)
    addresses = {intake.SLOTS[one.csvType]: _address(services, upload, one) for one in body.files}
    return _session(upload, addresses)


@router.get("/api/uploads/{id}")
def get_upload_session(id: PathName, caller: ShopCaller, services: Services) -> UploadSession:
    """See which files of an upload have arrived."""
    return _session(own_upload(services, caller, id), {})


@router.post(
    "/api/uploads/{id}/start",
    status_code=202,
    responses=refusals(NoFiles, ShopBusy, SwitchedOff, Paused),
)
def start_upload(id: PathName, caller: ShopCaller, services: Services) -> UploadSession:
    """Begin a run with the files that are there."""
    state = own_run(services, caller, id)
    return _session(intake.start_run(services, state), {})


@router.put(
    "/files/{file:path}",
    response_class=Response,
    responses=refusals(BadAddress, AddressExpired, BadFileSize, FileExists, PathNotFound),
    openapi_extra={"requestBody": {"required": True, "content": {"*/*": {"schema": {}}}}},
)
def put_file(
    file: str,
    request: Request,
    body: Annotated[bytes, Depends(RawBody(BY_SIGNED_URL + 1))],
    services: Services,
) -> Response:
    """Send a file to a signed address.

    Where files land in a bucket, the bucket takes them, and nothing is served here.
    """
    grant = _grant(file, request.query_params, services)
    for header, value in signed_puts.grant_headers(grant).items():
        if request.headers.get(header) != value:
            raise BadAddress(f"Send the header {header}: {value}")
    if not 0 < len(body) <= grant.most_bytes:
        raise BadFileSize(f"The file has 1 to {grant.most_bytes} bytes")
    if not services.ports.landing.write_once(file, body):
        raise FileExists("A file was sent there before")
    intake.record_file(services, file)
    return Response(media_type="text/plain")


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


def _address(services: Services, upload: Upload, declared: DeclaredFile) -> UploadAddress:
    slot = upload.slot(intake.SLOTS[declared.csvType])
    signed = services.uploads.signed_put(
        "" if slot is None else slot.name,
        content_type=declared.contentType,
        most_bytes=declared.size or BY_SIGNED_URL,
        now=services.now(),
        valid=VALID,
    )
    return UploadAddress(url=signed.url, headers=dict(signed.headers), expires_at=signed.expires_at)


def _session(upload: Upload, addresses: Mapping[SlotName, UploadAddress]) -> UploadSession:
    return UploadSession(
        uploadId=upload.upload_id,
        status=upload.status,
        run=upload.run,
        created_at=upload.created_at,
        files=[
            SessionFile(
                csvType=slot.slot,
                state="waiting" if slot.landed_at is None else "landed",
                landed_at=slot.landed_at,
                upload=addresses.get(slot.slot),
            )
            for slot in upload.slots
        ],
    )


def _grant(name: str, query: Mapping[str, str], services: Services) -> signed_puts.Grant:
    if services.put_key is None:
        raise PathNotFound
    grant = signed_puts.verify_grant(name, query, services.put_key)
    if grant is None:
        raise BadAddress
    if services.now() >= datetime.fromtimestamp(grant.expires_s, UTC):
        raise AddressExpired
    return grant


def _waiting_for(upload: Upload) -> str:
    missing = [slot.slot for slot in upload.slots if slot.landed_at is None]
    return f"Waiting for files: {', '.join(missing)}" if missing else "All files are here"
