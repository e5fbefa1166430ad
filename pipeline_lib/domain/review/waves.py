"""In which portions a portfolio becomes visible, by readiness; there are no timers."""

TOTALS = (3, 5, 10, 20, 40)  # how many are visible after each wave (requirement 180)


def waves(bundles: int) -> list[tuple[int, int]]:
    """The portions as (start, end): up to each of the totals, then all that is left."""
    ends = [*(total for total in TOTALS if total < bundles), bundles]
    starts = [0, *ends[:-1]]
    return [(start, end) for start, end in zip(starts, ends, strict=True) if end > start]
