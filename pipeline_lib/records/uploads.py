"""An upload of a shop: its files, its runs and the pure transitions between their states."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar, Literal

from pydantic import AwareDatetime

from pipeline_lib import topology
from pipeline_lib.errors import NothingToRedrive, Superseded
from pipeline_lib.messages import Outcome, Work
from pipeline_lib.ports import Order
from pipeline_lib.records.flags import Flags, FlagValue
from pipeline_lib.records.record import Part, Record

S3 = "s3://"  # begins the name of a file that lies in a bucket of the shop's own
WAIT_FOR_FILES = timedelta(hours=1)  # as long as the addresses of files are good

UploadKind = Literal["full", "quick_install"]
UploadStatus = Literal["awaiting_files", "processing", "completed", "failed", "cancelled"]
EndStatus = Literal["completed", "failed", "cancelled"]
PhaseState = Literal["running", "done", "failed", "cancelled"]
SlotName = Literal["orders", "supplement", "products", "inventory", "catalog"]


class Slot(Part):
    """The place of one file: the name it lands under, when it did, and when it was removed.

    ``declared_as`` is what the shop called it when it declared the file.
    """

    slot: SlotName
    name: str
    declared_as: str | None = None
    landed_at: AwareDatetime | None = None
    removed_at: AwareDatetime | None = None

    @property
    def is_there(self) -> bool:
        """Whether the file can be read."""
        return self.landed_at is not None and self.removed_at is None

    @property
    def in_s3(self) -> bool:
        """Whether the file lies in a bucket of the shop's own and never lands."""
        return self.name.startswith(S3)


class PhaseRecord(Part):
    """What became of a phase of the run."""

    state: PhaseState
    fence: int
    attempt: int
    started_at: AwareDatetime
    ended_at: AwareDatetime | None = None
    ms: int | None = None
    input: Mapping[str, int] = {}
    output: Mapping[str, int] = {}
    error: str | None = None


class Failure(Part):
    """Why a run ended without bundles, in words for the shop."""

    code: str
    message: str
    phase: str


class Parameters(Part):
    """How the bundles of an upload are to be made, and where its files came from.

    ``response`` has what the shop has set or measured of its buyers (``ranking.response``).
    """

    rank_by: str | None = None
    pricing: str | None = None
    response: Mapping[str, float] = {}
    rules_off: tuple[str, ...] = ()
    mapping: Mapping[str, str] = {}  # field to the header of its column, where somebody said so
    adds_to: Work | None = None
    source: Literal["signed_url", "upload_csv", "quick_install"] | None = None
    run_id: str | None = None
    file_name: str | None = None
    row_count: int | None = None


class Remade(Part):
    """Which webhook carried an earlier run over to which."""

    by: str
    source: int
    run: int


class Upload(Record):
    """One upload of a shop, from its slots to the end of its runs."""

    collection: ClassVar = "uploads"
    kept_for: ClassVar = timedelta(days=30)  # as long as the cooldown that is computed from it
    newest_first: ClassVar = Order("created_at", down=True)
    completed_last: ClassVar = Order("completed_at", down=True)

    upload_id: str
    shop_id: str
    kind: UploadKind = "full"
    status: UploadStatus = "awaiting_files"
    run: int = 0
    slots: tuple[Slot, ...]
    has_raw_files: bool = False
    parameters: Parameters = Parameters()
    flags: Flags | None = None
    fixed_flags: Mapping[str, FlagValue] = {}
    phases: Mapping[str, PhaseRecord] = {}
    error: Failure | None = None
    cancel_requested: bool = False
    redriven_run: int = 0
    turn: int = 0
    remade: Remade | None = None
    created_at: AwareDatetime
    begun_at: AwareDatetime | None = None
    begun_by: str | None = None
    updated_at: AwareDatetime
    completed_at: AwareDatetime | None = None
    expires_at: AwareDatetime

    @property
    def key(self) -> str:
        return self.upload_id

    @property
    def work(self) -> Work:
        """The newest run."""
        return Work(self.upload_id, self.run)

    @property
    def is_live(self) -> bool:
        """Whether it waits for files or a run of it is under way."""
        return self.status in {"awaiting_files", "processing"}

    @property
    def has_all_files(self) -> bool:
        """Whether every declared file is there."""
        return all(slot.is_there for slot in self.slots)

    @property
    def has_a_file(self) -> bool:
        """Whether any file is there."""
        return any(slot.is_there for slot in self.slots)

    @property
    def waits_for_its_turn(self) -> bool:
        """Whether its files have landed, so that it waits for nothing but the shop's turn.

        What lies in S3 does not land, and waits to be asked for.
        """
        return self.has_all_files and not all(slot.in_s3 for slot in self.slots)

    def wait_is_over(self, now: datetime) -> bool:
        """Whether it has waited for further files as long as it should."""
        return now - self.updated_at >= WAIT_FOR_FILES

    def slot(self, name: str) -> Slot | None:
        """The slot of that name."""
        return next((slot for slot in self.slots if slot.slot == name), None)

    def output(self, phase: str, name: str) -> int:
        """A count that the phase kept; 0 while it is not done."""
        record = self.phases.get(phase)
        return 0 if record is None else record.output.get(name, 0)

    def unfinished_phases(self) -> list[str]:
        """The phases of the chain that are under way, or that come next."""
        state = {name: record.state for name, record in self.phases.items()}
        chain = {row.name: row for row in topology.chain()}
        open_ones = [
            name for name in chain if state.get(name) in {"running", "failed", "cancelled"}
        ]
        next_ones = [
            name
            for row in chain.values()
            if state.get(row.name) == "done"
            for name in row.then
            if name in chain and name not in state
        ]
        return open_ones + next_ones or [topology.first().name]

    def with_file_landed(self, name: str, *, now: datetime) -> "Upload":
        """The upload with the file of that name there; a name it did not declare changes nothing.

        A file of a run that is under way is not noted: that run does without it.
        """
        landed = next((slot for slot in self.slots if slot.name == name), None)
        if self.status == "processing" or landed is None or landed.is_there:
            return self
        there = landed.replace(landed_at=now, removed_at=None)
        slots = tuple(there if slot == landed else slot for slot in self.slots)
        return self.replace(slots=slots, has_raw_files=True, updated_at=now)

    def with_files_removed(self, *, now: datetime) -> "Upload":
        """The upload whose raw files are gone: a next run of it waits for them anew.

        What lies in S3 still does. One whose run is under way stays as it is.
        """
        if self.status == "processing":
            return self
        slots = tuple(
            slot.replace(removed_at=now) if slot.is_there and not slot.in_s3 else slot
            for slot in self.slots
        )
        if slots == self.slots and not self.has_raw_files:
            return self
        return self.replace(slots=slots, has_raw_files=False, updated_at=now)

    def with_run_begun(
        self, flags: Flags, *, turn: int, now: datetime, begun_by: str | None = None
    ) -> "Upload":
        """The upload at the start of its next run, with the flags that it keeps to its end.

        ``begun_by`` is the file whose landing began it, None where it was asked for.
        """
        return self.replace(
            status="processing",
            run=self.run + 1,
            flags=flags,
            phases={},
            error=None,
            cancel_requested=False,
            turn=max(self.turn, turn),
            begun_at=now,
            begun_by=begun_by,
            updated_at=now,
            completed_at=None,
        )

    def with_turn_used(self, number: int) -> "Upload":
        """The upload as one that has used the shop's turn of that number."""
        return self.replace(turn=max(self.turn, number))

    def with_cancel_requested(self) -> "Upload":
        """The upload whose phase at work learns at its next heartbeat that it should stop."""
        return self.replace(cancel_requested=True)

    def with_phase_started(self, phase: str, *, fence: int, now: datetime) -> "Upload":
        """The upload with the phase running under that fencing number.

        Raises:
            Superseded: a higher number is at work, or the run has ended.
        """
        self._refuse_zombie(phase, fence)
        before = self.phases.get(phase)
        record = PhaseRecord(
            state="running",
            fence=fence,
            attempt=1 if before is None else before.attempt + 1,
            started_at=now,
            error=None if before is None else before.error,
        )
        return self._with_phase(phase, record, now)

    def with_phase_done(
        self, phase: str, outcome: Outcome, *, fence: int, now: datetime
    ) -> "Upload":
        """The upload with the phase done; done already, it stays as it is.

        Raises:
            Superseded: a higher number is at work, or the run has ended.
        """
        before = self.phases.get(phase)
        if before is not None and before.state == "done":
            return self
        self._refuse_zombie(phase, fence)
        started_at = now if before is None else before.started_at
        record = PhaseRecord(
            state="done",
            fence=fence,
            attempt=1 if before is None else before.attempt,
            started_at=started_at,
            ended_at=now,
            ms=round((now - started_at).total_seconds() * 1000),
            input=outcome.read,
            output=outcome.kept,
        )
        return self._with_phase(phase, record, now)

    def with_phase_failed(self, phase: str, reason: str, *, fence: int, now: datetime) -> "Upload":
        """The upload with the reason of the phase's last failure; the run goes on being tried.

        Raises:
            Superseded: a higher number is at work, or the run has ended.
        """
        self._refuse_zombie(phase, fence)
        before = self.phases.get(phase)
        if before is None:
            before = PhaseRecord(state="running", fence=fence, attempt=1, started_at=now)
        failed = before.replace(state="failed", error=reason, ended_at=now)
        return self._with_phase(phase, failed, now)

    def with_end(
        self, status: EndStatus, *, now: datetime, error: Failure | None = None
    ) -> "Upload":
        """The upload with its run over; over already, unchanged."""
        if not self.is_live:
            return self
        completed_at = now if status == "completed" else None
        closed: PhaseState = "cancelled" if status == "cancelled" else "failed"
        phases = {
            name: record.replace(state=closed, ended_at=now)
            if record.state == "running"
            else record
            for name, record in self.phases.items()
        }
        return self.replace(
            status=status, error=error, phases=phases, completed_at=completed_at, updated_at=now
        )

    def with_run_reopened(self, *, now: datetime) -> "Upload":
        """The upload with its failed run under way again, timed anew; under way, unchanged.

        Raises:
            NothingToRedrive: its run did not fail.
        """
        if self.status == "processing":
            return self
        if self.status != "failed":
            status = self.status.replace("_", " ")
            raise NothingToRedrive(f"{self.upload_id} did not fail: it is {status}")
        return self.replace(
            status="processing",
            error=None,
            redriven_run=0,
            cancel_requested=False,
            begun_at=now,
            updated_at=now,
        )

    def with_run_resent(self, *, now: datetime) -> "Upload":
        """The upload whose silent run was sent its messages once more."""
        return self.replace(redriven_run=self.run, updated_at=now)

    def _with_phase(self, phase: str, record: PhaseRecord, now: datetime) -> "Upload":
        return self.replace(phases={**self.phases, phase: record}, updated_at=now)

    def _refuse_zombie(self, phase: str, fence: int) -> None:
        if self.status != "processing":
            raise Superseded(f"{phase}: the run is {self.status}")
        record = self.phases.get(phase)
        if record is not None and record.fence > fence:
            raise Superseded(f"{phase}: fencing number {fence} is behind {record.fence}")


def new_upload(  # noqa: PLR0913 - all are said by name
    *,
    upload_id: str,
    shop_id: str,
    slots: Mapping[SlotName, str],
    parameters: Parameters,
    now: datetime,
    kind: UploadKind = "full",
    fixed_flags: Mapping[str, FlagValue] | None = None,
    declared_as: Mapping[SlotName, str] | None = None,
) -> Upload:
    """An upload that waits for the files of ``slots`` (slot to the name it will land under).

    What lies in S3 is there already; where all of it does, the run begins on request.
    """
    return Upload(
        upload_id=upload_id,
        shop_id=shop_id,
        kind=kind,
        slots=tuple(
            Slot(
                slot=slot,
                name=name,
                declared_as=(declared_as or {}).get(slot),
                landed_at=now if name.startswith(S3) else None,
            )
            for slot, name in slots.items()
        ),
        parameters=parameters,
        fixed_flags=dict(fixed_flags or {}),
        created_at=now,
        updated_at=now,
        expires_at=now + Upload.kept_for,
    )
