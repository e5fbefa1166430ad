"""Token buckets: how often a caller may ask this process; each instance has its own."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from threading import Lock
from time import monotonic

from pipeline_lib.http.errors import RateLimited

MOST_CALLERS = 10_000  # that are remembered; the rest begins anew


@dataclass(frozen=True)
class Rate:
    """So many a second on the long run, and so many at once."""

    per_second: float
    at_once: float


READS = Rate(per_second=50, at_once=200)
WRITES = Rate(per_second=10, at_once=100)
UNKNOWN_CALLERS = Rate(per_second=5, at_once=50)  # calls without a valid token, of one address


class Limits:
    """Token buckets, one a key; a full one is as good as none, so they may be forgotten."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, key: str, rate: Rate) -> None:
        """Count one call of the key.

        Raises:
            RateLimited: it had as many as it may.
        """
        now = self._clock()
        with self._lock:
            left, before = self._left.get(key, (rate.at_once, now))
            left = min(rate.at_once, left + (now - before) * rate.per_second)
            if left >= 1:
                if len(self._left) >= MOST_CALLERS:
                    self._left.clear()
                self._left[key] = (left - 1, now)
                return
        raise RateLimited(wait_s=max(1, ceil((1 - left) / rate.per_second)))
