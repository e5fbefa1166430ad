from datetime import UTC, datetime, timedelta

import pytest

from pipeline_lib import topology
from pipeline_lib.errors import LeaseHeld, Superseded
from pipeline_lib.messages import Outcome, Work
from pipeline_lib.runs import leases as once

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WORK = Work("u", 1)
ROW = topology.phase("score")
DONE = Outcome(read={"products": 3}, kept={"scored": 3}, then=("candidates",))


@pytest.fixture
def documents(stores):
    return stores.documents


def claim(documents, *, now=NOW, work=WORK):
    return once.claim(documents, work, ROW, shop_id="shop", now=now)


def test_the_first_to_claim_gets_the_lease_and_the_second_waits(documents):
    assert claim(documents).fence == 1

    with pytest.raises(LeaseHeld):
        claim(documents)


def test_another_run_is_other_work(documents):
    claim(documents)

    assert claim(documents, work=Work("u", 2)).fence == 1


def test_a_kept_outcome_is_given_to_every_later_claim(documents):
    once.keep(documents, claim(documents), DONE, now=NOW)

    assert claim(documents) == once.Kept(DONE, 1)


def test_a_released_lease_can_be_claimed_at_once_under_a_higher_number(documents):
    once.release(documents, claim(documents), now=NOW)

    assert claim(documents).fence == 2


def test_a_lease_that_ran_out_is_taken_over_and_its_holder_can_not_keep(documents):
    zombie = claim(documents)
    later = NOW + timedelta(seconds=topology.lease_s(ROW) + 1)
    heir = claim(documents, now=later)

    with pytest.raises(Superseded):
        once.keep(documents, zombie, DONE, now=later)
    with pytest.raises(Superseded):
        once.release(documents, zombie, now=later)

    once.keep(documents, heir, DONE, now=later)
    assert heir.fence == 2


def test_a_new_lease_always_ends_in_the_future(documents):
    claim(documents)

    assert documents.read("leases/u.1.score").data["held_until"] > NOW


def test_when_all_holders_are_gone_every_held_lease_is_free_and_outcomes_stay(documents):
    claim(documents)
    other = claim(documents, work=Work("v", 1))
    once.keep(documents, other, DONE, now=NOW)

    once.release_all(documents, now=NOW)

    assert claim(documents).fence == 2
    assert claim(documents, work=Work("v", 1)) == once.Kept(DONE, 1)


def test_retries_outlast_a_lease_which_outlasts_the_function_within_the_ack_deadline():
    for row in topology.phases():
        assert row.timeout_s < topology.lease_s(row) < topology.ack_deadline_s()
        assert topology.retry().total_s > topology.lease_s(row)
