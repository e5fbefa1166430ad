"""The shapes of what operators see and change."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, StrictBool, StrictFloat, StrictInt

from pipeline_lib.http.shapes import Asked, Cursor, Limit, Shape, Taken

Who = Annotated[str, Field(min_length=1, max_length=100)]
Shop = Annotated[str, Field(max_length=100)]
FlagValue = StrictBool | StrictInt | StrictFloat | list[StrictInt]


class ShopAsked(Asked):
    """For which shop; for all where none is named."""

    shop: Shop | None = None


class FlagChange(Taken):
    """A flag's new value (requirement 50), for one shop where it is named."""

    value: FlagValue
    updated_by: Who | None = None
    shop: Shop | None = None


class FlagChanges(Taken):
    """Several flags' new values."""

    flags: Annotated[dict[str, FlagValue], Field(min_length=1, max_length=100)]
    updated_by: Who | None = None
    shop: Shop | None = None


class Flag(Shape):
    """A flag as it is, as it is where nobody changed it, and what it switches, if anything."""

    key: str
    value: FlagValue
    default: FlagValue
    description: str
    shop: str | None


class Flags(Shape):
    """Every flag as it is."""

    flags: dict[str, FlagValue]
    descriptions: dict[str, str]
    shop: str | None
    updated_at: datetime | None


class Switch(Taken):
    """The kill switch: on where nothing else is said."""

    enabled: bool = True
    reason: Annotated[str, Field(max_length=500)] = ""
    updated_by: Who | None = None


class Switched(Shape):
    """The kill switch as it is, and how many runs went on because of it."""

    enabled: bool
    runs_resumed: int
    message: str


class Override(Taken):
    """Why a shop may run a quick install before its time."""

    reason: Annotated[str, Field(min_length=1, max_length=500)]
    updated_by: Who | None = None


class Overridden(Shape):
    """The shop may run another."""

    shop: str
    can_run: bool
    message: str


class PhaseFigures(Shape):
    """A phase over the runs of the last thirty days."""

    runs: int
    average_ms: float
    p95_ms: float
    retried: int


class Metrics(Shape):
    """The runs of the last thirty days (requirements 230 to 233)."""

    runs: dict[str, int]
    success_rate: float | None
    average_run_s: float | None
    p95_run_s: float | None
    running: int
    phases: dict[str, PhaseFigures]
    alerts: list[str]


class AuditAsked(Asked):
    """Which page."""

    limit: Limit = 50
    cursor: Cursor = None


class Audit(Shape):
    """What operators did, the newest first."""

    entries: list[dict[str, Any]]
    next_cursor: str | None
