"""How runs went: rates and times from their records, and what is out of the ordinary."""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import ceil

from pydantic import BaseModel

from pipeline_lib.records.uploads import PhaseRecord, Upload

LEAST_SUCCESS = 0.95  # below it somebody is told
LONGEST_AVERAGE_S = 300  # as above


class PhaseMetrics(BaseModel):
    """Times of the runs of one phase."""

    runs: int
    average_ms: float
    p95_ms: float
    retried: int


class RunMetrics(BaseModel):
    """How runs went.

    ``runs`` by status; ``success_rate`` of those that completed or failed; ``average_run_s`` and
    ``p95_run_s`` of those that completed, None where there are none; ``alerts`` in words.
    """

    runs: Mapping[str, int]
    success_rate: float | None
    average_run_s: float | None
    p95_run_s: float | None
    running: int
    phases: Mapping[str, PhaseMetrics]
    alerts: Sequence[str]


def measure_runs(runs: Sequence[Upload]) -> RunMetrics:
    """Rates and times of uploads whose run has begun."""
    by_status = Counter(str(run.status) for run in runs)
    over = by_status["completed"] + by_status["failed"]
    rate = by_status["completed"] / over if over else None
    took = [
        (run.completed_at - run.begun_at).total_seconds()
        for run in runs
        if run.completed_at is not None and run.begun_at is not None
    ]
    average = sum(took) / len(took) if took else None
    return RunMetrics(
        runs=dict(sorted(by_status.items())),
        success_rate=rate,
        average_run_s=average,
        p95_run_s=_p95(took) if took else None,
        running=by_status["processing"],
        phases=_phases(runs),
        alerts=_alerts(rate, average),
    )


def _phases(runs: Sequence[Upload]) -> dict[str, PhaseMetrics]:
    done: dict[str, list[PhaseRecord]] = {}
    for run in runs:
        for name, record in run.phases.items():
            if record.state == "done":
                done.setdefault(name, []).append(record)
    return {name: _phase(records) for name, records in sorted(done.items())}


def _phase(records: Sequence[PhaseRecord]) -> PhaseMetrics:
    times = [record.ms or 0 for record in records]
    return PhaseMetrics(
        runs=len(records),
        average_ms=sum(times) / len(times),
        p95_ms=_p95(times),
        retried=sum(record.attempt > 1 for record in records),
    )


def _p95(values: Sequence[float]) -> float:
    """The smallest value that 95 % of them do not exceed (nearest rank)."""
    return sorted(values)[ceil(0.95 * len(values)) - 1]


def _alerts(rate: float | None, average: float | None) -> list[str]:
    alerts = []
    if rate is not None and rate < LEAST_SUCCESS:
        alerts.append(f"Only {rate:.1%} of the runs completed; expected are {LEAST_SUCCESS:.0%}")
    if average is not None and average > LONGEST_AVERAGE_S:
        alerts.append(f"A run takes {average:.0f} s on average; expected are {LONGEST_AVERAGE_S} s")
    return alerts
