"""The whole chain in one process on the embedded stores; the functions' code, no function."""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from threading import Event, Thread

from pipeline_lib import logs, topology
from pipeline_lib.adapters.local.blobs import PART
from pipeline_lib.clock import now
from pipeline_lib.errors import LeaseHeld, PipelineError
from pipeline_lib.messages import Message
from pipeline_lib.ports import Ports
from pipeline_lib.runs import leases as once
from pipeline_lib.runs.delivery import deliver
from pipeline_lib.runtime import errands
from pipeline_lib.runtime.elsewhere import reaching
from pipeline_lib.runtime.service import attend
from pipeline_lib.runtime.wiring import Embedded

WORKERS = 2  # the preview need not wait for the chain
IDLE_S = 0.005
SWEEP_S = 300  # as Cloud Scheduler does


class FolderInUse(PipelineError):
    """Another process runs the chain on the same folder."""

    retriable = False
    code = "FOLDER_IN_USE"


@contextmanager
def running(stores: Embedded, folder: Path) -> Iterator[None]:
    """Run the chain on ``folder`` until the block is left, first what was left unfinished.

    Raises:
        FolderInUse: another process does so.
    """
    with sole_user(folder), working(stores):
        yield


@contextmanager
def working(stores: Embedded) -> Iterator[None]:
    """Run the chain until the block is left, for the folder's sole user."""
    once.release_all(stores.documents, now=now())  # the lock proves that their holders are gone
    stores.topics.release_all()
    leaving = Event()
    threads = [Thread(target=_work, args=(stores, leaving)) for _ in range(WORKERS)]
    threads.append(Thread(target=_tick, args=(stores, leaving)))
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        leaving.set()
        for thread in threads:
            thread.join()


@contextmanager
def sole_user(folder: Path) -> Iterator[int]:
    """Keep every other process off the folder; whoever inherits the descriptor keeps it, too.

    Raises:
        FolderInUse: another process has it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise FolderInUse(f"{folder} is in use by another bundles process") from error
        _tidy(folder)
        yield lock.fileno()


def _tidy(folder: Path) -> None:
    """Remove the halves of files that a killed process was writing: the lock proves it is gone."""
    for part in folder.rglob(f"{PART}*"):
        part.unlink()


def receiver(name: str) -> Callable[[Message, Ports], None]:
    """What a topic's messages are given to: the phase or service of its name."""
    row = topology.phase(name)
    module = import_module(f"pipeline_lib.phases.{name}")
    if row.role == "service" and row.wakes_on == "messages":
        return lambda message, ports: errands.run(row, module.do, message, ports)
    if row.role == "service":
        return lambda message, ports: attend(module.serve, message, ports)
    return lambda message, ports: deliver(row, module.run, message, ports)


def _work(stores: Embedded, leaving: Event) -> None:
    while not leaving.is_set():
        delivery = stores.topics.take()
        if delivery is None:
            leaving.wait(IDLE_S)
            continue
        try:
            receiver(delivery.topic)(delivery.message, reaching(stores.ports))
        except LeaseHeld:
            stores.topics.postpone(delivery)
        except Exception as error:  # noqa: BLE001 - a phase's failure must not end the worker
            logs.log_failed_delivery(delivery.topic, delivery.attempt, error)
            stores.topics.refuse(delivery)
        else:
            stores.topics.acknowledge(delivery)


def _tick(stores: Embedded, leaving: Event) -> None:
    while not leaving.wait(SWEEP_S):
        stores.topics.publish("cleanup", Message(b"{}", {}))
