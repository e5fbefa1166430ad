"""How long a run will still take, from how long it took so far."""

from collections.abc import Mapping
from datetime import datetime

from pipeline_lib.records.uploads import PhaseRecord
from pipeline_lib.topology import chain

LEAST_SHARE = 0.05  # before that the estimate would jump by minutes


def remaining_s(phases: Mapping[str, PhaseRecord], *, share: float, now: datetime) -> int | None:
    """Seconds until the run is complete, or None while too little of it is done.

    The share of a run's time that lies behind, by the phases' typical shares, is to the time
    elapsed as the share ahead is to the time remaining.

    Args:
        phases: the phase records of the upload by name.
        share: the part (0 to 1) of the running phases that is done.
        now: the time of the estimate.
    """
    started = [phases[row.name].started_at for row in chain() if row.name in phases]
    behind = sum(_share(phases, row.name, share) * row.typical_share for row in chain())
    if not started or behind < LEAST_SHARE:
        return None
    elapsed = (now - min(started)).total_seconds()
    return max(0, round(elapsed * (1 - behind) / behind))


def _share(phases: Mapping[str, PhaseRecord], name: str, running: float) -> float:
    record = phases.get(name)
    if record is None:
        return 0.0
    if record.state == "running":
        return running
    return 1.0 if record.state == "done" else 0.0
