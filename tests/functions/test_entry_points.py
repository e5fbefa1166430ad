import base64
import json
import logging
from pathlib import Path

import functions_framework
import pytest

from pipeline_lib import logs, topology
from pipeline_lib.clock import now
from pipeline_lib.messages import Landing, Message, Work
from pipeline_lib.runtime import receiver, wiring
from tests.shops import cut, exports
from tests.uploads import begun, opened

ROOT = Path(__file__).resolve().parents[2]
NAMES = [row.name for row in topology.phases() if row.wakes_on != "http"]


@pytest.fixture
def stores(tmp_path, monkeypatch):
    monkeypatch.setenv("PIPELINE_LOCAL_FOLDER", str(tmp_path))
    wiring.ports.forget()
    receiver.log_to_stdout.cache_clear()
    stores = wiring.embedded(tmp_path)
    yield stores
    stores.close()
    wiring.ports.forget()
    receiver.log_to_stdout.cache_clear()
    logs.send_to(logging.NullHandler())


@pytest.fixture
def push(stores):
    """Pushes a message to a function as Pub/Sub does, and gives back the answer's status."""

    def post(name, message):
        app = functions_framework.create_app("main", str(ROOT / f"functions/{name}/main.py"))
        body = {
            "message": {
                "data": base64.b64encode(message.data).decode(),
                "attributes": dict(message.attributes),
                "messageId": "1",
                "publishTime": "2026-01-01T00:00:00Z",
            },
            "subscription": f"projects/p/subscriptions/{name}",
        }
        return app.test_client().post("/", json=body).status_code

    return post


@pytest.mark.parametrize("name", NAMES)
def test_a_raw_push_of_no_use_is_acknowledged(push, name):
    assert push(name, Work("nobody", 1).message()) == 200
    assert push(name, Message(b"{}", {})) == 200


def test_the_whole_chain_runs_push_by_push(stores, collections, push, capsys):
    [orders] = opened(stores.documents, "u", shop="s", now=now()).values()
    stores.ports.landing.write_once(orders, cut(exports()["orders"], 3_000))

    while delivery := stores.topics.take():
        assert push(delivery.topic, delivery.message) == 200
        stores.topics.acknowledge(delivery)

    assert collections.uploads.read("u").record.status == "completed"
    assert len(collections.recommendations.find(shop_id="s")) >= 20
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    ended = {line["phase"]: line for line in lines if line["event"] == "phase_completed"}
    started = [line["phase"] for line in lines if line["event"] == "phase_started"]
    assert sorted(started) == sorted(ended)
    assert set(ended) == {row.name for row in topology.phases() if row.role != "service"}
    for line in ended.values():
        assert line["duration_ms"] >= 0
        assert line["input"]
        assert "output" in line
    assert [line["status"] for line in lines if line["event"] == "run_ended"] == ["completed"]


def test_what_should_come_again_is_answered_with_an_error(stores, collections, push):
    begun(stores.documents, "u", shop="s", now=now())

    assert push("score", Work("u", 1).message()) == 500
    assert collections.uploads.read("u").record.phases["score"].state == "failed"


def test_a_notice_of_a_landed_file_wakes_only_what_it_is_for(stores, push):
    assert push("ingest", Landing("nobody/orders/o.csv", "1").message()) == 200
    assert stores.topics.waiting() == 0


def test_a_missing_setting_is_named(push, monkeypatch):
    monkeypatch.delenv("PIPELINE_LOCAL_FOLDER")
    wiring.ports.forget()

    assert push("score", Work("u", 1).message()) == 500
