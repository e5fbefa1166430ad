"""The lease of a piece of work, and in its place what came of it."""

from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import AwareDatetime

from pipeline_lib.messages import Outcome
from pipeline_lib.records.record import Record


class Lease(Record):
    """One piece of work, keyed by its content (upload, run, phase), never by a message's id.

    It is held until a time, free, or done with its outcome. ``fence`` grows with every claim.
    """

    collection: ClassVar = "leases"
    kept_for: ClassVar = timedelta(days=30)  # as long as the upload that it belongs to

    name: str
    shop_id: str
    phase: str
    state: Literal["held", "free", "done"]
    fence: int
    held_until: AwareDatetime
    expires_at: AwareDatetime
    outcome: Outcome | None = None

    @property
    def key(self) -> str:
        return self.name
