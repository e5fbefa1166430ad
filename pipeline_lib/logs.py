"""One JSON line a phase's start and end, as Cloud Logging reads them; nothing about shoppers."""

import json
import logging
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline_lib.messages import Work

LOGGER = logging.getLogger("bundlechain")


class JsonLines(logging.Formatter):
    """Renders a record's message and the fields given as ``extra={"fields": …}`` in one line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {"severity": record.levelname, "message": record.getMessage()}
        return json.dumps({**line, **getattr(record, "fields", {})}, default=str)


@contextmanager
def to_file(path: Path) -> Iterator[None]:
    """Append the lines to a file until the block is left."""
    handler = logging.FileHandler(path)
    to(handler)
    try:
        yield
    finally:
        to(logging.NullHandler())  # a closed file would be opened again by the next line
        handler.close()


def to(handler: logging.Handler) -> None:
    """Send the lines to ``handler``, and nowhere else."""
    handler.setFormatter(JsonLines())
    LOGGER.handlers[:] = [handler]
    LOGGER.setLevel(logging.INFO)
    LOGGER.propagate = False


def phase_started(work: Work, phase: str, attempt: int) -> None:
    """Say that the phase begins."""
    fields = {"event": "phase_started", "attempt": attempt, **_of(work, phase)}
    LOGGER.info("[%s] %s STARTED", work.upload_id, phase, extra={"fields": fields})


def phase_ended(work: Work, phase: str, record: Mapping[str, Any]) -> None:
    """Say that the phase is done, how long it took, and what it read and kept."""
    counts = " ".join(f"{name}={count}" for name, count in record["output"].items())
    fields = {
        "event": "phase_completed",
        "duration_ms": record["ms"],
        "input": record["input"],
        "output": record["output"],
        **_of(work, phase),
    }
    LOGGER.info(
        "[%s] %s COMPLETED - duration=%sms %s",
        work.upload_id,
        phase,
        record["ms"],
        counts,
        extra={"fields": fields},
    )


def phase_failed(work: Work, phase: str, error: BaseException) -> None:
    """Say that the phase failed and why; an unforeseen error's text stays out: it may hold data."""
    fields = {"event": "phase_failed", "error": type(error).__name__, **_of(work, phase)}
    LOGGER.error(
        "[%s] %s FAILED - %s",
        work.upload_id,
        phase,
        type(error).__name__,
        extra={"fields": fields},
    )


def run_ended(work: Work, status: str, duration_s: float) -> None:
    """Say how a run ended (completed, failed, cancelled), and how long it took from its start."""
    fields = {
        "event": "run_ended",
        "status": status,
        "duration_s": round(duration_s, 3),
        "upload_id": work.upload_id,
        "run": work.run,
    }
    LOGGER.info("[%s] run %s %s", work.upload_id, work.run, status, extra={"fields": fields})


def run_swept(work: Work, status: str) -> None:
    """Say that a silent run was found, and what the sweep did to it (redriven, failed)."""
    fields = {"event": "run_swept", "status": status, "upload_id": work.upload_id, "run": work.run}
    LOGGER.warning("[%s] stuck run %s", work.upload_id, status, extra={"fields": fields})


def errand_done(webhook_id: str, topic: str) -> None:
    """Say that what a webhook asked for is done; not whom it was about."""
    fields = {"event": "errand_done", "webhook_id": webhook_id, "topic": topic}
    LOGGER.info("[%s] %s is done", webhook_id, topic, extra={"fields": fields})


def dropped(reason: str) -> None:
    """Say that a message was acknowledged without any work."""
    LOGGER.warning("message dropped - %s", reason, extra={"fields": {"event": "dropped"}})


def refused(topic: str, attempt: int, error: BaseException) -> None:
    """Say that a delivery failed and will come again, or become a dead letter."""
    fields = {"event": "refused", "topic": topic, "attempt": attempt, "error": type(error).__name__}
    LOGGER.warning("%s delivery %s failed", topic, attempt, extra={"fields": fields})


def answered(route: str, *, status: int, ms: int, request_id: str) -> None:
    """Say how a request was answered; its route has no ids, and its body is not told."""
    fields = {"event": "answered", "status": status, "duration_ms": ms, "request_id": request_id}
    LOGGER.info("%s %s %sms", route, status, ms, extra={"fields": {**fields, "route": route}})


def fault(error: BaseException, *, request_id: str) -> None:
    """Say where a request met an unforeseen error; its text stays out: it may hold data."""
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
