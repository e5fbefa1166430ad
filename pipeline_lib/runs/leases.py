"""Effects once: a lease with a fencing number, and the outcome stored in its place.

One document for each piece of work, keyed by its content (upload, run, phase) and never by a
message's id. It is either held until a time, free, or done with its outcome. Every write
compares the version that was read, so a worker whose lease was taken over can not finish.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline_lib.errors import LeaseHeld, Superseded
from pipeline_lib.messages import Errand, Outcome, Work
from pipeline_lib.ports import Data, Documents, Version
from pipeline_lib.topology import Phase, lease_s

KEPT_FOR = timedelta(days=30)  # as long as the upload that it belongs to


@dataclass(frozen=True)
class Claim:
    """The right to do a piece of work; ``fence`` grows with every claim of the same work."""

    path: str
    fence: int
    version: Version
    shop_id: str


@dataclass(frozen=True)
class Kept:
    """What came of a piece of work, and the fencing number it was done under."""

    outcome: Outcome
    fence: int


def path_of(work: Work | Errand, row: Phase) -> str:
    """Where the lease of the work is."""
    return f"leases/{work.key}.{row.name}"


def claim(
    documents: Documents, work: Work | Errand, row: Phase, *, shop_id: str, now: datetime
) -> Claim | Kept:
    """Take the lease of the work, or learn what came of it.

    Raises:
        LeaseHeld: another worker has the lease, and it has not run out.
    """
    path = path_of(work, row)
    found = documents.read(path)
    if found is not None and found.data["state"] == "done":
        return Kept(_outcome(found.data["outcome"]), found.data["fence"])
    if found is not None and found.data["state"] == "held" and found.data["held_until"] > now:
        raise LeaseHeld(f"{row.name} of {work.key} is being worked on")
    fence = 1 if found is None else found.data["fence"] + 1
    held = {
        "shop_id": shop_id,
        "state": "held",
        "fence": fence,
        "held_until": now + timedelta(seconds=lease_s(row)),
        "expires_at": now + KEPT_FOR,
        "outcome": None,
    }
    version = documents.swap(path, held, since=None if found is None else found.version)
    if version is None:
        raise LeaseHeld(f"{row.name} of {work.key} was claimed by another just now")
    return Claim(path, fence, version, shop_id)


def keep(documents: Documents, held: Claim, outcome: Outcome, *, now: datetime) -> None:
    """Store the outcome and give the lease back, in one write.

    Raises:
        Superseded: the lease ran out and another worker took it.
    """
    stored = {"read": dict(outcome.read), "kept": dict(outcome.kept), "then": list(outcome.then)}
    _replace(documents, held, {"state": "done", "outcome": stored}, now=now)


def release(documents: Documents, held: Claim, *, now: datetime) -> None:
    """Give the lease back undone, so that a redelivery need not wait until it runs out.

    Raises:
        Superseded: the lease ran out and another worker took it.
    """
    _replace(documents, held, {"state": "free", "outcome": None}, now=now)


def release_all(documents: Documents, *, now: datetime) -> None:
    """Free every lease that is held: whoever held one is known to be gone."""
    for path, document in documents.find("leases", {"state": "held"}):
        freed = {**document.data, "state": "free", "held_until": now}
        documents.swap(path, freed, since=document.version)


def _replace(documents: Documents, held: Claim, state: dict[str, object], *, now: datetime) -> None:
    times = {"held_until": now, "expires_at": now + KEPT_FOR}
    data = {"shop_id": held.shop_id, "fence": held.fence, **times, **state}
    if documents.swap(held.path, data, since=held.version) is None:
        raise Superseded(f"{held.path}: fencing number {held.fence} has been overtaken")


def _outcome(stored: Data) -> Outcome:
    return Outcome(read=stored["read"], kept=stored["kept"], then=tuple(stored["then"]))
