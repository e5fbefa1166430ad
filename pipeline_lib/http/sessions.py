"""Upload sessions: signed addresses for a shop's files, what has arrived, the start of the run."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from pipeline_lib.errors import ShopBusy, SwitchedOff
from pipeline_lib.http import intake
from pipeline_lib.http.door import NOT_WHILE_PAUSED, Door, RawBody, ShopCaller
from pipeline_lib.http.errors import (
    AddressExpired,
    BadAddress,
    BadFileSize,
    FileExists,
    NoFiles,
    PathNotFound,
    Paused,
    SameTypeTwice,
)
from pipeline_lib.http.intake import CsvType
from pipeline_lib.http.problems import refusals
from pipeline_lib.http.reading import own_run, own_upload
from pipeline_lib.http.services import Services
from pipeline_lib.http.shapes import BY_SIGNED_URL, Answer, Body, PathName, example
from pipeline_lib.http.uploads import EXAMPLE_ID, UploadState
from pipeline_lib.records.uploads import Slot, SlotName, Upload
from pipeline_lib.signing import signed_puts

router = APIRouter(tags=["uploads"], route_class=Door)

VALID = timedelta(hours=1)


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
    """A file's place, under the type that it was declared as.

    It is ``removed`` when the run that used it is over.
    """

    csvType: str
    state: Literal["waiting", "landed", "removed"]
    landed_at: datetime | None
    upload: UploadAddress | None = None


class UploadSession(Answer):
    """An upload and its files, in the order of their declaration, and the same by type.

    ``status`` is as it is stored.
    """

    model_config = example(
        {
            "uploadId": EXAMPLE_ID,
            "status": "awaiting_files",
            "run": 0,
            "files": [{"csvType": "orders", "state": "waiting", "landed_at": None, "upload": None}],
            "filesByType": {
                "orders": {
                    "csvType": "orders",
                    "state": "waiting",
                    "landed_at": None,
                    "upload": None,
                }
            },
            "created_at": "2026-03-02T09:00:00Z",
        }
    )

    uploadId: str
    status: UploadState
    run: int
    files: list[SessionFile]
    filesByType: dict[str, SessionFile]
    created_at: datetime


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
    return _session(intake.begin_upload_run(services, state), {})


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
    files = [
        SessionFile(
            csvType=slot.declared_as or slot.slot,
            state=_state(slot),
            landed_at=slot.landed_at,
            upload=addresses.get(slot.slot),
        )
        for slot in upload.slots
    ]
    return UploadSession(
        uploadId=upload.upload_id,
        status=upload.status,
        run=upload.run,
        created_at=upload.created_at,
        files=files,
        filesByType={file.csvType: file for file in files},
    )


def _state(slot: Slot) -> Literal["waiting", "landed", "removed"]:
    if slot.landed_at is None:
        return "waiting"
    return "landed" if slot.is_there else "removed"


def _grant(name: str, query: Mapping[str, str], services: Services) -> signed_puts.Grant:
    if services.put_key is None:
        raise PathNotFound
    grant = signed_puts.verify_grant(name, query, services.put_key)
    if grant is None:
        raise BadAddress
    if services.now() >= datetime.fromtimestamp(grant.expires_s, UTC):
        raise AddressExpired
    return grant
