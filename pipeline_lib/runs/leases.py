"""Effects once: a lease with a fencing number, and the outcome stored in its place.

Every write compares the version that was read, so a worker whose lease was taken over cannot
finish. The lease, the upload and its progress change in one commit: no crash leaves one behind.
"""

from datetime import datetime, timedelta

from pipeline_lib.errors import LeaseHeld
from pipeline_lib.messages import PrivacyTask, Work
from pipeline_lib.records.collections import Collections
from pipeline_lib.records.leases import Lease
from pipeline_lib.records.store import Stored
from pipeline_lib.topology import Phase, lease_s


def lease_name(work: Work | PrivacyTask, row: Phase) -> str:
    """The key of the work's lease."""
    return f"{work.key}.{row.name}"


def claimed_lease(
    work: Work | PrivacyTask,
    row: Phase,
    before: Stored[Lease] | None,
    *,
    shop_id: str,
    now: datetime,
) -> Lease:
    """The lease as held by the caller, with the next fencing number.

    Raises:
        LeaseHeld: another worker has it, and it has not run out.
    """
    held = None if before is None else before.record
    if held is not None and held.state == "held" and held.held_until > now:
        raise LeaseHeld(f"{row.name} of {work.key} is being worked on")
    return Lease(
        name=lease_name(work, row),
        shop_id=shop_id,
        phase=row.name,
        state="held",
        fence=1 if held is None else held.fence + 1,
        held_until=now + timedelta(seconds=lease_s(row)),
        expires_at=now + Lease.kept_for,
    )


def free_all_leases(collections: Collections, *, now: datetime) -> None:
    """Free every lease that is held: whoever held one is known to be gone."""
    for held in collections.leases.find(state="held"):
        collections.leases.swap(held, held.record.replace(state="free", held_until=now))
