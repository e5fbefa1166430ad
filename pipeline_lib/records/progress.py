"""The progress of a run, which clients listen to, and its pure transitions."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import ClassVar, Literal

from pydantic import AwareDatetime

from pipeline_lib.records.record import Part, Record
from pipeline_lib.records.uploads import EndStatus
from pipeline_lib.topology import FULL, Phase, chain, phases

StepState = Literal["pending", "running", "done", "failed", "cancelled"]


class PhaseStep(Part):
    """A phase as a client sees it."""

    name: str
    state: StepState = "pending"
    started_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None


class Progress(Record):
    """How far the newest run of an upload is; ``progress`` goes from 0 to 100 and never back."""

    collection: ClassVar = "progress"
    kept_for: ClassVar = timedelta(days=7)

    upload_id: str
    shop_id: str
    run: int
    step: str | None
    phase: str
    progress: int = 0
    status: Literal["in_progress", "completed", "failed", "cancelled"] = "in_progress"
    message: str = "Waiting to start"
    metadata: Mapping[str, int] = {}
    phases: tuple[PhaseStep, ...]
    updated_at: AwareDatetime
    expires_at: AwareDatetime

    @property
    def key(self) -> str:
        return self.upload_id

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come of this run."""
        return self.status != "in_progress"

    def with_phase_started(self, row: Phase, *, now: datetime) -> "Progress":
        """The progress with the phase running, and shown when it belongs to the chain."""
        changed = self._with_step(
            row.name, lambda step: step.replace(state="running", started_at=now), now
        )
        if row.band is None:
            return changed
        return changed.replace(
            step=row.step,
            phase=row.name,
            message=row.says,
            progress=self._at_least(row.band[0]),
        )

    def with_beat(
        self, row: Phase, *, message: str, share: float, counts: Mapping[str, int], now: datetime
    ) -> "Progress":
        """The progress in the middle of a phase, of which ``share`` (0 to 1) is done."""
        changed = self.replace(metadata={**self.metadata, **counts}, updated_at=now)
        if row.band is None:
            return changed
        low, high = row.band
        reached = low + int((high - low) * min(max(share, 0.0), 1.0))
        return changed.replace(message=message, progress=self._at_least(reached))

    def with_phase_done(
        self, row: Phase, counts: Mapping[str, int], *, now: datetime
    ) -> "Progress":
        """The progress with the phase done; its counts join the metadata."""
        changed = self._with_step(
            row.name, lambda step: step.replace(state="done", ended_at=now), now
        )
        changed = changed.replace(metadata={**self.metadata, **counts})
        if row.completes:
            message = "Your bundles are ready"
            return changed.replace(status="completed", message=message, progress=FULL)
        if row.band is None:
            return changed
        return changed.replace(progress=self._at_least(row.band[1]))

    def with_end(self, status: EndStatus, message: str, *, now: datetime) -> "Progress":
        """The progress of a run that failed or was cancelled; over already, it stays as it is."""
        if self.is_over:
            return self
        closed: StepState = "cancelled" if status == "cancelled" else "failed"
        steps = tuple(
            step.replace(state=closed, ended_at=now) if step.state == "running" else step
            for step in self.phases
        )
        return self.replace(status=status, message=message, phases=steps, updated_at=now)

    def with_run_reopened(self, *, now: datetime) -> "Progress":
        """The progress of a failed run that is set going again; in progress already, as it is."""
        if not self.is_over:
            return self
        steps = tuple(
            step.replace(state="pending", ended_at=None)
            if step.state in {"failed", "cancelled"}
            else step
            for step in self.phases
        )
        return self.replace(
            status="in_progress",
            message="Set going again",
            phases=steps,
            updated_at=now,
            expires_at=now + Progress.kept_for,
        )

    def _with_step(
        self, name: str, change: Callable[[PhaseStep], PhaseStep], now: datetime
    ) -> "Progress":
        steps = tuple(change(step) if step.name == name else step for step in self.phases)
        return self.replace(phases=steps, updated_at=now)

    def _at_least(self, reached: int) -> int:
        return max(self.progress, min(reached, FULL))


def new_progress(*, upload_id: str, shop_id: str, run: int, now: datetime) -> Progress:
    """The progress of a run that is about to begin."""
    return Progress(
        upload_id=upload_id,
        shop_id=shop_id,
        run=run,
        step=chain()[0].step,
        phase=chain()[0].name,
        phases=tuple(PhaseStep(name=row.name) for row in phases() if row.role != "service"),
        updated_at=now,
        expires_at=now + Progress.kept_for,
    )
