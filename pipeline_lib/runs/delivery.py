"""One delivery of a message to a phase, from claim to publish; not how the message came."""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline_lib import logs
from pipeline_lib.clock import now
from pipeline_lib.errors import BadMessage, Cancelled, PipelineError, Rejected, Stopped
from pipeline_lib.messages import Message, Outcome, Work, landed_in, work_in
from pipeline_lib.ports import Data, Ports
from pipeline_lib.records import flags as switches
from pipeline_lib.runs import intake, onwards
from pipeline_lib.runs import leases as once
from pipeline_lib.runs.amend import end_run
from pipeline_lib.runs.job import Artefacts, Job
from pipeline_lib.runs.tracker import Tracker
from pipeline_lib.topology import Phase, first

Run = Callable[[Job], Outcome]


def deliver(row: Phase, run: Run, message: Message, ports: Ports) -> None:
    """Do the work that the message asks for, once, and publish what follows.

    Returns when the message can be acknowledged: the work is done, was done before, or can
    never be done. Whatever is raised asks for a redelivery.
    """
    try:
        work = _asked(row, message, ports)
        if work is None or _stopped(work, ports):
            return
        turn = _Turn(row, run, work, _live(work, ports), ports)
    except BadMessage as reason:
        logs.log_dropped_message(str(reason))
        return
    try:
        outcome, record = turn.take()
    except Stopped as stopped:
        turn.stop(stopped)
        _next(turn, ports)
        return
    logs.log_phase_end(work, row.name, record)
    for name in outcome.then:
        ports.topics.publish(name, work.message())
    if row.completes:
        _next(turn, ports)


def _next(turn: "_Turn", ports: Ports) -> None:
    """Begin what the shop has waiting, now that its turn may be free."""
    work = onwards.following(ports.documents, turn.upload["shop_id"], now=now())
    if work is not None:
        ports.topics.publish(first().name, work.message())


def _asked(row: Phase, message: Message, ports: Ports) -> Work | None:
    notice = landed_in(message) if row == first() else None
    return work_in(message) if notice is None else intake.landed(ports.documents, notice, now=now())


def _stopped(work: Work, ports: Ports) -> bool:
    """Whether an operator has stopped everything: then the message is sent anew when it goes on."""
    found = ports.documents.read(switches.PATH)
    if found is None or not switches.stopped(found.data):
        return False
    logs.log_dropped_message(f"everything is stopped: run {work.run} of {work.upload_id} waits")
    return True


def _live(work: Work, ports: Ports) -> Data:
    found = ports.documents.read(f"uploads/{work.upload_id}")
    if found is None:
        raise BadMessage(f"there is no upload {work.upload_id}")
    if found.data["run"] != work.run or found.data["status"] != "processing":
        raise BadMessage(f"run {work.run} of {work.upload_id} is over")
    return found.data


@dataclass(frozen=True)
class _Turn:
    """A phase's turn at a piece of work."""

    row: Phase
    run: Run
    work: Work
    upload: Data
    ports: Ports

    def take(self) -> tuple[Outcome, Data]:
        """Do the work, or learn what came of it; returns that and the phase's record.

        Raises:
            Cancelled: somebody asked for the run's end before this began.
        """
        if self.upload["cancel_requested"]:
            raise Cancelled(f"{self.row.name} of {self.work.upload_id} was cancelled")
        documents = self.ports.documents
        shop_id = self.upload["shop_id"]
        claimed = once.claim(documents, self.work, self.row, shop_id=shop_id, now=now())
        tracker = Tracker(documents, self.work, self.row, claimed.fence)
        if isinstance(claimed, once.Kept):
            return claimed.outcome, tracker.ended(claimed.outcome)
        outcome = self._done(claimed, tracker)
        once.keep(documents, claimed, outcome, now=now())
        return outcome, tracker.ended(outcome)

    def stop(self, stopped: Stopped) -> None:
        """Nobody needs the result: end the run if that is what somebody asked for."""
        if isinstance(stopped, Cancelled):
            documents = self.ports.documents
            end_run(documents, self.work, status="cancelled", message="Cancelled", now=now())
        logs.log_dropped_message(str(stopped))

    def _done(self, claimed: once.Claim, tracker: Tracker) -> Outcome:
        try:
            logs.log_phase_start(self.work, self.row.name, tracker.started())
            return self.run(self._job(tracker))
        except Rejected as refusal:
            logs.log_phase_failure(self.work, self.row.name, refusal)
            return self._refused(refusal, claimed)
        except Cancelled:
            once.release(self.ports.documents, claimed, now=now())
            raise
        except Stopped:
            raise
        except BaseException as error:
            logs.log_phase_failure(self.work, self.row.name, error)
            once.release(self.ports.documents, claimed, now=now())
            tracker.failed(_reason(error))
            raise
        finally:
            tracker.quiet()

    def _refused(self, refusal: Rejected, claimed: once.Claim) -> Outcome:
        """The end of the run, unless only its preview was refused."""
        if self.row.role == "preview":
            return Outcome(read={}, kept={}, then=())
        text = str(refusal)
        error = {"code": refusal.code, "message": text, "phase": self.row.name}
        end_run(
            self.ports.documents, self.work, status="failed", message=text, error=error, now=now()
        )
        once.release(self.ports.documents, claimed, now=now())
        raise Stopped(text) from refusal

    def _job(self, tracker: Tracker) -> Job:
        slots = self.upload["slots"].items()
        return Job(
            work=self.work,
            shop_id=self.upload["shop_id"],
            files={slot: state["name"] for slot, state in slots if state["landed_at"] is not None},
            parameters=self.upload["parameters"],
            flags={**switches.defaults(), **self.upload.get("flags", {})},
            created_at=self.upload["created_at"],
            landing=self.ports.landing,
            artefacts=Artefacts(self.ports.artefacts, self.work),
            documents=self.ports.documents,
            secrets=self.ports.secrets,
            beat=tracker,
        )


def _reason(error: BaseException) -> str:
    """What may be told of an error: the text of one that is not ours may hold a shop's data."""
    name = type(error).__name__
    return f"{name}: {error}" if isinstance(error, PipelineError) else name
