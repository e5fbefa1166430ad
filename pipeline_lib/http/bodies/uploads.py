"""The shapes of files that come through the interface itself, and of how they stand."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from pipeline_lib.http.shapes import Asked, Cursor, Limit, Shape, Taken

CsvType = Literal[
    "orders",
    "variants",
    "products",
    "inventory",
    "inventory_levels",
    "catalog",
    "catalog_joined",
]
RunId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]


class CsvForm(Taken):
    """What comes beside the file; without ``csvType`` its header tells."""

    csvType: CsvType | None = None
    runId: RunId | None = None
    shopId: str | None = None


class Received(Shape):
    """The file is here (requirement 61)."""

    uploadId: str
    runId: str
    status: Literal["processing"] = "processing"


class GenerationStatus(Shape):
    """Requirement 63."""

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


class FileState(Shape):
    """A file of an upload."""

    csvType: str
    landed_at: datetime | None


class CsvUpload(Shape):
    """Requirement 117; ``processed_rows`` counts bundles (requirement 114)."""

    id: str
    run_id: str
    shop_id: str
    status: str
    filename: str | None
    csv_type: str
    total_rows: int
    processed_rows: int
    error_message: str | None
    processing_params: dict[str, Any]
    files: list[FileState]
    created_at: datetime
    updated_at: datetime


class CsvUploads(Shape):
    """A page of uploads, the newest first."""

    uploads: list[CsvUpload]
    next_cursor: str | None


class PageAsked(Asked):
    """Which page."""

    limit: Limit = 50
    cursor: Cursor = None
    shopId: str | None = None
