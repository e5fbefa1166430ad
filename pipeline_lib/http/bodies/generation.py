"""The shapes of runs: how one is asked for, how far it is, how it goes on or ends."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, WithJsonSchema

from pipeline_lib.http.shapes import Asked, Shape, Sparse, Taken


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError as error:
        raise ValueError("Invalid UUID format") from error


UploadId = Annotated[
    str, AfterValidator(_uuid), WithJsonSchema({"type": "string", "format": "uuid"})
]


class Generate(Taken):
    """Which upload (requirement 71)."""

    csvUploadId: UploadId


class StreamAsked(Asked):
    """Which upload."""

    csvUploadId: UploadId


class Started(Shape):
    """The run that is under way."""

    uploadId: str
    run: int
    status: Literal["processing"] = "processing"
    poll_after_ms: int


class Generated(Shape):
    """Requirement 35: what was asked for is under way."""

    success: Literal[True] = True
    result: Started


class Resumed(Shape):
    """The phases that were set going again."""

    uploadId: str
    status: Literal["processing"] = "processing"
    phases: list[str]


class Cancelled(Shape):
    """The run has ended."""

    uploadId: str
    status: Literal["cancelled"] = "cancelled"


class Progress(Sparse):
    """Requirements 64 and 65; ``poll_after_ms`` is null when nothing more will come."""

    upload_id: str
    shop_domain: str
    step: str
    progress: Annotated[int, Field(ge=0, le=100)]
    status: Literal["in_progress", "completed", "failed", "cancelled"]
    message: str
    metadata: dict[str, Any]
    updated_at: datetime
    poll_after_ms: int | None
    phases: list[dict[str, Any]]
    quick_start_mode: bool
    full_generation_queued: bool
    estimated_completion: datetime | None = None
    error_code: str | None = None


class QuickInstallForm(Taken):
    """What comes beside the file; a dry run starts nothing and costs no cooldown."""

    dry_run: Literal["true", "false"] = "false"


class QuickInstallStarted(Sparse):
    """Requirement 72; of a dry run what the file is instead of a job."""

    job_id: str | None = None
    status: Literal["PROCESSING", "DRY_RUN"]
    message: str
    is_retry: bool
    csv_type: str | None = None
    row_count: int | None = None


class QuickInstallStatus(Sparse):
    """Requirements 76 to 80."""

    has_quick_install: bool
    can_run: bool
    status: Literal["PROCESSING", "COMPLETED", "FAILED"] | None = None
    job_id: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    bundles_created: int | None = None
    days_since_install: int | None = None
    can_retry_in_days: int | None = None
    can_retry_at: datetime | None = None
    error_message: str | None = None
    message: str


class JobStatus(Shape):
    """Requirement 81."""

    job_id: str
    status: Literal["PROCESSING", "COMPLETED", "FAILED"]
    processed_count: int
    error_count: int
    error_message: str | None
    created_at: datetime
    processed_at: datetime | None


class Cleaned(Shape):
    """Requirement 82."""

    cleaned: int
    message: str
