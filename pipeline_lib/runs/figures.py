"""How runs went, from their documents: rates and times with their thresholds; nothing is read."""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

LEAST_SUCCESS = 0.95  # requirement 232: below it somebody is told
LONGEST_AVERAGE_S = 300  # as above

Run = Mapping[str, Any]


def figures(runs: Sequence[Run]) -> dict[str, Any]:
    """Rates and times of the runs.

    Args:
        runs: upload documents whose run has begun.

    Returns:
        ``runs`` by status; ``success_rate`` of those that completed or failed, and
        ``average_run_s`` and ``p95_run_s`` of those that completed, None where there are none;
        ``running``; ``phases`` with times of those that are done; ``alerts`` in words.
    """
    by_status = Counter(run["status"] for run in runs)
    over = by_status["completed"] + by_status["failed"]
    rate = by_status["completed"] / over if over else None
    took = [
        (run["completed_at"] - run["begun_at"]).total_seconds()
        for run in runs
        if run["status"] == "completed"
    ]
    average = sum(took) / len(took) if took else None
    return {
        "runs": dict(sorted(by_status.items())),
        "success_rate": rate,
        "average_run_s": average,
        "p95_run_s": _p95(took) if took else None,
        "running": by_status["processing"],
        "phases": _phases(runs),
        "alerts": _alerts(rate, average),
    }


def _phases(runs: Sequence[Run]) -> dict[str, dict[str, float]]:
    done: dict[str, list[Run]] = {}
    for run in runs:
        for name, record in run["phases"].items():
            if record["state"] == "done":
                done.setdefault(name, []).append(record)
    return {
        name: {
            "runs": len(records),
            "average_ms": sum(record["ms"] for record in records) / len(records),
            "p95_ms": _p95([record["ms"] for record in records]),
            "retried": sum(record["attempt"] > 1 for record in records),
        }
        for name, records in sorted(done.items())
    }


def _p95(values: Sequence[float]) -> float:
    """The smallest value that 95 % of them do not exceed (nearest rank)."""
    return sorted(values)[ceil(0.95 * len(values)) - 1]


def _alerts(rate: float | None, average: float | None) -> list[str]:
    told = []
    if rate is not None and rate < LEAST_SUCCESS:
        told.append(f"Only {rate:.1%} of the runs completed; expected are {LEAST_SUCCESS:.0%}")
    if average is not None and average > LONGEST_AVERAGE_S:
        told.append(f"A run takes {average:.0f} s on average; expected are {LONGEST_AVERAGE_S} s")
    return told
