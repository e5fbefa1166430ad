import pytest

from pipeline_lib import topology
from pipeline_lib.clock import now
from pipeline_lib.errors import NothingToRedrive
from pipeline_lib.messages import Outcome, Work
from pipeline_lib.phases import dead_letter
from pipeline_lib.records.collections import Collections
from pipeline_lib.runs.delivery import deliver
from pipeline_lib.runs.redrive import redrive_run
from tests.uploads import begun, progress_of, upload_of

WORK = Work("u", 1)
SOURCE = {"CloudPubSubDeadLetterSourceSubscription": "score"}


@pytest.fixture
def failed(stores):
    """A run whose phase `score` was given up; gives its stores."""
    begun(stores.documents, "u", shop="s", now=now())
    for name in ("ingest", "enrich"):
        done(stores, name)

    def fail(_):
        raise OSError("no")

    with pytest.raises(OSError, match="no"):
        deliver(topology.phase("score"), fail, WORK.message(), stores.ports)
    message = WORK.message()
    dead_letter.serve(type(message)(message.data, SOURCE), stores.ports, now())
    drain(stores)
    return stores


def done(stores, name):
    outcome = Outcome(read={}, kept={})
    deliver(topology.phase(name), lambda _: outcome, WORK.message(), stores.ports)


def drain(stores):
    taken = []
    while delivery := stores.topics.take():
        stores.topics.acknowledge(delivery)
        taken.append((delivery.topic, delivery.message))
    return taken


def upload(stores):
    return upload_of(stores.documents, "u")


def progress(stores):
    return progress_of(stores.documents, "u")


def test_a_failed_run_is_under_way_again_at_its_unfinished_phase(failed):
    assert upload(failed).status == progress(failed).status == "failed"

    assert redrive_run(failed.ports, "u", now=now()) == ["score"]

    assert drain(failed) == [("score", WORK.message())]
    assert (upload(failed).status, upload(failed).error) == ("processing", None)
    assert progress(failed).status == "in_progress"
    states = {step.name: step.state for step in progress(failed).phases}
    assert (states["enrich"], states["score"]) == ("done", "pending")


def test_a_redriven_phase_is_done_and_the_chain_goes_on(failed):
    before = progress(failed).progress
    redrive_run(failed.ports, "u", now=now())
    drain(failed)

    done(failed, "score")

    assert drain(failed) == [("candidates", WORK.message())]
    assert upload(failed).phases["score"].attempt == 2
    assert progress(failed).progress >= before


def test_a_redrive_that_broke_off_goes_on_when_it_is_said_again(failed):
    redrive_run(failed.ports, "u", now=now())
    first = upload(failed)

    assert redrive_run(failed.ports, "u", now=now()) == ["score"]
    assert upload(failed) == first


def test_a_progress_that_has_expired_begins_anew(failed):
    failed.documents.delete(["progress/u"])

    redrive_run(failed.ports, "u", now=now())

    assert progress(failed).status == "in_progress"


def test_the_sweep_may_set_a_redriven_run_going_once_more(failed):
    Collections(failed.documents).uploads.put(upload(failed).replace(redriven_run=1))

    redrive_run(failed.ports, "u", now=now())

    assert upload(failed).redriven_run == 0


def test_only_what_failed_is_redriven(failed):
    redrive_run(failed.ports, "u", now=now())
    for status in ("completed", "cancelled", "awaiting_files"):
        Collections(failed.documents).uploads.put(upload(failed).replace(status=status))
        told = status.replace("_", " ")
        with pytest.raises(NothingToRedrive, match=f"u did not fail: it is {told}"):
            redrive_run(failed.ports, "u", now=now())

    with pytest.raises(NothingToRedrive, match="no upload nobody"):
        redrive_run(failed.ports, "nobody", now=now())
