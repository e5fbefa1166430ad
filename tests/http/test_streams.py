import asyncio
import json
import socket
import threading
import time
from contextlib import closing, contextmanager
from dataclasses import replace
from http.client import HTTPConnection

import pytest

from pipeline_lib.http.hub import ProgressHub
from pipeline_lib.http.services import StreamPace
from pipeline_lib.records.progress import new_progress
from pipeline_lib.runs.ending import end_run
from pipeline_lib.runtime import laptop
from tests.http.conftest import ORDERS, TEA

STREAM = "/api/generate-bundles/stream"


@pytest.fixture
def upload_id(ask):
    """An upload whose run is under way."""
    text = {"csvType": "orders", "csvData": ORDERS.decode(), "triggerPipeline": True}
    return ask("POST", "/api/shopify/upload", text).json()["uploadId"]


@contextmanager
def serving(services):
    """The interface as it is served, on a port of its own."""
    with closing(socket.create_server(("127.0.0.1", 0))) as bound:
        port = bound.getsockname()[1]
        with laptop.answering(services, bound):
            yield port


@contextmanager
def listening(port, token, upload_id, **headers):
    """An open stream of the upload's run."""
    with closing(HTTPConnection("localhost", port, timeout=20)) as connection:
        headers["Authorization"] = f"Bearer {token}"
        connection.request("GET", f"{STREAM}?csvUploadId={upload_id}", headers=headers)
        yield connection.getresponse()


def frames(text):
    """What the events of a stream say."""
    parts = [part for part in text.split("\n\n") if "data: " in part]
    return [json.loads(part.split("data: ")[1]) for part in parts]


def next_event(answer):
    """The next event or comment of a stream, with the line that ends it."""
    lines = [answer.readline().decode()]
    while lines[-1] not in {"\n", ""}:
        lines.append(answer.readline().decode())
    return "".join(lines)


def test_who_comes_back_to_a_run_that_is_over_hears_what_was_missed_and_then_nothing(
    ask, collections, drain, upload_id
):
    drain()
    newest = collections.progress.read(upload_id).version

    path = f"{STREAM}?csvUploadId={upload_id}"
    missed = ask("GET", path, headers={"Last-Event-ID": "1"})
    nothing = ask("GET", path, headers={"Last-Event-ID": newest})

    assert f"id: {newest}" in missed.text
    assert frames(missed.text)[-1]["phase"] == "complete"
    assert (nothing.status_code, nothing.content) == (204, b"")


def test_a_stream_is_kept_alive_and_ends_before_its_function_does(ask, services, upload_id):
    hurried = replace(services, pace=StreamPace(beat_s=0.2, longest_s=0.5))

    with serving(hurried) as port, listening(port, ask.session(), upload_id) as answer:
        text = answer.read().decode()

    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert text.startswith("retry: 2000\n\n")
    assert frames(text)[0]["phase"] == "starting"
    assert text.count(": heartbeat\n\n") in {2, 3}


def test_all_listeners_of_a_run_share_one_watch_and_see_its_end(
    ask, services, collections, clock, upload_id
):
    seen = []

    def listen(port, token):
        with listening(port, token, upload_id) as answer:
            seen.append(frames(answer.read().decode())[-1])

    with serving(services) as port:
        threads = [threading.Thread(target=listen, args=(port, ask.session())) for _ in range(20)]
        for thread in threads:
            thread.start()
        wait_until(lambda: services.hub.listeners == 20)
        watches = services.hub.watched
        work = collections.uploads.read(upload_id).record.work
        end_run(collections, work, status="failed", message="No orders", now=clock())
        for thread in threads:
            thread.join(20)

        assert watches == 1
        assert [one["error"] for one in seen] == ["No orders"] * 20
        wait_until(lambda: not services.hub.watched)


def test_who_hangs_up_leaves_nothing_behind(ask, services, upload_id):
    def watching():
        return [thread for thread in threading.enumerate() if thread.name.startswith("watch ")]

    with serving(services) as port:
        with listening(port, ask.session(), upload_id) as answer:
            next_event(answer)
            next_event(answer)
            assert services.hub.watched == 1
            answer.close()

        wait_until(lambda: not services.hub.watched and not watching())


def test_streams_end_when_the_process_is_asked_to_end(ask, services, upload_id):
    with serving(services) as port, listening(port, ask.session(), upload_id) as answer:
        next_event(answer)
        next_event(answer)
        begun = time.monotonic()
        services.hub.close()
        answer.read()

    assert time.monotonic() - begun < 5


def test_a_slow_listener_sees_the_newest_frame_and_none_in_between(stores, collections, clock):
    fresh = new_progress(upload_id="u", shop_id=TEA, run=1, now=clock())

    async def heard():
        hub = ProgressHub(stores.documents)
        messages = []
        async for frame in hub.frames(collections.progress.path("u"), beat_s=1):
            if frame is None:
                break
            messages.append(json.loads(frame.text.split("data: ")[1])["message"])
            for number in range(50):
                collections.progress.put(fresh.replace(message=f"{len(messages)}.{number}"))
            await asyncio.sleep(0.5)
            if len(messages) == 3:
                break
        return messages

    collections.progress.put(fresh)
    assert asyncio.run(heard()) == ["Waiting to start", "1.49", "2.49"]


def test_a_run_is_begun_and_listened_to(ask, drain):
    text = {"csvType": "orders", "csvData": ORDERS.decode(), "runId": "r"}
    waiting = ask("POST", "/api/shopify/upload", text).json()["uploadId"]
    worker = threading.Timer(0.3, drain)
    worker.start()

    answer = ask("POST", STREAM, {"csvUploadId": waiting})
    worker.join()

    assert frames(answer.text)[-1]["phase"] == "complete"


def wait_until(is_so, *, seconds=10):
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.02)
