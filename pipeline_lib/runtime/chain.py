"""The whole chain in one process on the embedded stores."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from time import monotonic

from pipeline_lib import logs
from pipeline_lib.adapters.local.blobs import PART
from pipeline_lib.clock import now
from pipeline_lib.errors import LeaseHeld, PipelineError
from pipeline_lib.messages import Message
from pipeline_lib.records.collections import Collections
from pipeline_lib.runs.leases import free_all_leases
from pipeline_lib.runs.raw_files import remove_raw_files
from pipeline_lib.runtime.receiver import handler_of
from pipeline_lib.runtime.settings import process_settings
from pipeline_lib.runtime.wiring import Embedded

IDLE_S = 0.005
SWEEP_S = 300  # as Cloud Scheduler does
TIDY_S = 1.0  # between two looks for raw files whose run is over


class FolderInUse(PipelineError):
    """Another process runs the chain on the same folder."""

    retriable = False
    code = "FOLDER_IN_USE"


@contextmanager
def run_chain(stores: Embedded, folder: Path) -> Iterator[None]:
    """Run the chain on ``folder`` until the block is left, first what was left unfinished.

    Raises:
        FolderInUse: another process does so.
    """
    with lock_folder(folder), run_workers(stores):
        yield


@contextmanager
def run_workers(stores: Embedded) -> Iterator[None]:
    """Run the chain until the block is left, for the folder's sole user."""
    free_all_leases(Collections(stores.documents), now=now())  # their holders are gone: the lock
    stores.topics.release_all()
    leaving, workers = Event(), process_settings().workers
    threads = [Thread(target=_work, args=(stores, leaving)) for _ in range(workers)]
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
def lock_folder(folder: Path) -> Iterator[int]:
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


def _work(stores: Embedded, leaving: Event) -> None:
    while not leaving.is_set():
        delivery = stores.topics.take()
        if delivery is None:
            leaving.wait(IDLE_S)
            continue
        try:
            handler_of(delivery.topic)(delivery.message, stores.ports)
        except LeaseHeld:
            stores.topics.postpone(delivery)
        except Exception as error:  # noqa: BLE001 - a phase's failure must not end the worker
            logs.log_failed_delivery(delivery.topic, delivery.attempt, error)
            stores.topics.refuse(delivery)
        else:
            stores.topics.acknowledge(delivery)


def _tick(stores: Embedded, leaving: Event) -> None:
    swept = monotonic()
    while not leaving.wait(TIDY_S):
        remove_raw_files(stores.ports, now())
        if monotonic() - swept >= SWEEP_S:
            swept = monotonic()
            stores.topics.publish("cleanup", Message(b"{}", {}))
