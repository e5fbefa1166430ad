"""Processes that are started, awaited and ended together."""

import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from pipeline_lib.errors import PipelineError

HOST = "127.0.0.1"
UP_S = 90.0  # a busy machine takes half of it to start them all
DOWN_S = 5.0
LOOK_S = 0.05
PORTS = range(20_000, 32_000)  # below those of outgoing connections


class NotStarted(PipelineError):
    """A process ended, or did not answer, before it was of use."""

    retriable = False
    code = "NOT_STARTED"


class Processes:
    """What runs so far; each writes its output to a file of ``logs`` named after it."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(
        self, name: str, command: Sequence[str], *, environ: Mapping[str, str] | None = None
    ) -> None:
        """Start the command in a session of its own, so that all it starts can be ended."""
        with self.log(name).open("ab") as log:
            self._running[name] = subprocess.Popen(  # noqa: S603 - our own commands
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environ or {})},
                start_new_session=True,
            )

    def log(self, name: str) -> Path:
        """The file of a process's output."""
        return self._logs / f"{name}.log"

    def wait_for(self, name: str, port: int) -> None:
        """Wait until the process answers HTTP.

        Raises:
            NotStarted: it ended, or took too long.
        """
        until = time.monotonic() + UP_S
        while time.monotonic() < until:
            if self._running[name].poll() is not None:
                raise NotStarted(f"{name} ended at once; see {self.log(name)}")
            if _answers_http(port):
                return
            time.sleep(LOOK_S)
        raise NotStarted(f"{name} does not answer; see {self.log(name)}")

    def end(self) -> None:
        """End all of them, the last started first."""
        ending = list(self._running.values())[::-1]
        for process in ending:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        until = time.monotonic() + DOWN_S
        for process in ending:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, until - time.monotonic()))
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # also what it left behind
            process.wait()


@contextmanager
def processes(logs: Path) -> Iterator[Processes]:
    """Processes that end when the block is left."""
    logs.mkdir(parents=True, exist_ok=True)
    running = Processes(logs)
    try:
        yield running
    finally:
        running.end()


def free_ports(count: int) -> list[int]:
    """So many different ports that nobody listens on, outside the range of the system's choice.

    A port of the system's choice may become the near end of a connection before the process that
    should listen on it has started.
    """
    free: set[int] = set()
    while len(free) < count:
        port = secrets.choice(PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind((HOST, port))
            free.add(port)
    return list(free)


def _answers_http(port: int) -> bool:
    connection = HTTPConnection(HOST, port, timeout=UP_S)
    try:
        connection.request("GET", "/")
        connection.getresponse()
    except (OSError, HTTPException):
        return False
    else:
        return True
    finally:
        connection.close()
