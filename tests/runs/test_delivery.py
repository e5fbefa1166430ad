from dataclasses import replace

import pytest

from pipeline_lib import topology
from pipeline_lib.clock import now
from pipeline_lib.errors import BadExport, LeaseHeld
from pipeline_lib.messages import Landing, Message, Outcome, Work
from pipeline_lib.records.collections import Collections
from pipeline_lib.records.uploads import Failure
from pipeline_lib.runs.delivery import deliver
from tests.uploads import begun, opened, progress_of, upload_of

WORK = Work("u", 1)
DONE = Outcome(read={"products": 3}, kept={"scored": 3})


@pytest.fixture
def ports(stores):
    begun(stores.documents, "u", shop="shop", now=now())
    return stores.ports


def send(ports, run, name="score", message=None):
    deliver(topology.phase(name), run, message or WORK.message(), ports)


def upload(ports):
    return upload_of(ports.documents, "u")


def progress(ports):
    return progress_of(ports.documents, "u")


def lease(ports, phase="score"):
    return Collections(ports.documents).leases.read(f"u.1.{phase}")


def published(stores):
    taken = []
    while delivery := stores.topics.take():
        taken.append((delivery.topic, delivery.message))
    return taken


def test_a_phase_runs_once_and_a_duplicate_publishes_what_nobody_has_claimed(ports, stores):
    runs = []

    def run(job):
        runs.append(job.work)
        return DONE

    send(ports, run)
    send(ports, run)

    assert runs == [WORK]
    assert published(stores) == [("candidates", WORK.message())] * 2


def test_a_duplicate_whose_follow_up_was_claimed_publishes_nothing(ports, stores):
    send(ports, lambda _: DONE)
    send(ports, lambda _: DONE, name="candidates")
    published(stores)

    send(ports, lambda _: pytest.fail("the work is done"))

    assert published(stores) == []


def test_a_phase_record_holds_times_attempt_and_counts(ports):
    send(ports, lambda _: DONE)

    record = upload(ports).phases["score"]
    assert (record.state, record.attempt) == ("done", 1)
    assert (record.input, record.output) == ({"products": 3}, {"scored": 3})
    assert record.ended_at >= record.started_at
    assert record.ms >= 0


def test_a_failure_is_raised_for_a_redelivery_which_may_begin_at_once(ports, stores):
    def fail(_):
        raise OSError("customer anna@example.com has no disk")

    with pytest.raises(OSError, match="disk"):
        send(ports, fail)
    assert upload(ports).phases["score"].error == "OSError"
    assert upload(ports).status == "processing"

    send(ports, lambda _: DONE)
    assert upload(ports).phases["score"].attempt == 2
    assert upload(ports).phases["score"].error is None
    assert published(stores) == [("candidates", WORK.message())]


def test_a_refusal_ends_the_run_in_plain_words_and_is_not_tried_again(ports, stores):
    def refuse(_):
        raise BadExport("o.csv", "has no rows", 1)

    send(ports, refuse)
    send(ports, lambda _: DONE)

    assert upload(ports).status == "failed"
    assert upload(ports).error == Failure(
        code="BAD_EXPORT", message="o.csv, row 1: has no rows", phase="score"
    )
    assert upload(ports).phases["score"].state == "failed"
    assert progress(ports).status == "failed"
    assert progress(ports).message == "o.csv, row 1: has no rows"
    assert published(stores) == []
    assert lease(ports).record.state == "free"


def test_a_refused_preview_does_not_end_the_run(ports):
    def refuse(_):
        raise BadExport("o.csv", "has no pairs")

    send(ports, refuse, name="quickstart")

    assert upload(ports).status == "processing"


def test_work_that_another_holds_is_asked_for_again(ports):
    def while_running(_):
        with pytest.raises(LeaseHeld):
            send(ports, lambda _: DONE)
        return DONE

    send(ports, while_running)

    assert upload(ports).phases["score"].attempt == 1


def test_a_cancelled_run_ends_at_the_next_heartbeat(ports, stores):
    def run(job):
        Collections(ports.documents).uploads.put(upload(ports).with_cancel_requested())
        job.beat("still at it")
        raise AssertionError("the heartbeat said nothing")

    send(ports, run)

    assert upload(ports).status == "cancelled"
    assert upload(ports).phases["score"].state == "cancelled"
    assert progress(ports).status == "cancelled"
    assert published(stores) == []
    assert lease(ports).record.state == "free"


def test_a_run_that_somebody_cancelled_begins_no_further_phase(ports, stores):
    Collections(ports.documents).uploads.put(upload(ports).with_cancel_requested())

    send(ports, lambda _: pytest.fail("a phase began"))

    assert upload(ports).status == "cancelled"
    assert published(stores) == []


def test_a_zombie_that_finishes_late_changes_nothing_and_publishes_nothing(ports, stores):
    def overtaken(_):
        held = lease(ports).record
        Collections(ports.documents).leases.put(held.replace(fence=held.fence + 1))
        return DONE

    send(ports, overtaken)

    assert upload(ports).phases["score"].state == "running"
    assert published(stores) == []


def test_a_crash_between_kept_and_published_heals_by_redelivery(ports, stores):
    class Gone(BaseException):
        pass

    class Broken:
        def publish(self, topic, message):
            raise Gone

    with pytest.raises(Gone):
        send(replace(ports, topics=Broken()), lambda _: DONE)
    send(ports, lambda _: pytest.fail("the work is done"))

    assert published(stores) == [("candidates", WORK.message())]


@pytest.mark.parametrize(
    "message",
    [
        Message(b"not json", {}),
        Message(b"{}", {}),
        Message(b"[1]", {}),
        Work("nobody", 1).message(),
        Work("u", 7).message(),
    ],
)
def test_a_message_that_is_none_of_ours_is_dropped(ports, stores, message):
    send(ports, lambda _: pytest.fail("it ran"), message=message)

    assert published(stores) == []


def test_the_run_begins_when_the_last_declared_file_has_landed(stores):
    opened(stores.documents, "v", shop="shop", slots=("orders", "products"), now=now())
    runs = []

    def run(job):
        runs.append(dict(job.files))
        return Outcome(read={}, kept={})

    orders, products = "v/orders/orders.csv", "v/products/products.csv"
    for name in (orders, "v/other.csv", products, orders, products):
        send(stores.ports, run, name="ingest", message=Landing(name, "1").message())

    assert runs == [{"orders": orders, "products": products}]
    assert upload_of(stores.documents, "v").run == 1


def test_the_notices_of_other_files_ask_for_nothing_once_the_run_has_begun(stores):
    names = opened(
        stores.documents, "v", shop="shop", slots=("orders", "products", "inventory"), now=now()
    )
    for name in names.values():
        send(stores.ports, lambda _: DONE, name="ingest", message=Landing(name, "1").message())
    first_walk = published(stores)

    send(
        stores.ports,
        lambda _: pytest.fail("it runs already"),
        name="ingest",
        message=Landing(names["orders"], "1").message(),
    )

    assert [topic for topic, _ in first_walk] == ["quickstart", "enrich"]
    assert published(stores) == []


def test_a_finished_run_is_complete_in_both_documents(ports):
    send(ports, lambda _: Outcome(read={}, kept={}), name="finalize")

    assert upload(ports).status == "completed"
    assert upload(ports).completed_at is not None
    assert (progress(ports).status, progress(ports).progress) == ("completed", 100)


class Counting:
    """A port of which every call is counted."""

    def __init__(self, port, calls):
        self._port, self._calls = port, calls

    def __getattr__(self, name):
        def call(*arguments, **named):
            self._calls.append(name)
            return getattr(self._port, name)(*arguments, **named)

        return call


def test_a_phase_that_does_nothing_takes_at_most_eight_operations(ports, stores):
    calls = []
    names = ("landing", "artefacts", "documents", "topics", "secrets")
    counted = replace(ports, **{name: Counting(getattr(ports, name), calls) for name in names})

    send(counted, lambda _: DONE)

    assert published(stores) == [("candidates", WORK.message())]
    assert len(calls) <= 8, calls
