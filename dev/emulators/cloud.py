"""The whole deployed system on this machine, from emulators to functions."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dev.emulators import installation, resources, servers
from dev.emulators.processes import HOST, Processes, free_ports, processes
from dev.emulators.scheduler import run_scheduler
from dev.emulators.servers import Emulators
from dev.emulators.settings import KEY_FILE, function_settings, interface_settings, write_new_key
from pipeline_lib import topology

RULES = installation.ROOT / "infra" / "firestore.rules"
THREADS = 2  # the emulator pushes about two at a time; duplicates must overlap


@dataclass(frozen=True)
class Cloud:
    """What runs: the emulators, each function's port, and their environment.

    ``public`` holds the further variables of the public function.
    """

    emulators: Emulators
    functions: Mapping[str, int]
    environ: Mapping[str, str]
    public: Mapping[str, str]
    processes: Processes

    @property
    def url(self) -> str:
        """The address of the public function."""
        return f"http://{HOST}:{self.functions[_public()]}"


@contextmanager
def cloud(
    logs: Path,
    *,
    delivery: resources.PushPolicy | None = None,
    sources: Mapping[str, Path] | None = None,
) -> Iterator[Cloud]:
    """Start everything; end it when the block is left.

    Args:
        logs: the folder for the processes' logs.
        delivery: how messages are pushed; as deployed where None.
        sources: other ``main.py`` files for some functions.

    Raises:
        NoEmulators: one of the emulators is not on this machine.
        NotStarted: one of the processes does not answer.
    """
    with processes(logs) as running:
        there = servers.start_emulators(running, rules=RULES)
        environ = {
            **there.environ(),
            **function_settings(),
            KEY_FILE: str(write_new_key(logs / "key.json")),
        }
        names = [row.name for row in topology.phases()]
        functions = dict(zip(names, free_ports(len(names)), strict=True))
        public = interface_settings(functions[_public()])
        for name, port in functions.items():
            variables = {**environ, **public} if name == _public() else environ
            _start(running, name, (sources or {}).get(name, _main(name)), port, variables)
        for name, port in functions.items():
            running.wait_for(name, port)
        resources.create_resources(there, functions, delivery or resources.deployed_policy())
        with run_scheduler(functions):
            yield Cloud(there, functions, environ, public, running)


@contextmanager
def apply_environ(environ: Mapping[str, str]) -> Iterator[None]:
    """Give this process the functions' environment until the block is left."""
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
    variables = {**environ, "THREADS": str(THREADS), "PYTHONPATH": str(installation.ROOT)}
    running.start(name, [*command, f"--host={HOST}", f"--port={port}"], environ=variables)


def _main(name: str) -> Path:
    return installation.ROOT / "functions" / name / "main.py"


def _public() -> str:
    return next(row.name for row in topology.phases() if row.wakes_on == "http")
