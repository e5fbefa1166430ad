"""Quick install: one file, one job at a time, thirty days between two; and how it stands."""

import json
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, UploadFile
from pydantic import ConfigDict

from pipeline_lib.errors import SwitchedOff
from pipeline_lib.http import intake
from pipeline_lib.http.door import Door, RunningSettings, ShopCaller
from pipeline_lib.http.errors import (
    AlreadyCompleted,
    AlreadyProcessing,
    Conflict,
    InvalidFile,
    UnknownExport,
)
from pipeline_lib.http.intake import FileKind
from pipeline_lib.http.problems import refusals
from pipeline_lib.http.services import ApiServices, Services
from pipeline_lib.http.shapes import Body, SparseAnswer, example
from pipeline_lib.http.uploads import EXAMPLE_ID
from pipeline_lib.records.quick_install import Cooldown, QuickInstall
from pipeline_lib.records.store import Stored

router = APIRouter(tags=["quick install"], route_class=Door)

FILE_NAME = "quick_install_%Y%m%dT%H%M%Sz.csv"
API_STATUS: dict[str, Literal["PROCESSING", "COMPLETED", "FAILED"]] = {
    "processing": "PROCESSING",
    "completed": "COMPLETED",
    "failed": "FAILED",
}


class QuickInstallForm(Body):
    """The file; a dry run starts nothing and costs no cooldown."""

    model_config = ConfigDict(
        json_schema_extra={"required": ["file"], "examples": [{"dry_run": "true"}]}
    )

    file: UploadFile | None = None
    dry_run: Literal["true", "false"] = "false"


class QuickInstallStarted(SparseAnswer):
    """The job that was started; of a dry run what the file is instead."""

    model_config = example(
        {
            "job_id": EXAMPLE_ID,
            "status": "PROCESSING",
            "message": "Quick install started. Bundles are being generated...",
            "is_retry": False,
        }
    )

    job_id: str | None = None
    status: Literal["PROCESSING", "DRY_RUN"]
    message: str
    is_retry: bool
    csv_type: str | None = None
    row_count: int | None = None


class QuickInstallStatus(SparseAnswer):
    """How the shop's newest quick install stands, and whether it may run another."""

    model_config = example(
        {
            "has_quick_install": True,
            "can_run": False,
            "status": "PROCESSING",
            "job_id": EXAMPLE_ID,
            "started_at": "2026-03-02T09:00:00Z",
            "message": "Quick install is in progress",
        }
    )

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


@router.post(
    "/api/bundles/quick-install",
    response_model_exclude_unset=True,
    responses=refusals(InvalidFile, AlreadyProcessing, AlreadyCompleted, Conflict, SwitchedOff),
)
def start_quick_install(
    form: Annotated[QuickInstallForm, Form(media_type="multipart/form-data")],
    caller: ShopCaller,
    flags: RunningSettings,
    services: Services,
) -> QuickInstallStarted:
    """Start a quick install with one file."""
    data, kind = _file(form.file)
    before = newest_quick_install(services, caller.name)
    install = None if before is None else before.record
    _refuse(install, services)
    is_retry = install is not None and install.status == "failed"
    if form.dry_run == "true":
        return _dry_run(kind, data, is_retry=is_retry)
    intake.refuse_switched_off(services, caller, flags)
    job_id = services.new_id()
    _take(services, caller.name, job_id, before)
    name = services.now().strftime(FILE_NAME)
    intake.open_quick_install(services, caller, job_id, kind=kind, data=data, name=name)
    return QuickInstallStarted(
        job_id=job_id,
        status="PROCESSING",
        message="Quick install started. Bundles are being generated...",
        is_retry=is_retry,
    )


@router.get("/api/bundles/quick-install/status", response_model_exclude_unset=True)
def get_quick_install_status(caller: ShopCaller, services: Services) -> QuickInstallStatus:
    """See how a shop's newest quick install stands."""
    found = newest_quick_install(services, caller.name)
    if found is None:
        return QuickInstallStatus(
            has_quick_install=False,
            can_run=True,
            message="Quick install has not been run for this shop",
        )
    return QuickInstallStatus.model_validate(_described(found.record, services))


def newest_quick_install(services: ApiServices, shop_id: str) -> Stored[QuickInstall] | None:
    """The record of the shop's newest quick install, with its end once that is known."""
    collections, now = services.collections, services.now()
    found = collections.quick_installs.read(shop_id)
    if found is None or found.record.status != "processing":
        return found
    upload = collections.uploads.read(found.record.job_id)
    stored = None if upload is None else upload.record
    return collections.quick_installs.change(found, lambda one: one.with_end_of(stored, now))


def _take(
    services: ApiServices, shop_id: str, job_id: str, before: Stored[QuickInstall] | None
) -> None:
    """Make the job the shop's newest, unless another call was first."""
    installs = services.collections.quick_installs
    fresh = QuickInstall(shop_id=shop_id, job_id=job_id, started_at=services.now())
    taken = installs.create(fresh) if before is None else installs.swap(before, fresh)
    if taken is not None:
        return
    other = newest_quick_install(services, shop_id)
    _refuse(None if other is None else other.record, services)
    raise Conflict("Another call was first; please try again")


def _file(sent: UploadFile | None) -> tuple[bytes, FileKind]:
    data = b"" if sent is None else sent.file.read()
    name = "" if sent is None else sent.filename or ""
    if not data.strip() or not name.lower().endswith(".csv"):
        raise InvalidFile
    try:
        kind = intake.detect_type(data, name)
    except UnknownExport as error:
        raise InvalidFile from error
    if intake.SLOTS[kind] == "inventory":
        raise InvalidFile
    return data, kind


def _dry_run(kind: FileKind, data: bytes, *, is_retry: bool) -> QuickInstallStarted:
    return QuickInstallStarted(
        status="DRY_RUN",
        message="Nothing was started: this file can be used, and you may run it now.",
        is_retry=is_retry,
        csv_type=kind,
        row_count=intake.count_rows(data),
    )


def _refuse(install: QuickInstall | None, services: ApiServices) -> None:
    now, days = services.now(), services.settings.cooldown_days
    if install is None or install.may_run_again(now, days=days):
        return
    if install.status == "processing":
        message = "Quick install already running. Please wait."
        elapsed = max(0, int((now - install.started_at).total_seconds()))
        raise AlreadyProcessing(
            message,
            detail={
                "error": AlreadyProcessing.code,
                "job_id": install.job_id,
                "status": "PROCESSING",
                "started_at": install.started_at.isoformat(),
                "elapsed_seconds": elapsed,
                "message": message,
            },
        )
    raise _too_soon(install, install.cooldown(now, days=days))


def _too_soon(install: QuickInstall, cooldown: Cooldown) -> AlreadyCompleted:
    message = (
        f"Quick install completed {cooldown.days_since} days ago. "
        f"You can run it again in {cooldown.days_left} days."
    )
    detail = {
        "error": AlreadyCompleted.code,
        "job_id": install.job_id,
        "completed_at": install.completed_at,
        "bundles_created": install.bundles_created,
        "days_since_install": cooldown.days_since,
        "can_retry_in_days": cooldown.days_left,
        "can_retry_at": cooldown.until,
        "message": message,
    }
    shown = json.loads(json.dumps(detail, default=datetime.isoformat))
    return AlreadyCompleted(message, detail=shown)


def _described(install: QuickInstall, services: ApiServices) -> dict[str, Any]:
    now, days = services.now(), services.settings.cooldown_days
    said = {
        "has_quick_install": True,
        "can_run": install.may_run_again(now, days=days),
        "status": API_STATUS[install.status],
        "job_id": install.job_id,
    }
    match install.status:
        case "processing":
            text = "Quick install is in progress"
            return {**said, "started_at": install.started_at, "message": text}
        case "failed":
            text = "Quick install failed. You can try again."
            return {**said, "error_message": install.error_message, "message": text}
    cooldown = install.cooldown(now, days=days)
    return {
        **said,
        "completed_at": install.completed_at,
        "bundles_created": install.bundles_created,
        "days_since_install": cooldown.days_since,
        "can_retry_in_days": cooldown.days_left,
        "can_retry_at": cooldown.until,
        "message": f"Quick install completed - Can retry in {cooldown.days_left} days",
    }
