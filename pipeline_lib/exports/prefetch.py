"""One thread that works ahead of its reader by one item; knows nothing of what it carries."""

from collections.abc import Iterator
from queue import Full, Queue
from threading import Event, Thread
from typing import TypeVar

Item = TypeVar("Item")
POLL_S = 0.1


class _End:
    """The source has ended, with this error or none."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def prefetch(source: Iterator[Item]) -> Iterator[Item]:
    """The source's items in its order, the next one made while this one is used."""
    ready: Queue[Item | _End] = Queue(maxsize=1)
    stopped = Event()
    worker = Thread(target=_fill, args=(source, ready, stopped), daemon=True)
    worker.start()
    try:
        while not isinstance(item := ready.get(), _End):
            yield item
        if item.error:
            raise item.error
    finally:
        stopped.set()
        worker.join()


def _fill(source: Iterator[Item], ready: "Queue[Item | _End]", stopped: Event) -> None:
    error: BaseException | None = None
    try:
        for item in source:
            if not _put(item, ready, stopped):
                return
    except BaseException as raised:  # noqa: BLE001  # raised again where the reader is
        error = raised
    _put(_End(error), ready, stopped)


def _put(item: Item | _End, ready: "Queue[Item | _End]", stopped: Event) -> bool:
    while not stopped.is_set():
        try:
            ready.put(item, timeout=POLL_S)
        except Full:
            continue
        return True
    return False
