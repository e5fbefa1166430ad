"""The whole deployed system on this machine, from emulators to functions; it runs no chain."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dev.emulators import plumbing, services
from dev.emulators.clock import ticking
from dev.emulators.keys import KEY, new_key
from dev.emulators.processes import HOST, Processes, free_port, processes
from dev.emulators.services import Services
from dev.emulators.told import public_settings, settings
from pipeline_lib import topology

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "infra" / "firestore.rules"
THREADS = 2  # the emulator pushes about two at a time; a duplicate must meet its twin at work
CALLERS = 40  # at once, of a function that anybody may call; a listener to a run is one


@dataclass(frozen=True)
class Cloud:
    """What runs: the emulators, each function's port, and what the functions are told.

    ``public`` is what the one that anybody may call is told besides.
    """

    services: Services
    functions: Mapping[str, int]
    environ: Mapping[str, str]
    public: Mapping[str, str]
    processes: Processes

    @property
    def url(self) -> str:
        """Where anybody may call."""
        return f"http://{HOST}:{self.functions[_public()]}"


@contextmanager
def cloud(
    logs: Path,
    *,
    delivery: plumbing.Delivery | None = None,
    sources: Mapping[str, Path] | None = None,
) -> Iterator[Cloud]:
    """Start everything, and end it when the block is left.

    Args:
        logs: the folder for what each process says.
        delivery: how messages are pushed; as deployed unless said otherwise.
        sources: another ``main.py`` for some functions.

    Raises:
        NoEmulators: one of the emulators is not on this machine.
        NotStarted: one of the processes does not answer.
    """
    with processes(logs) as running:
        there = services.start(running, rules=RULES)
        environ = {**there.environ(), **settings(), KEY: str(new_key(logs / "key.json"))}
        functions = {row.name: free_port() for row in topology.phases()}
        public = public_settings(functions[_public()])
        for name, port in functions.items():
            told = {**environ, **public} if name == _public() else environ
            _start(running, name, (sources or {}).get(name, _main(name)), port, told)
        for name, port in functions.items():
            running.answers(name, port)
        plumbing.lay(there, functions, delivery or plumbing.as_deployed())
        with ticking(functions):
            yield Cloud(there, functions, environ, public, running)


@contextmanager
def adopted(environ: Mapping[str, str]) -> Iterator[None]:
    """Let this process's own clients find what the functions find, until the block is left."""
    before = dict(os.environ)
    os.environ.update(environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _start(
    running: Processes, name: str, main: Path, port: int, environ: Mapping[str, str]
) -> None:
    command = [sys.executable, "-m", "functions_framework", "--target=main", f"--source={main}"]
    threads = str(CALLERS if name == _public() else THREADS)
    said = {**environ, "THREADS": threads, "PYTHONPATH": str(ROOT)}
    running.start(name, [*command, f"--host={HOST}", f"--port={port}"], environ=said)


def _main(name: str) -> Path:
    return ROOT / "functions" / name / "main.py"


def _public() -> str:
    return next(row.name for row in topology.phases() if row.wakes_on == "http")
