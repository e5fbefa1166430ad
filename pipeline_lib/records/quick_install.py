"""When a shop may run a quick install again, and what it is told; nothing is stored here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

COOLDOWN_DAYS = 30  # requirement 193
COOLDOWN = timedelta(days=COOLDOWN_DAYS)
OPENING = timedelta(minutes=10)  # a job that is named and has no upload after that never will

Install = Mapping[str, Any]


def named(shop: str, job_id: str, now: datetime) -> dict[str, Any]:
    """The shop's record at the start of a job."""
    return {
        "shop_id": shop,
        "job_id": job_id,
        "status": "processing",
        "started_at": now,
        "completed_at": None,
        "bundles_created": 0,
        "error_message": None,
        "overridden": False,
    }


def settled(install: Install, upload: Install | None, now: datetime) -> dict[str, Any]:
    """The record with the end of its job, once that is known: it outlives the upload."""
    if install["status"] != "processing":
        return dict(install)
    if upload is None:
        if now - install["started_at"] < OPENING:
            return dict(install)
        return {**install, "status": "failed", "error_message": "The job was never started"}
    if upload["status"] in {"awaiting_files", "processing"}:
        return dict(install)
    if upload["status"] == "completed":
        made = upload["phases"].get("finalize", {}).get("output", {}).get("recommendations", 0)
        done = {"completed_at": upload["completed_at"], "bundles_created": made}
        return {**install, **done, "status": "completed"}
    error = upload["error"] or {"message": "The job was cancelled"}
    return {**install, "status": "failed", "error_message": error["message"]}


def overridden(install: Install) -> dict[str, Any]:
    """The record after an operator allowed another install before its time."""
    return {**install, "overridden": True}


@dataclass(frozen=True)
class Wait:
    """How long ago the last one was completed, and how long until the next may be."""

    days_since: int
    days_left: int
    until: datetime


def wait(install: Install, now: datetime) -> Wait:
    """The cooldown of a completed install; it counts from its completion, in whole days."""
    since = max(0, (now - install["completed_at"]).days)
    left = 0 if install["overridden"] else max(0, COOLDOWN_DAYS - since)
    return Wait(since, left, install["completed_at"] + COOLDOWN)


def may_run(install: Install | None, now: datetime) -> bool:
    """Whether the shop may start another."""
    if install is None or install["status"] == "failed":
        return True
    return install["status"] == "completed" and wait(install, now).days_left == 0
