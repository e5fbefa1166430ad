import time

import pytest

from pipeline_lib import topology
from pipeline_lib.clock import now
from pipeline_lib.errors import Superseded
from pipeline_lib.messages import Outcome, Work
from pipeline_lib.runs.tracker import Tracker
from tests.uploads import begun

WORK = Work("u", 1)


@pytest.fixture
def documents(stores):
    begun(stores.documents, "u", shop="s", now=now())
    return stores.documents


@pytest.fixture
def versions(documents):
    """Every version of the progress document that was written so far."""
    watch = documents.watch("progress/u")
    next(watch)
    seen = []

    def all_so_far():
        for version in watch:
            if version is None:
                return seen
            seen.append(version.data)
        return seen

    yield all_so_far
    watch.close()


def tracker(documents, name="candidates", fence=1):
    return Tracker(documents, WORK, topology.phase(name), fence)


def test_start_and_end_are_written_at_once_and_a_burst_in_between_is_one_write(documents, versions):
    beat = tracker(documents)
    beat.started()
    for n in range(100):
        beat("counting", share=n / 100, pairs=n)
    beat.ended(Outcome(read={}, kept={"candidates": 7}, then=()))

    seen = versions()
    assert len(seen) == 3
    assert [one["progress"] for one in seen] == [10, 10, 40]
    assert seen[-1]["metadata"]["candidates"] == 7


def test_what_was_said_last_is_written_when_the_second_is_over(documents, versions):
    beat = tracker(documents)
    beat.started()
    beat("first", share=0.1)
    beat("last", share=0.5, pairs=12)

    time.sleep(1.2)

    seen = versions()
    assert seen[-1]["message"] == "last"
    assert seen[-1]["progress"] == 25
    assert seen[-1]["metadata"]["pairs"] == 12
    beat.quiet()


def test_after_quiet_no_timer_writes(documents, versions):
    beat = tracker(documents)
    beat.started()
    beat("first")
    beat("second")
    beat.quiet()
    before = len(versions())

    time.sleep(1.2)

    assert len(versions()) == before


def test_progress_never_goes_back_when_an_earlier_phase_speaks_again(documents, versions):
    tracker(documents, "explain").started()
    late = tracker(documents, "candidates")
    late.started()
    late("again", share=0.9)

    assert [one["progress"] for one in versions()] == [70, 70, 70]


def test_a_worker_that_was_overtaken_hears_it_at_its_next_heartbeat(documents):
    zombie = tracker(documents, fence=1)
    zombie.started()
    tracker(documents, fence=2).started()

    with pytest.raises(Superseded):
        zombie("still here")
    with pytest.raises(Superseded):
        zombie.ended(Outcome(read={}, kept={}, then=()))


def test_time_left_is_told_once_enough_is_done(documents, versions):
    for name in ("ingest", "enrich", "score"):
        phase = tracker(documents, name)
        phase.started()
        phase.ended(Outcome(read={}, kept={}, then=()))
    beat = tracker(documents)
    beat.started()
    beat("counting", share=0.5)

    assert versions()[-1]["metadata"]["time_remaining"] >= 0
