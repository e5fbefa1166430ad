"""A shop's quick install: when it may run again, and how the last one ended."""

from datetime import datetime, timedelta
from typing import ClassVar, Literal, NamedTuple

from pydantic import AwareDatetime

from pipeline_lib.records.record import Record
from pipeline_lib.records.uploads import Upload

OPENING = timedelta(minutes=10)  # a job that is named and has no upload after that never will


class Cooldown(NamedTuple):
    """How many days ago the last one was completed, and how many until the next may be."""

    days_since: int
    days_left: int
    until: datetime


class QuickInstall(Record):
    """The newest quick install of a shop."""

    collection: ClassVar = "quick_installs"

    shop_id: str
    job_id: str
    status: Literal["processing", "completed", "failed"] = "processing"
    started_at: AwareDatetime
    completed_at: AwareDatetime | None = None
    bundles_created: int = 0
    error_message: str | None = None
    overridden: bool = False

    @property
    def key(self) -> str:
        return self.shop_id

    def with_end_of(self, upload: Upload | None, now: datetime) -> "QuickInstall":
        """The record with the end of its job, once that is known: it outlives the upload."""
        if self.status != "processing":
            return self
        if upload is None:
            if now - self.started_at < OPENING:
                return self
            return self.replace(status="failed", error_message="The job was never started")
        if upload.is_live:
            return self
        if upload.status == "completed":
            made = upload.output("finalize", "recommendations")
            return self.replace(
                status="completed", completed_at=upload.completed_at, bundles_created=made
            )
        message = "The job was cancelled" if upload.error is None else upload.error.message
        return self.replace(status="failed", error_message=message)

    def with_override(self) -> "QuickInstall":
        """The record after an operator allowed another install before its time."""
        return self.replace(overridden=True)

    def cooldown(self, now: datetime, *, days: int) -> Cooldown:
        """The cooldown of a completed install; it counts from its completion, in whole days."""
        completed_at = self.completed_at or now
        since = max(0, (now - completed_at).days)
        left = 0 if self.overridden else max(0, days - since)
        return Cooldown(since, left, completed_at + timedelta(days=days))

    def may_run_again(self, now: datetime, *, days: int) -> bool:
        """Whether the shop may start another."""
        if self.status == "completed":
            return self.cooldown(now, days=days).days_left == 0
        return self.status == "failed"
