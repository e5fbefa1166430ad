from datetime import UTC, datetime, timedelta

import pytest

from pipeline_lib import topology
from pipeline_lib.errors import LeaseHeld
from pipeline_lib.messages import Outcome, Work
from pipeline_lib.records.collections import Collections
from pipeline_lib.runs.leases import claimed_lease, free_all_leases, lease_name

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WORK = Work("u", 1)
ROW = topology.phase("score")
DONE = Outcome(read={"products": 3}, kept={"scored": 3})


@pytest.fixture
def leases(stores):
    return Collections(stores.documents).leases


def claim(leases, *, now=NOW, work=WORK):
    """Takes the lease as a delivery does; gives it as it is stored."""
    before = leases.read(lease_name(work, ROW))
    held = claimed_lease(work, ROW, before, shop_id="shop", now=now)
    return leases.create(held) if before is None else leases.swap(before, held)


def test_the_first_to_claim_gets_the_lease_and_the_second_waits(leases):
    assert claim(leases).record.fence == 1

    with pytest.raises(LeaseHeld):
        claim(leases)


def test_another_run_is_other_work(leases):
    claim(leases)

    assert claim(leases, work=Work("u", 2)).record.fence == 1


def test_a_freed_lease_can_be_claimed_at_once_under_a_higher_number(leases):
    held = claim(leases)
    leases.swap(held, held.record.replace(state="free"))

    assert claim(leases).record.fence == 2


def test_a_lease_that_ran_out_is_taken_over_and_its_holder_cannot_write(leases):
    zombie = claim(leases)
    later = NOW + timedelta(seconds=topology.lease_s(ROW) + 1)
    heir = claim(leases, now=later)

    assert leases.swap(zombie, zombie.record.replace(state="done", outcome=DONE)) is None
    assert leases.swap(heir, heir.record.replace(state="done", outcome=DONE)) is not None
    assert heir.record.fence == 2


def test_a_new_lease_always_ends_in_the_future(leases):
    assert claim(leases).record.held_until > NOW


def test_when_all_holders_are_gone_every_held_lease_is_free_and_outcomes_stay(leases, stores):
    claim(leases)
    other = claim(leases, work=Work("v", 1))
    leases.swap(other, other.record.replace(state="done", outcome=DONE))

    free_all_leases(Collections(stores.documents), now=NOW)

    assert claim(leases).record.fence == 2
    assert leases.read("v.1.score").record.outcome == DONE


def test_retries_outlast_a_lease_which_outlasts_the_function_within_the_ack_deadline():
    for row in topology.phases():
        assert row.timeout_s < topology.lease_s(row) < topology.ack_deadline_s()
        assert topology.retry().total_s > topology.lease_s(row)
