import json
import re
import shutil
import signal
import subprocess
import sys
import time
from datetime import timedelta
from queue import Empty

import polars as pl
import pytest

from dev.emulators.cloud import apply_environ, cloud
from dev.emulators.scheduler import run_scheduler
from dev.emulators.servers import HOST, PROJECT
from pipeline_lib import frames, topology
from pipeline_lib.cli.main import main
from pipeline_lib.clock import now
from pipeline_lib.exports.keys import hash_customers
from pipeline_lib.messages import Work
from pipeline_lib.records.collections import Collections
from pipeline_lib.records.uploads import Upload
from pipeline_lib.records.webhooks import Subject
from pipeline_lib.runs.job import Artefacts
from pipeline_lib.runtime import wiring
from tests import planted
from tests import uploads as made_uploads
from tests.emulators.runs import SHOP, begun, ended, made, made_embedded, open_for
from tests.listeners.listeners import in_browser, in_node
from tests.shops import ABSENT, SHARED, small_exports

pytestmark = [pytest.mark.emulators]

CHAIN = [row.name for row in topology.chain()]
LISTEN_S = 20
ERASED_S = 240  # a run, and a message that comes again with its back-off


@pytest.fixture(scope="module")
def there(emulators_found, tmp_path_factory):
    """Every function as it is deployed; gives the running cloud and its ports."""
    with (
        cloud(tmp_path_factory.mktemp("logs")) as running,
        apply_environ(running.environ),
    ):
        yield running, wiring.ports_of(running.environ)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return small_exports(tmp_path_factory.mktemp("exports"), lines=2_000)


def test_two_weeks_give_the_same_bytes_from_a_signed_put_as_on_the_embedded_stores(there, tmp_path):
    if not SHARED.exists():
        pytest.skip(ABSENT)
    running, ports = there
    files = {"orders": tmp_path / "orders_export.csv.gz"}
    shutil.copy(SHARED / "orders_export_two_weeks.csv.gz", files["orders"])

    begun(running.environ, ports, "weeks", files)

    assert ended(ports, "weeks").status == "completed"
    assert made(ports, "weeks") == made_embedded(tmp_path / "state", "weeks", files)
    shown = Collections(ports.documents).recommendations.find(upload_id="weeks")
    assert {one["id"] for one in json.loads(made(ports, "weeks"))} == {
        found.record.id for found in shown
    }


def test_an_erased_shopper_is_in_no_object_and_in_no_document(there, tmp_path):
    running, ports = there
    orders = tmp_path / "orders.csv"
    orders.write_bytes(planted.planted())
    begun(running.environ, ports, "erased", {"orders": orders})
    assert ended(ports, "erased").status == "completed"
    key = running.environ["BUNDLECHAIN_CUSTOMER_KEY"].encode()
    known = hash_customers(pl.Series([planted.EMAIL]), key)[0]
    webhook = planted.received(Subject(customers=(known,)), shop=SHOP)
    stored = Collections(ports.documents)
    lines = Artefacts(ports.artefacts, Work("erased", 1)).frame(frames.OrderLines)
    assert known in lines["customer"]

    stored.put(webhook)
    ports.topics.publish("redact", webhook.task.message())
    until = time.monotonic() + ERASED_S
    while (done := stored.webhooks.read(webhook.id).record).state == "open":
        assert time.monotonic() < until, stored.uploads.read("erased").record
        time.sleep(0.5)

    assert done.runs["erased.1"].carried_over_to == 2
    assert done.files["erased"] == 1
    assert ports.landing.names("erased/") == []
    assert {name.split("/")[1] for name in ports.artefacts.names("erased/")} == {"2"}
    left = Artefacts(ports.artefacts, Work("erased", 2))
    assert len(left.frame(frames.OrderLines)) == len(
        lines.filter(pl.col("customer").ne_missing(known))
    )
    assert known not in left.frame(frames.PlacedOrders)["customer"]
    assert stored.recommendations.find(upload_id="erased")


@pytest.mark.parametrize("place", [in_node, in_browser], ids=["node", "browser"])
def test_the_web_sdk_sees_every_phase_and_nothing_is_told_to_others(there, small, tmp_path, place):
    running, ports = there
    upload = f"listened-{place.__name__}"
    open_for(ports.documents, upload, small)
    tokens = {
        "own": claims(upload),
        "other shop": claims(upload, shop="another"),
        "other upload": claims("another"),
        "nobody": None,
        "own writes": claims(upload),
    }
    listeners = {
        who: asked(running, upload, token, writes=who != "own") for who, token in tokens.items()
    }

    with place(listeners, tmp_path) as told:
        first = told["own"].get(timeout=LISTEN_S)["seen"]
        for who in ("other shop", "other upload", "nobody"):
            assert told[who].get(timeout=LISTEN_S) == {"denied": "permission-denied"}
            assert told[who].get(timeout=LISTEN_S) == {"refused": "permission-denied"}
        assert "seen" in told["own writes"].get(timeout=LISTEN_S)
        while "seen" in (said := told["own writes"].get(timeout=LISTEN_S)):
            continue  # its own write, which it shows until it is refused, and what was there
        assert said == {"refused": "permission-denied"}
        begun(running.environ, ports, upload, small)
        seen = [first, *until_over(told["own"])]

    for who in ("other shop", "other upload", "nobody"):
        assert all_of(told[who]) == []
    assert first["status"] == "in_progress"
    assert set(CHAIN) <= {version["phase"] for version in seen}
    assert {entry["state"] for entry in seen[-1]["phases"] if entry["name"] in CHAIN} == {"done"}
    assert [version["progress"] for version in seen] == sorted(
        version["progress"] for version in seen
    )


def claims(upload, shop=SHOP):
    return {"sub": "someone", "shop_id": shop, "upload_id": upload}


def asked(running, upload, token, *, writes):
    return {
        "host": HOST,
        "port": running.emulators.firestore,
        "project": PROJECT,
        "path": f"progress/{upload}",
        "claims": token,
        "writes": writes,
    }


def until_over(told):
    """Each version that a listener is told, up to the end of the run."""
    while True:
        version = told.get(timeout=LISTEN_S)["seen"]
        yield version
        if version["status"] != "in_progress":
            return


def all_of(told):
    """What a listener has been told so far."""
    said = []
    while True:
        try:
            said.append(told.get_nowait())
        except Empty:
            return said


def test_the_command_runs_the_chain_and_shows_it(emulators_found, small, tmp_path, capsys):
    given = [word for slot, file in small.items() for word in (f"--{slot}", str(file))]

    assert main(["emulate", *given, "--shop", "tea", "--out", str(tmp_path / "there")]) == 0
    shown = capsys.readouterr().out
    assert main(["run", *given, "--shop", "tea", "--out", str(tmp_path / "here")]) == 0

    assert "100 %  finalize: Your bundles are ready" in shown
    assert (tmp_path / "there/recommendations.json").read_bytes() == (
        tmp_path / "here/recommendations.json"
    ).read_bytes()


def test_an_app_sends_its_file_to_a_signed_address_and_reviews_its_bundles(
    there, capsys, monkeypatch
):
    running, ports = there
    for name in ("BUNDLECHAIN_SHOPIFY_CLIENT_ID", "BUNDLECHAIN_SHOPIFY_CLIENT_SECRET"):
        monkeypatch.setenv(name, running.public[name])

    assert main(["smoke", "--url", running.url]) == 0

    count, upload_id = re.match(r"(\d+) bundles of upload (\S+)", capsys.readouterr().out).groups()
    assert int(count) > 10
    assert len(Collections(ports.documents).recommendations.find(upload_id=upload_id)) == int(count)


def test_a_stuck_run_is_swept_when_the_clock_says_so(there):
    running, ports = there
    long_ago = now() - timedelta(minutes=11)
    made_uploads.begun(ports.documents, "stuck", shop=SHOP, now=long_ago)
    Collections(ports.documents).uploads.change("stuck", Upload.with_cancel_requested)

    with run_scheduler(running.functions, every_s=0.5):
        swept = ended(ports, "stuck")

    assert swept.redriven_run == 1
    assert swept.status == "cancelled", swept


def test_without_files_the_command_serves_until_it_is_interrupted(emulators_found, tmp_path):
    command = [sys.executable, "-m", "pipeline_lib.cli.main", "emulate", "--out", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        said = [process.stdout.readline().split() for _ in range(8)][1:]
        told = {words[0]: words[1] for words in said}

        status = main(["smoke", "--url", told["serving"], "--token", told["token"]])
        process.send_signal(signal.SIGINT)

    assert status == 0
    assert process.returncode == 130
    assert set(told) == {"serving", "console", "shop", "token", "viewer", "operator", "admin"}
