"""Something that a process makes once, however many threads ask first."""

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Shared(Generic[Made]):
    """What ``make`` makes, at the first call and not again.

    ``functools.cache`` is no lock: threads that ask before the first has it make one each.
    """

    def __init__(self, make: Callable[[], Made]) -> None:
        self._make = make
        self._lock = Lock()
        self._made: tuple[Made] | None = None

    def __call__(self) -> Made:
        with self._lock:
            if self._made is None:
                self._made = (self._make(),)
            return self._made[0]

    def forget(self) -> None:
        """Make another at the next call."""
        with self._lock:
            self._made = None
