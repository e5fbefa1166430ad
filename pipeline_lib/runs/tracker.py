"""Tells what a phase is doing, in the upload's and in the progress document; runs nothing.

A phase's start and end are written at once. In between at most one write a second goes out,
and what was said last is never lost: a timer writes it when the second is over.
"""

from collections.abc import Callable
from threading import Lock, Timer
from time import monotonic
from typing import Any

from pipeline_lib.clock import now
from pipeline_lib.errors import Cancelled, Stopped, Superseded
from pipeline_lib.messages import Outcome, Work
from pipeline_lib.ports import Data, Documents
from pipeline_lib.records import progress, uploads
from pipeline_lib.runs import eta
from pipeline_lib.runs.amend import amend, end_run
from pipeline_lib.topology import Phase

Change = Callable[[Data], dict[str, Any]]

QUIET_S = 1.0  # between two writes of one document: Firestore's sustained rate


class Tracker:
    """The heartbeat of one delivery of a phase, which holds the lease number ``fence``."""

    def __init__(self, documents: Documents, work: Work, row: Phase, fence: int) -> None:
        self._documents = documents
        self._work = work
        self._row = row
        self._fence = fence
        self._lock = Lock()
        self._written = -QUIET_S
        self._unwritten: tuple[str, float, dict[str, int]] | None = None
        self._counts: dict[str, int] = {}
        self._timer: Timer | None = None
        self._stopped: Stopped | None = None

    def started(self) -> int:
        """The phase begins; returns which attempt this is.

        Raises:
            Superseded: another worker has taken over, or the run has ended.
        """
        upload = self._upload(
            lambda data: uploads.phase_started(data, self._row.name, fence=self._fence, now=now())
        )
        self._progress(lambda data: progress.started(data, self._row, now()))
        return int(upload["phases"][self._row.name]["attempt"])

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

    def ended(self, outcome: Outcome) -> Data:
        """The phase is done; returns its record. Said a second time, it changes nothing."""
        self.quiet()
        upload = self._upload(
            lambda data: uploads.phase_ended(
                data, self._row.name, outcome, fence=self._fence, now=now()
            )
        )
        self._progress(lambda data: progress.ended(data, self._row, outcome.kept, now()))
        if self._row.completes:  # last, so that a crash before it repeats the lines above
            end_run(self._documents, self._work, status="completed", now=now())
        record: Data = upload["phases"][self._row.name]
        return record

    def failed(self, reason: str) -> None:
        """This attempt failed; the run goes on being tried."""
        self.quiet()
        self._upload(
            lambda data: uploads.phase_failed(
                data, self._row.name, reason, fence=self._fence, now=now()
            )
        )

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
        left = eta.remaining_s(self._live()["phases"], share=share, now=now())
        if left is not None:
            counts["time_remaining"] = left
        self._progress(
            lambda data: progress.beaten(
                data, self._row, message=message, share=share, counts=counts, now=now()
            )
        )

    def _live(self) -> Data:
        found = self._documents.read(f"uploads/{self._work.upload_id}")
        if found is None or found.data["run"] != self._work.run:
            raise Superseded(f"{self._work.upload_id} has another run")
        if found.data["cancel_requested"]:
            raise Cancelled(f"{self._work.upload_id} was cancelled")
        if found.data["phases"][self._row.name]["fence"] > self._fence:
            raise Superseded(f"{self._row.name} was taken over")
        return found.data

    def _upload(self, change: Change) -> Data:
        changed = amend(self._documents, f"uploads/{self._work.upload_id}", change)
        if changed is None:
            raise Superseded(f"{self._work.upload_id} is gone")
        return changed

    def _progress(self, change: Change) -> None:
        amend(self._documents, f"progress/{self._work.upload_id}", change)
