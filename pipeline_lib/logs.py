"""Structured logs, one JSON line an event, as Cloud Logging reads them; never shoppers' data."""

import json
import logging
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pipeline_lib.messages import Work

LOGGER = logging.getLogger("bundlechain")


class JsonLines(logging.Formatter):
    """Renders a record's message and the fields given as ``extra={"fields": …}`` in one line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {"severity": record.levelname, "message": record.getMessage()}
        return json.dumps({**line, **getattr(record, "fields", {})}, default=str)


@contextmanager
def to_file(path: Path, *, level: str) -> Iterator[None]:
    """Append the lines to a file until the block is left."""
    handler = logging.FileHandler(path)
    send_to(handler, level=level)
    try:
        yield
    finally:
        send_to(logging.NullHandler(), level=level)  # a closed file would be opened again
        handler.close()


def send_to(handler: logging.Handler, *, level: str = "INFO") -> None:
    """Send the lines from ``level`` on to ``handler``, and nowhere else."""
    handler.setFormatter(JsonLines())
    LOGGER.handlers[:] = [handler]
    LOGGER.setLevel(level)
    LOGGER.propagate = False


def log_settings(settings: object) -> None:
    """Log what the environment says, for who looks for a mistake in it; it holds no secret."""
    fields = {"event": "settings", "settings": repr(settings)}
    LOGGER.debug("settings in force", extra={"fields": fields})


def log_phase_start(work: Work, phase: str, attempt: int) -> None:
    """Log the start of a phase."""
    fields = {"event": "phase_started", "attempt": attempt, **_of(work, phase)}
    LOGGER.info("[%s] %s STARTED", work.upload_id, phase, extra={"fields": fields})


def log_phase_end(
    work: Work, phase: str, *, ms: int, read: Mapping[str, int], kept: Mapping[str, int]
) -> None:
    """Log that the phase is done, how long it took, and what it read and kept."""
    counts = " ".join(f"{name}={count}" for name, count in kept.items())
    fields = {
        "event": "phase_completed",
        "duration_ms": ms,
        "input": read,
        "output": kept,
        **_of(work, phase),
    }
    LOGGER.info(
        "[%s] %s COMPLETED - duration=%sms %s",
        work.upload_id,
        phase,
        ms,
        counts,
        extra={"fields": fields},
    )


def log_phase_failure(work: Work, phase: str, error: BaseException) -> None:
    """Log a phase's failure by the error's type; its text may hold shoppers' data."""
    fields = {"event": "phase_failed", "error": type(error).__name__, **_of(work, phase)}
    LOGGER.error(
        "[%s] %s FAILED - %s",
        work.upload_id,
        phase,
        type(error).__name__,
        extra={"fields": fields},
    )


def log_run_end(work: Work, status: str, duration_s: float) -> None:
    """Log how a run ended (completed, failed, cancelled) and how long it took."""
    fields = {
        "event": "run_ended",
        "status": status,
        "duration_s": round(duration_s, 3),
        "upload_id": work.upload_id,
        "run": work.run,
    }
    LOGGER.info("[%s] run %s %s", work.upload_id, work.run, status, extra={"fields": fields})


def log_swept_run(work: Work, status: str) -> None:
    """Log a stuck run and what the sweep did to it (redriven, failed)."""
    fields = {"event": "run_swept", "status": status, "upload_id": work.upload_id, "run": work.run}
    LOGGER.warning("[%s] stuck run %s", work.upload_id, status, extra={"fields": fields})


def log_privacy_task_end(webhook_id: str, topic: str) -> None:
    """Log that what a webhook asked for is done; not whom it was about."""
    fields = {"event": "privacy_task_done", "webhook_id": webhook_id, "topic": topic}
    LOGGER.info("[%s] %s is done", webhook_id, topic, extra={"fields": fields})


def log_dropped_message(reason: str) -> None:
    """Log a message that was acknowledged without any work."""
    LOGGER.warning("message dropped - %s", reason, extra={"fields": {"event": "dropped"}})


def log_failed_delivery(topic: str, attempt: int, error: BaseException) -> None:
    """Log a failed delivery, which will be retried or become a dead letter."""
    fields = {"event": "refused", "topic": topic, "attempt": attempt, "error": type(error).__name__}
    LOGGER.warning("%s delivery %s failed", topic, attempt, extra={"fields": fields})


def log_response(route: str, *, status: int, ms: int, request_id: str) -> None:
    """Log the response to a request: its route without ids, never its body."""
    fields = {"event": "answered", "status": status, "duration_ms": ms, "request_id": request_id}
    LOGGER.info("%s %s %sms", route, status, ms, extra={"fields": {**fields, "route": route}})


def log_fault(error: BaseException, *, request_id: str) -> None:
    """Log where a request met an unexpected error, without its text: it may hold data."""
    frames = [
        f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)[-3:]
    ]
    fields = {"event": "fault", "error": type(error).__name__, "at": frames}
    LOGGER.error(
        "request %s met %s",
        request_id,
        type(error).__name__,
        extra={"fields": {**fields, "request_id": request_id}},
    )


def _of(work: Work, phase: str) -> dict[str, object]:
    return {"upload_id": work.upload_id, "run": work.run, "phase": phase}
