import time

import pytest

from pipeline_lib import topology
from pipeline_lib.clock import now
from pipeline_lib.errors import Cancelled, Superseded
from pipeline_lib.messages import Outcome, Work
from pipeline_lib.records.collections import Collections
from pipeline_lib.runs.delivery import deliver
from pipeline_lib.runs.ending import cancel_run
from pipeline_lib.runs.tracker import Tracker
from tests.uploads import begun, upload_of

WORK = Work("u", 1)
NOTHING = Outcome(read={}, kept={})


@pytest.fixture
def ports(stores):
    begun(stores.documents, "u", shop="s", now=now())
    return stores.ports


@pytest.fixture
def versions(ports):
    """Every version of the progress document that was written so far."""
    watch = ports.documents.watch("progress/u")
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


def run(ports, phase, *, name="candidates"):
    """Delivers the phase; ``phase`` gets its heartbeat."""

    def do(job):
        phase(job.beat)
        return Outcome(read={}, kept={"candidates": 7})

    deliver(topology.phase(name), do, WORK.message(), ports)


def done(ports, *names):
    for name in names:
        deliver(topology.phase(name), lambda _: NOTHING, WORK.message(), ports)


def tracker(ports, name, fence):
    return Tracker(Collections(ports.documents), WORK, topology.phase(name), fence)


def test_start_and_end_are_written_at_once_and_a_burst_in_between_is_one_write(ports, versions):
    def burst(beat):
        for n in range(100):
            beat("counting", share=n / 100, pairs=n)

    run(ports, burst)

    seen = versions()
    assert len(seen) == 3
    assert [one["progress"] for one in seen] == [10, 10, 40]
    assert seen[-1]["metadata"]["candidates"] == 7


def test_what_was_said_last_is_written_when_the_second_is_over(ports, versions):
    seen = []

    def two_beats(beat):
        beat("first", share=0.1)
        beat("last", share=0.5, pairs=12)
        time.sleep(1.2)
        seen.extend(versions())

    run(ports, two_beats)

    assert seen[-1]["message"] == "last"
    assert seen[-1]["progress"] == 25
    assert seen[-1]["metadata"]["pairs"] == 12


def test_after_the_phase_no_timer_writes(ports, versions):
    def two_beats(beat):
        beat("first")
        beat("second")

    run(ports, two_beats)
    before = len(versions())

    time.sleep(1.2)

    assert len(versions()) == before


def test_progress_never_goes_back_when_an_earlier_phase_speaks_again(ports, versions):
    done(ports, "explain")

    run(ports, lambda beat: beat("again", share=0.9))

    assert {one["progress"] for one in versions()} == {70, 80}
    assert [one["progress"] for one in versions()] == sorted(one["progress"] for one in versions())


def test_a_worker_that_was_overtaken_hears_it_at_its_next_heartbeat(ports):
    def overtaken(beat):
        uploads = Collections(ports.documents).uploads
        uploads.change("u", lambda one: one.with_phase_started("score", fence=2, now=now()))
        with pytest.raises(Superseded):
            beat("still here")
        raise Superseded("as the heartbeat said")

    run(ports, overtaken, name="score")

    assert upload_of(ports.documents, "u").phases["score"].fence == 2


def test_a_worker_whose_run_was_cancelled_hears_it_at_its_next_heartbeat(ports):
    def cancelled(beat):
        cancel_run(Collections(ports.documents), "u", message="Cancelled", now=now())
        with pytest.raises(Cancelled):
            beat("still here")
        raise Cancelled("as the heartbeat said")

    run(ports, cancelled)

    assert upload_of(ports.documents, "u").status == "cancelled"


def test_time_left_is_told_once_enough_is_done(ports, versions):
    done(ports, "ingest", "enrich", "score")

    run(ports, lambda beat: beat("counting", share=0.5))

    assert versions()[-2]["metadata"]["time_remaining"] >= 0
