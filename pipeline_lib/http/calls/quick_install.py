"""Quick install: one file, one job at a time, thirty days between two; and how it stands."""

import json
from datetime import datetime
from typing import Any

from pipeline_lib.http import receipt
from pipeline_lib.http.bodies.generation import (
    QuickInstallForm,
    QuickInstallStarted,
    QuickInstallStatus,
)
from pipeline_lib.http.endpoint import LARGE, Call, Endpoint
from pipeline_lib.http.identity import Access
from pipeline_lib.http.problems import Conflict, Invalid, Malformed
from pipeline_lib.http.shapes import Nothing
from pipeline_lib.ports import Document
from pipeline_lib.records import quick_install
from pipeline_lib.records.quick_install import Install
from pipeline_lib.runs import intake
from pipeline_lib.runs.amend import amend

NO_FILE = "Invalid file: CSV file required"
NAME = "quick_install_%Y%m%dT%H%M%Sz.csv"  # requirement 113


def started(call: Call, asked: QuickInstallForm) -> QuickInstallStarted:
    """Start a quick install with the file, when the shop may."""
    data, kind = _file(call)
    before = newest(call, call.shop)
    install = None if before is None else before.data
    _refuse(install, call.now)
    retry = install is not None and install["status"] == "failed"
    rows = receipt.row_count(data)
    if asked.dry_run == "true":
        told = "Nothing was started: this file can be used, and you may run it now."
        return QuickInstallStarted(
            status="DRY_RUN", message=told, is_retry=retry, csv_type=kind, row_count=rows
        )
    receipt.refuse_switched_off(call)
    job_id = call.world.new_id()
    since = None if before is None else before.version
    record = quick_install.named(call.shop, job_id, call.now)
    if call.documents.swap(_path(call.shop), record, since=since) is None:
        other = newest(call, call.shop)
        _refuse(None if other is None else other.data, call.now)
        raise Conflict("Another call was first; please try again", code="CONFLICT")
    _begin(call, job_id, kind, data)
    return QuickInstallStarted(
        job_id=job_id,
        status="PROCESSING",
        message="Quick install started. Bundles are being generated...",
        is_retry=retry,
    )


def status(call: Call, asked: Nothing) -> QuickInstallStatus:  # noqa: ARG001
    """The shop's newest quick install."""
    found = newest(call, call.shop)
    if found is None:
        return QuickInstallStatus(
            has_quick_install=False,
            can_run=True,
            message="Quick install has not been run for this shop",
        )
    return QuickInstallStatus.model_validate(_told(found.data, call.now))


def newest(call: Call, shop: str) -> Document | None:
    """The record of the shop's newest quick install, with its end once that is known."""
    found = call.documents.read(_path(shop))
    if found is None:
        return None
    upload = call.documents.read(f"uploads/{found.data['job_id']}")
    settled = quick_install.settled(found.data, None if upload is None else upload.data, call.now)
    if settled != found.data:
        call.documents.swap(_path(shop), settled, since=found.version)
        return call.documents.read(_path(shop))
    return found


def override(call: Call, shop: str) -> Install | None:
    """Let the shop run another before its time; None when it has none."""
    newest(call, shop)
    return amend(call.documents, _path(shop), quick_install.overridden)


def _path(shop: str) -> str:
    return f"quick_installs/{shop}"


def _file(call: Call) -> tuple[bytes, str]:
    sent = call.sent
    if sent is None or not sent.data.strip() or not sent.name.lower().endswith(".csv"):
        raise Malformed(NO_FILE, code="INVALID_FILE", detail=NO_FILE)
    try:
        kind = receipt.detected(sent.data, sent.name)
    except Invalid as error:
        raise Malformed(NO_FILE, code="INVALID_FILE", detail=NO_FILE) from error
    if receipt.SLOTS[kind] == "inventory":
        raise Malformed(NO_FILE, code="INVALID_FILE", detail=NO_FILE)
    return sent.data, kind


def _begin(call: Call, job_id: str, kind: str, data: bytes) -> None:
    slot, file_name = receipt.SLOTS[kind], call.now.strftime(NAME)
    rows = receipt.row_count(data)
    parameters = {"source": "quick_install", "file_name": file_name, "row_count": rows}
    intake.open_upload(
        call.documents,
        upload_id=job_id,
        shop_id=call.shop,
        slots={slot: f"{job_id}/{slot}/{file_name}"},
        parameters=parameters,
        now=call.now,
        kind="quick_install",
        fixed=call.world.settings.overrides,
    )
    receipt.put(call, job_id, slot, data)


def _refuse(install: Install | None, now: datetime) -> None:
    if install is None or quick_install.may_run(install, now):
        return
    if install["status"] == "processing":
        detail = {
            "error": "ALREADY_PROCESSING",
            "job_id": install["job_id"],
            "status": "PROCESSING",
            "started_at": install["started_at"],
            "elapsed_seconds": max(0, int((now - install["started_at"]).total_seconds())),
            "message": "Quick install already running. Please wait.",
        }
    else:
        cooldown = quick_install.wait(install, now)
        detail = {
            "error": "ALREADY_COMPLETED",
            "job_id": install["job_id"],
            "completed_at": install["completed_at"],
            "bundles_created": install["bundles_created"],
            "days_since_install": cooldown.days_since,
            "can_retry_in_days": cooldown.days_left,
            "can_retry_at": cooldown.until,
            "message": f"Quick install completed {cooldown.days_since} days ago. "
            f"You can run it again in {cooldown.days_left} days.",
        }
    shown = json.loads(json.dumps(detail, default=datetime.isoformat))
    raise Conflict(str(detail["message"]), code=str(detail["error"]), detail=shown)


def _told(install: Install, now: datetime) -> dict[str, Any]:
    said = {
        "has_quick_install": True,
        "can_run": quick_install.may_run(install, now),
        "status": install["status"].upper(),
        "job_id": install["job_id"],
    }
    if install["status"] == "processing":
        text = "Quick install is in progress"
        return {**said, "started_at": install["started_at"], "message": text}
    if install["status"] == "failed":
        text = "Quick install failed. You can try again."
        return {**said, "error_message": install["error_message"], "message": text}
    cooldown = quick_install.wait(install, now)
    return {
        **said,
        "completed_at": install["completed_at"],
        "bundles_created": install["bundles_created"],
        "days_since_install": cooldown.days_since,
        "can_retry_in_days": cooldown.days_left,
        "can_retry_at": cooldown.until,
        "message": f"Quick install completed - Can retry in {cooldown.days_left} days",
    }


ROWS = (
    Endpoint(
        "POST",
        "/api/bundles/quick-install",
        "Start a quick install with one file",
        Access.SHOP,
        started,
        QuickInstallStarted,
        (13, 29, 52, 72, 73, 74, 75, 193, 194, 195, 386),
        asks=QuickInstallForm,
        body="form",
        most_bytes=LARGE,
        refuses=(Conflict,),
    ),
    Endpoint(
        "GET",
        "/api/bundles/quick-install/status",
        "The shop's newest quick install",
        Access.SHOP,
        status,
        QuickInstallStatus,
        (53, 76, 77, 78, 79, 80, 356, 384),
    ),
)
