import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

import pytest

from tests.http.conftest import ORDERS, ROOT
from tests.http.schema_meanings import configuration

EXAMPLES = os.environ.get("SCHEMA_EXAMPLES", "8")
SHOP = "my-shop.myshopify.com"
LEFT_OUT = [  # a stream lasts as long as its run; and all else is answered 503 once it is stopped
    *("--exclude-path", "/api/generate-bundles/stream"),
    *("--exclude-path", "/api/admin/kill-switch"),
]
IGNORED = "ignored_auth,missing_required_header"  # slowly: so it may ask
COMMON = ("--seed", "1", "--request-timeout", "30", "--continue-on-failure", "--no-color")


@contextmanager
def serving(folder):
    """A process that serves the system; gives what it printed."""
    command = [sys.executable, "-m", "pipeline_lib.cli.main", "serve", "--port", "0"]
    with subprocess.Popen(
        [*command, "--shop", SHOP, "--folder", str(folder)], stdout=subprocess.PIPE, text=True
    ) as process:
        told = {}
        while "admin" not in told:
            name, value, *_ = process.stdout.readline().split()
            told[name] = value
        try:
            yield told
        finally:
            process.send_signal(signal.SIGINT)


def call(told, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {told['token']}", "Content-Type": "application/json"}
    request = urllib.request.Request(told["serving"] + path, data, headers)  # noqa: S310 - our own
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - as above
        return json.load(answer)


def fill(told):
    """One of everything."""
    body = {"csvType": "orders", "csvData": ORDERS.decode(), "triggerPipeline": True}
    upload = call(told, "/api/shopify/upload", body)["uploadId"]
    while call(told, f"/api/generation-progress/{upload}")["status"] == "in_progress":
        time.sleep(0.2)
    found = call(told, "/api/bundle-recommendations?limit=1")["recommendations"][0]
    call(told, "/api/bundles", {"recommendationId": found["id"]})


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """What the process printed, and the environment in which schemathesis can call it."""
    folder = tmp_path_factory.mktemp("served")
    with serving(folder / "state") as told:
        fill(told)
        yield (
            f"{told['serving']}/api/openapi.json",
            {
                **os.environ,
                "SCHEMATHESIS_HOOKS": "tests.http.schema_hooks",
                "SCHEMA_TOKEN": told["token"],
                "SCHEMA_KEY": told["admin"],
                "SCHEMA_CLOCK_KEY": (folder / "state/secrets/clock_key").read_bytes().hex(),
                "SCHEMA_URL": told["serving"],
                "PYTHONPATH": str(ROOT),
            },
        )


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        ("--exclude-checks", IGNORED, "-n", EXAMPLES, "--rate-limit", "auto"),
        ("--checks", IGNORED, "--phases", "fuzzing", "-n", "1", "--rate-limit", "2/s"),
    ],
    ids=["all checks", "without a token"],
)
def test_whatever_is_sent_to_what_is_served_is_answered_as_documented(served, tmp_path, options):
    address, environ = served
    command = [sys.executable, "-m", "schemathesis.cli", "run", *LEFT_OUT, *options]
    report = tmp_path / "report.txt"
    (tmp_path / "schemathesis.toml").write_text(configuration())

    with report.open("w") as out:
        code = subprocess.run(
            [*command, *COMMON, address],
            env=environ,
            cwd=tmp_path,
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode

    assert code == 0, report.read_text()[-20_000:]
