"""In which portions a portfolio becomes visible, by readiness; there are no timers."""

from collections.abc import Sequence


def waves(bundles: int, totals: Sequence[int]) -> list[tuple[int, int]]:
    """The portions as (start, end): up to each of the totals, then all that is left.

    ``totals`` are how many are visible after each wave, rising.
    """
    ends = [*(total for total in totals if total < bundles), bundles]
    starts = [0, *ends[:-1]]
    return [(start, end) for start, end in zip(starts, ends, strict=True) if end > start]
