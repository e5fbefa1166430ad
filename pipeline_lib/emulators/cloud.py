"""The whole deployed system on this machine, from emulators to functions; it runs no chain."""

import os
import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline_lib import topology
from pipeline_lib.emulators import plumbing, services
from pipeline_lib.emulators.keys import KEY, new_key
from pipeline_lib.emulators.processes import HOST, Processes, free_port, processes
from pipeline_lib.emulators.services import ARTEFACTS, PROJECT, UPLOADS, Services

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "infra" / "firestore.rules"
THREADS = "2"  # the emulator pushes about two at a time; a duplicate must meet its twin at work


@dataclass(frozen=True)
class Cloud:
    """What runs: the emulators, each function's port, and what the functions are told."""

    services: Services
    functions: Mapping[str, int]
    environ: Mapping[str, str]
    processes: Processes


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
        environ = {**there.environ(), **_settings(), KEY: str(new_key(logs / "key.json"))}
        mains = {row.name: _main(row.name) for row in topology.phases()} | dict(sources or {})
        functions = {name: _started(running, name, mains[name], environ) for name in mains}
        for name, port in functions.items():
            running.answers(name, port)
        plumbing.lay(there, functions, delivery or plumbing.as_deployed())
        yield Cloud(there, functions, environ, running)


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


def _started(running: Processes, name: str, main: Path, environ: Mapping[str, str]) -> int:
    port = free_port()
    command = [sys.executable, "-m", "functions_framework", "--target=main", f"--source={main}"]
    said = {**environ, "THREADS": THREADS, "PYTHONPATH": str(ROOT)}
    running.start(name, [*command, f"--host={HOST}", f"--port={port}"], environ=said)
    return port


def _main(name: str) -> Path:
    return ROOT / "functions" / name / "main.py"


def _settings() -> dict[str, str]:
    return {
        "BUNDLECHAIN_PROJECT": PROJECT,
        "BUNDLECHAIN_UPLOADS_BUCKET": UPLOADS,
        "BUNDLECHAIN_ARTEFACTS_BUCKET": ARTEFACTS,
        "BUNDLECHAIN_CUSTOMER_KEY": secrets.token_hex(32),
    }
