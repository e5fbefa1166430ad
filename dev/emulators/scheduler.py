"""The emulated Cloud Scheduler, which wakes functions at intervals."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Event, Thread

from dev.emulators.processes import NotStarted
from dev.emulators.servers import call_emulator
from pipeline_lib import logs, topology

EVERY_S = 300.0  # as Terraform's `*/5 * * * *`
PUSH = {
    "subscription": "clock",
    "message": {"messageId": "clock", "data": "e30=", "attributes": {}},  # data: {}
}


@contextmanager
def run_scheduler(functions: Mapping[str, int], *, every_s: float = EVERY_S) -> Iterator[None]:
    """Wake the scheduled functions at intervals until the block is left.

    Args:
        functions: each function's port.
        every_s: the seconds between two wakings, and before the first.
    """
    leaving = Event()
    thread = Thread(target=_tick, args=(functions, every_s, leaving), daemon=True)
    thread.start()
    try:
        yield
    finally:
        leaving.set()
        thread.join()


def _tick(functions: Mapping[str, int], every_s: float, leaving: Event) -> None:
    while not leaving.wait(every_s):
        for row in topology.phases():
            if row.wakes_on == "schedule":
                try:
                    call_emulator(functions[row.name], "POST", "/", PUSH)
                except (OSError, NotStarted) as error:  # the next one is not far away
                    logs.log_dropped_message(f"{row.name} could not be woken: {error}")
