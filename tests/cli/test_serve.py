import json
import signal
import subprocess
import sys
import time
import urllib.request

import pytest

from pipeline_lib.runtime import laptop
from pipeline_lib.runtime.laptop import AddressInUse
from tests.shops import cut, exports

SHOP = "my-shop.myshopify.com"


def call(url, token, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, data, headers)  # noqa: S310 - our own address
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - as above
        return json.load(answer)


def send(address, data):
    request = urllib.request.Request(  # noqa: S310 - our own address
        address["url"], data, address["headers"], method=address["method"]
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - as above
        return answer.status


def test_a_shop_sends_its_files_and_gets_its_bundles(tmp_path):
    with laptop.serve_folder(tmp_path, port=0, shop=SHOP) as there:
        session = call(f"{there.url}/api/uploads", there.token, {"files": [{"csvType": "orders"}]})
        status = send(session["files"][0]["upload"], cut(exports()["orders"], 1_250))
        progress = f"{there.url}/api/generation-progress/{session['uploadId']}"
        until = time.monotonic() + 60
        while call(progress, there.token)["status"] == "in_progress" and time.monotonic() < until:
            time.sleep(0.1)
        found = call(f"{there.url}/api/bundle-recommendations", there.token)
        flags = call(f"{there.url}/api/admin/flags", there.keys["viewer"])

    assert status == 200
    assert found["total"] > 10
    assert flags["flags"]["bundling.enabled"] is True


def test_a_port_that_is_taken_is_told(tmp_path):
    with laptop.serve_folder(tmp_path / "a", port=0, shop=SHOP) as there:
        port = int(there.url.rsplit(":", 1)[1])

        with pytest.raises(AddressInUse, match="--port"):
            laptop.serve_folder(tmp_path / "b", port=port, shop=SHOP).__enter__()


def test_the_command_prints_what_opens_it_and_ends_when_interrupted(tmp_path):
    command = [sys.executable, "-m", "pipeline_lib.cli.main", "serve"]
    with subprocess.Popen(
        [*command, "--port", "0", "--folder", str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as process:
        told = dict(process.stdout.readline().split()[:2] for _ in range(7))

        answer = call(f"{told['serving']}/api/csv-uploads", told["token"])
        process.send_signal(signal.SIGINT)

    assert answer == {"uploads": [], "next_cursor": None}
    assert process.returncode == 130
    assert set(told) == {"serving", "console", "shop", "token", "viewer", "operator", "admin"}
