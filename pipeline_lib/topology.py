"""The graph of phases as topology.json states it, for Python; Terraform reads the same file."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import TypeAdapter


@dataclass(frozen=True)
class Phase:
    """One row: a function, its topic of the same name, and what may follow it.

    ``says`` is the text a merchant reads while it runs, ``does`` the one for engineers.
    ``band`` is the part of the progress (0 to 100) that the phase fills, None when it runs
    beside the chain; ``typical_share`` is the part of a run's time that it usually takes.
    The phase whose band ends at 100 completes the run.
    """

    name: str
    says: str
    does: str
    role: Literal["chain", "preview", "service"]
    then: tuple[str, ...]
    wakes_on: Literal["messages", "schedule", "dead_letters", "http"]
    step: str | None
    band: tuple[int, int] | None
    typical_share: float
    timeout_s: int
    secrets_elsewhere: tuple[str, ...]

    @property
    def reads_s3(self) -> bool:
        """Whether it reads files in a shop's own bucket, with the keys of one."""
        return bool(self.secrets_elsewhere)

    @property
    def completes(self) -> bool:
        """Whether the run is complete when this phase is done."""
        return self.band is not None and self.band[1] == FULL


@dataclass(frozen=True)
class Retry:
    """How often a message is delivered, and how long apart, before it is a dead letter."""

    min_backoff_s: float
    max_backoff_s: float
    max_attempts: int

    def backoff_s(self, attempt: int) -> float:
        """The wait after the failure of ``attempt`` (from 1): it doubles up to the maximum."""
        return float(min(self.max_backoff_s, self.min_backoff_s * 2 ** (attempt - 1)))

    @property
    def total_s(self) -> float:
        """The sum of all waits: how long a lease may be held before a retry is lost."""
        return sum(self.backoff_s(attempt) for attempt in range(1, self.max_attempts))


FULL = 100  # progress of a run that is complete
LEASE_MARGIN_S = 30  # a lease outlives the function that holds it, never the ack deadline


@dataclass(frozen=True)
class Topology:
    """The whole file."""

    ack_deadline_s: int
    retry: Retry
    phases: tuple[Phase, ...]


@cache
def _load() -> Topology:
    text = files("pipeline_lib").joinpath("topology.json").read_bytes()
    return TypeAdapter(Topology).validate_json(text)


def phases() -> tuple[Phase, ...]:
    """All rows, in the file's order."""
    return _load().phases


def phase(name: str) -> Phase:
    """The row of that name; KeyError when there is none."""
    return {row.name: row for row in phases()}[name]


def chain() -> tuple[Phase, ...]:
    """The phases that fill the progress, in order."""
    return tuple(row for row in phases() if row.role == "chain")


def first() -> Phase:
    """The phase that a landed file wakes."""
    return chain()[0]


def privacy_tasks() -> Phase:
    """The service that does what privacy webhooks ask for."""
    return next(row for row in phases() if row.role == "service" and row.wakes_on == "messages")


def dead_letters() -> Phase:
    """The service that takes the dead letters."""
    return next(row for row in phases() if row.wakes_on == "dead_letters")


def lease_s(row: Phase) -> int:
    """How long one delivery may hold the lease of its work, in seconds."""
    return row.timeout_s + LEASE_MARGIN_S


def retry() -> Retry:
    """The retry policy of every subscription."""
    return _load().retry


def ack_deadline_s() -> int:
    """How long a push may take before it counts as failed, in seconds."""
    return _load().ack_deadline_s
