"""How long a run will still take, from how long it took so far; no clock and no history."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pipeline_lib.topology import chain

LEAST_SHARE = 0.05  # before that the estimate would jump by minutes


def remaining_s(phases: Mapping[str, Any], *, share: float, now: datetime) -> int | None:
    """Seconds until the run is complete, or None while too little of it is done.

    The share of a run's time that lies behind, by the phases' typical shares, is to the time
    elapsed as the share ahead is to the time remaining.

    Args:
        phases: the phase records of the upload by name.
        share: the part (0 to 1) of the running phases that is done.
        now: the time of the estimate.
    """
    started: list[datetime] = [
        phases[row.name]["started_at"] for row in chain() if row.name in phases
    ]
    behind = sum(_share(phases, row.name, share) * row.typical_share for row in chain())
    if not started or behind < LEAST_SHARE:
        return None
    elapsed = (now - min(started)).total_seconds()
    return max(0, round(elapsed * (1 - behind) / behind))


def _share(phases: Mapping[str, Any], name: str, running: float) -> float:
    state = phases.get(name, {}).get("state")
    if state == "running":
        return running
    return 1.0 if state == "done" else 0.0
