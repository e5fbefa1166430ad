"""The heartbeat of a phase: tells clients what it is doing, and the phase when it should stop.

At most one write a second goes out, and what was said last is never lost: a timer writes it when
the second is over.
"""

from threading import Lock, Timer
from time import monotonic

from pipeline_lib.clock import now
from pipeline_lib.errors import Cancelled, Stopped, StoreUnavailable, Superseded
from pipeline_lib.messages import Work
from pipeline_lib.records.collections import Collections
from pipeline_lib.records.store import ATTEMPTS
from pipeline_lib.runs.eta import remaining_s
from pipeline_lib.runs.state import RunState
from pipeline_lib.topology import Phase

QUIET_S = 1.0  # between two writes of one document: Firestore's sustained rate


class Tracker:
    """The heartbeat of one delivery of a phase, which holds the lease number ``fence``."""

    def __init__(self, collections: Collections, work: Work, row: Phase, fence: int) -> None:
        self._collections = collections
        self._work = work
        self._row = row
        self._fence = fence
        self._lock = Lock()
        self._written = -QUIET_S
        self._unwritten: tuple[str, float, dict[str, int]] | None = None
        self._counts: dict[str, int] = {}
        self._timer: Timer | None = None
        self._stopped: Stopped | None = None

    def __call__(self, message: str, *, share: float = 0.0, **counts: int) -> None:
        with self._lock:
            if self._stopped is not None:
                raise self._stopped
            self._counts |= counts
            self._unwritten = (message, share, dict(self._counts))
            due_in = self._written + QUIET_S - monotonic()
            if due_in <= 0:
                self._write()
            elif self._timer is None:
                self._timer = Timer(due_in, self._write_later)
                self._timer.daemon = True
                self._timer.start()

    def quiet(self) -> None:
        """Write nothing more from a timer: no code runs after the answer is given."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

    def _write_later(self) -> None:
        with self._lock:
            if self._timer is None:
                return
            self._timer = None
            try:
                self._write()
            except Stopped as stopped:
                self._stopped = stopped  # raised at the next heartbeat, in the phase's own thread

    def _write(self) -> None:
        if self._unwritten is None:
            return
        message, share, counts = self._unwritten
        self._unwritten = None
        self._written = monotonic()
        for _ in range(ATTEMPTS):
            state = self._live()
            if state.progress is None:
                return
            at = now()
            left = remaining_s(state.upload.record.phases, share=share, now=at)
            told = counts if left is None else {**counts, "time_remaining": left}
            beat = state.progress.record.with_beat(
                self._row, message=message, share=share, counts=told, now=at
            )
            if self._collections.progress.swap(state.progress, beat) is not None:
                return
        raise StoreUnavailable(f"{self._work.upload_id} is written to by too many at once")

    def _live(self) -> RunState:
        state = RunState.read(self._collections, self._work.upload_id)
        if state is None or state.upload.record.run != self._work.run:
            raise Superseded(f"{self._work.upload_id} has another run")
        upload = state.upload.record
        if upload.cancel_requested or upload.status == "cancelled":
            raise Cancelled(f"{self._work.upload_id} was cancelled")
        record = upload.phases.get(self._row.name)
        if record is None or record.fence > self._fence:
            raise Superseded(f"{self._row.name} was taken over")
        return state
