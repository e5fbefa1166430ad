"""One delivery of a message to a phase, from claim to publish; not how the message came."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pipeline_lib import logs
from pipeline_lib.clock import now
from pipeline_lib.errors import (
    BadMessage,
    Cancelled,
    LeaseHeld,
    PipelineError,
    Stopped,
    StoreUnavailable,
    Superseded,
)
from pipeline_lib.messages import Message, Outcome, Work, landing_of, work_of
from pipeline_lib.ports import Ports
from pipeline_lib.records.collections import Collections
from pipeline_lib.records.flags import Flags
from pipeline_lib.records.leases import Lease
from pipeline_lib.records.store import ATTEMPTS
from pipeline_lib.records.uploads import Failure, Upload
from pipeline_lib.runs.ending import begin_next_run, end_run
from pipeline_lib.runs.job import Artefacts, Job
from pipeline_lib.runs.leases import claimed_lease, lease_name
from pipeline_lib.runs.opening import record_landing
from pipeline_lib.runs.state import RunState, read_run
from pipeline_lib.runs.tracker import Tracker
from pipeline_lib.topology import Phase, first

Run = Callable[[Job], Outcome]


def deliver(row: Phase, run: Run, message: Message, ports: Ports) -> None:
    """Do the work that the message asks for, once, and publish what follows.

    Returns when the message can be acknowledged: the work is done, was done before, or can
    never be done. Whatever is raised asks for a redelivery.
    """
    collections = Collections(ports.documents)
    try:
        work = _work(row, message, collections)
        if work is None:
            return
        state = _live_run(collections, work, row)
    except BadMessage as reason:
        logs.log_dropped_message(str(reason))
        return
    if state.flags.stopped is not None:  # its message is sent anew when everything goes on
        logs.log_dropped_message(f"everything is stopped: run {work.run} of {work.upload_id} waits")
        return
    if state.lease is not None and state.lease.record.state == "done":
        _publish_lost(row, work, ports, collections)
        return
    shop_id = state.upload.record.shop_id
    try:
        _Delivery(row, run, work, ports, collections).attend(state)
    except Stopped as stopped:
        logs.log_dropped_message(str(stopped))
        _begin_next(shop_id, ports, collections)
        return
    for name in row.then:
        ports.topics.publish(name, work.message())
    if row.completes:
        _begin_next(shop_id, ports, collections)


def _work(row: Phase, message: Message, collections: Collections) -> Work | None:
    notice = landing_of(message) if row == first() else None
    return work_of(message) if notice is None else record_landing(collections, notice, now=now())


def _live_run(collections: Collections, work: Work, row: Phase) -> RunState:
    state = read_run(collections, work.upload_id, lease=lease_name(work, row))
    upload = state.upload.record
    if upload.run != work.run:
        raise BadMessage(f"run {work.run} of {work.upload_id} is over")
    completed = row.completes and upload.status == "completed"
    if upload.status != "processing" and not completed:
        raise BadMessage(f"run {work.run} of {work.upload_id} is over")
    return state


def _publish_lost(row: Phase, work: Work, ports: Ports, collections: Collections) -> None:
    """Publish what follows work that was done before, where nobody has claimed it yet."""
    leases = [f"{work.key}.{name}" for name in row.then]
    found = collections.documents.read_all([collections.leases.path(one) for one in leases])
    for name, lease in zip(row.then, found, strict=True):
        if lease is None:
            ports.topics.publish(name, work.message())
    if row.completes:
        upload = collections.uploads.read(work.upload_id)
        if upload is not None:
            _begin_next(upload.record.shop_id, ports, collections)


def _begin_next(shop_id: str, ports: Ports, collections: Collections) -> None:
    """Begin what the shop has waiting, now that its turn may be free."""
    work = begin_next_run(collections, shop_id, now=now())
    if work is not None:
        ports.topics.publish(first().name, work.message())


@dataclass(frozen=True)
class _Delivery:
    """A phase's turn at a piece of work."""

    row: Phase
    run: Run
    work: Work
    ports: Ports
    collections: Collections

    def attend(self, state: RunState) -> None:
        """Do the work and store what came of it.

        Raises:
            Stopped: nobody needs the result; the run has ended.
            LeaseHeld: another worker is at it.
        """
        if state.upload.record.cancel_requested:
            self._cancel()
            raise Cancelled(f"{self.row.name} of {self.work.upload_id} was cancelled")
        claimed = self._claim(state)
        outcome = self._run(claimed)
        record = self._finish(claimed, outcome).phases[self.row.name]
        logs.log_phase_end(
            self.work, self.row.name, ms=record.ms or 0, read=record.input, kept=record.output
        )

    def _run(self, claimed: RunState) -> Outcome:
        lease, upload = _held(claimed), claimed.upload.record
        tracker = Tracker(self.collections, self.work, self.row, lease.fence)
        attempt = upload.phases[self.row.name].attempt
        logs.log_phase_start(self.work, self.row.name, attempt)
        try:
            return self.run(self._job(upload, tracker))
        except Cancelled:
            self._give_back(claimed, None)
            self._cancel()
            raise
        except Stopped:
            raise
        except BaseException as error:  # noqa: BLE001 - raised again, or the run's end
            logs.log_phase_failure(self.work, self.row.name, error)
            return self._refused(claimed, error)
        finally:
            tracker.quiet()

    def _claim(self, state: RunState) -> RunState:
        """Take the lease, and show that the phase runs; what is stored then.

        Raises:
            LeaseHeld: another worker is at it.
            Superseded: the run has ended.
        """
        for _ in range(ATTEMPTS):
            at, upload = now(), state.upload.record
            lease = claimed_lease(self.work, self.row, state.lease, shop_id=upload.shop_id, now=at)
            started = upload.with_phase_started(self.row.name, fence=lease.fence, now=at)
            claimed = state.write(
                self.collections,
                started,
                lambda shown: shown.with_phase_started(self.row, now=now()),
                lease=lease,
            )
            if claimed is not None:
                return claimed
            state = self._read()
            if state.lease is not None and state.lease.record.state == "done":
                raise LeaseHeld(f"{lease.name} was done by another just now")
        raise StoreUnavailable(f"{self.work.upload_id} is written to by too many at once")

    def _finish(self, claimed: RunState, outcome: Outcome) -> Upload:
        """Store the outcome, and with the last phase the end of the run."""
        fence = _held(claimed).fence
        at = now()

        def finished(state: RunState) -> tuple[Upload, Lease]:
            upload = state.upload.record.with_phase_done(
                self.row.name, outcome, fence=fence, now=at
            )
            if self.row.completes:
                upload = upload.with_end("completed", now=at)
            lease = _held(state).replace(state="done", outcome=outcome, held_until=at)
            return upload, lease

        upload = self._commit(claimed, finished, outcome.kept)
        if self.row.completes:
            begun_at = upload.begun_at or at
            logs.log_run_end(self.work, "completed", (at - begun_at).total_seconds())
        return upload

    def _commit(
        self,
        claimed: RunState,
        finished: Callable[[RunState], tuple[Upload, Lease]],
        counts: Mapping[str, int],
    ) -> Upload:
        state = claimed
        for _ in range(ATTEMPTS):
            upload, lease = finished(state)
            done = state.write(
                self.collections,
                upload,
                lambda shown: shown.with_phase_done(self.row, counts, now=now()),
                lease=lease,
            )
            if done is not None:
                return upload
            state = self._read()
            if state.lease is None or state.lease.record != _held(claimed):
                raise Superseded(f"{lease.name}: fencing number {lease.fence} was overtaken")
        raise StoreUnavailable(f"{self.work.upload_id} is written to by too many at once")

    def _refused(self, claimed: RunState, error: BaseException) -> Outcome:
        """What becomes of work that failed: asked for again, or the end of the run.

        A preview that cannot be made is no failure of the run.
        """
        final = isinstance(error, PipelineError) and not error.retriable
        if not final:
            self._give_back(claimed, _reason(error))
            raise error
        if self.row.role == "preview":
            return Outcome(read={}, kept={})
        failure = Failure(code=_code(error), message=str(error), phase=self.row.name)
        self._give_back(claimed, None)
        end_run(
            self.collections,
            self.work,
            status="failed",
            message=failure.message,
            error=failure,
            now=now(),
        )
        raise Stopped(failure.message) from error

    def _give_back(self, claimed: RunState, reason: str | None) -> None:
        """Free the lease, so that a redelivery need not wait; ``reason`` is what failed."""
        fence, state = _held(claimed).fence, claimed
        for _ in range(ATTEMPTS):
            at, upload = now(), state.upload.record
            if reason is not None and upload.status == "processing":
                upload = upload.with_phase_failed(self.row.name, reason, fence=fence, now=at)
            lease = _held(state).replace(state="free", held_until=at)
            freed = state.write(self.collections, upload, lambda shown: shown, lease=lease)
            if freed is not None:
                return
            state = self._read()
            if state.lease is None or state.lease.record != _held(claimed):
                raise Superseded(f"{lease.name}: fencing number {fence} was overtaken")

    def _cancel(self) -> None:
        end_run(self.collections, self.work, status="cancelled", message="Cancelled", now=now())

    def _read(self) -> RunState:
        try:
            state = read_run(
                self.collections, self.work.upload_id, lease=lease_name(self.work, self.row)
            )
        except BadMessage as error:
            raise Superseded(f"{self.work.upload_id} is gone") from error
        if state.upload.record.run != self.work.run:
            raise Superseded(f"{self.work.upload_id} has another run")
        return state

    def _job(self, upload: Upload, tracker: Tracker) -> Job:
        return Job(
            work=self.work,
            shop_id=upload.shop_id,
            files={slot.slot: slot.name for slot in upload.slots if slot.is_there},
            parameters=upload.parameters,
            flags=upload.flags or Flags(),
            created_at=upload.created_at,
            landing=self.ports.landing,
            artefacts=Artefacts(self.ports.artefacts, self.work),
            collections=self.collections,
            secrets=self.ports.secrets,
            beat=tracker,
            limits=self.ports.limits,
        )


def _held(state: RunState) -> Lease:
    if state.lease is None:
        raise Superseded(f"{state.upload.record.upload_id}: the lease is gone")
    return state.lease.record


def _code(error: BaseException) -> str:
    return error.code if isinstance(error, PipelineError) else PipelineError.code


def _reason(error: BaseException) -> str:
    """What may be told of an error: the text of one that is not ours may hold a shop's data."""
    name = type(error).__name__
    return f"{name}: {error}" if isinstance(error, PipelineError) else name
