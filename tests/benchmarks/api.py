"""How long the interface takes to answer fifty clients while a run goes on; served as on a laptop.

Each client does what the app does: it asks for progress when it was told to, reads what there is
to review, opens uploads. It waits a little between two calls, as people and pollers do.
"""

import argparse
import json
import logging
import random
import sys
import tempfile
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from pipeline_lib import logs
from pipeline_lib.runtime import laptop
from tests.shops import cut, exports

CLIENTS = 50
PAUSE_S = 2.0  # what `poll_after_ms` says
SHOP = "my-shop.myshopify.com"
READS = {
    "progress": "/api/generation-progress/{upload}",
    "recommendations": "/api/bundle-recommendations?limit=20",
    "uploads": "/api/csv-uploads?limit=20",
    "dashboard": "/api/dashboard-stats",
}
OPENING = {"files": [{"csvType": "orders"}]}
GOAL_MS = {"POST": 300, "GET": 50}


class Client:
    """One connection that is kept, as a browser keeps it."""

    def __init__(self, there):
        self._headers = {"Authorization": f"Bearer {there.token}"}
        self._connection = HTTPConnection(urlsplit(there.url).netloc, timeout=60)

    def call(self, method, path, body=None):
        headers = {**self._headers, **({"Content-Type": "application/json"} if body else {})}
        begun = time.perf_counter()
        self._connection.request(method, path, json.dumps(body) if body else None, headers)
        answer = self._connection.getresponse()
        data = answer.read()
        assert answer.status < 400, (method, path, answer.status, data[:200])
        return json.loads(data), (time.perf_counter() - begun) * 1000


def upload(there, data):
    client = Client(there)
    body = {"csvType": "orders", "csvData": data.decode(), "triggerPipeline": True}
    return client.call("POST", "/api/shopify/upload", body)[0]["uploadId"]


def visit(there, upload_id, until, seed):
    """What one client does until then; the milliseconds of each call by its name."""
    chance, client, took = random.Random(seed), Client(there), defaultdict(list)
    time.sleep(chance.random() * PAUSE_S)
    while time.monotonic() < until:
        if chance.random() < 0.1:
            took["POST uploads"].append(client.call("POST", "/api/uploads", OPENING)[1])
        else:
            name = chance.choice(sorted(READS))
            path = READS[name].format(upload=upload_id)
            took[f"GET {name}"].append(client.call("GET", path)[1])
        time.sleep(PAUSE_S * (0.5 + chance.random()))
    return took


def measured(there, orders, seconds):
    first = upload(there, cut(exports()["orders"], 3_000))
    client = Client(there)
    while client.call("GET", f"/api/upload-status/{first}")[0]["status"] == "processing":
        time.sleep(0.2)
    running = upload(there, orders)
    until = time.monotonic() + seconds
    took = defaultdict(list)
    with ThreadPoolExecutor(CLIENTS) as pool:
        jobs = [pool.submit(visit, there, running, until, seed) for seed in range(CLIENTS)]
        busy = 0.0
        while time.monotonic() < until:
            status = client.call("GET", f"/api/upload-status/{running}")[0]["status"]
            if status != "processing":
                running = upload(there, orders + b"\n" * (1 + int(busy * 10)))
            busy += 0.2
            time.sleep(0.2)
        for job in jobs:
            for name, values in job.result().items():
                took[name] += values
    return took


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="a small shop, ten seconds")
    options.add_argument("--json", action="store_true", help="one object a row")
    given = options.parse_args()
    lines, seconds = (20_000, 10) if given.quick else (50_000, 60)
    logs.to(logging.NullHandler())
    with (
        tempfile.TemporaryDirectory() as folder,
        laptop.served(Path(folder), port=0, shop=SHOP) as there,
    ):
        took = measured(there, cut(exports()["orders"], lines), seconds)
    for kind in ("GET", "POST"):
        took[f"{kind} all"] = [
            value for name in list(took) if name.startswith(kind) for value in took[name]
        ]
    for name in sorted(took):
        row = figures(name, sorted(took[name]))
        print(json.dumps(row) if given.json else line(row))


def figures(name, values):
    def at(share):
        return round(values[min(len(values) - 1, int(share * len(values)))], 1)

    goal = GOAL_MS[name.split()[0]]
    return {
        "call": name,
        "calls": len(values),
        "p50_ms": at(0.5),
        "p95_ms": at(0.95),
        "max_ms": round(values[-1], 1),
        "goal_p95_ms": goal,
    }


def line(row):
    return (
        f"{row['call']:<22} {row['calls']:>5} calls   p50 {row['p50_ms']:>7} ms   "
        f"p95 {row['p95_ms']:>7} ms (goal {row['goal_p95_ms']})   max {row['max_ms']:>7} ms"
    )


if __name__ == "__main__":
    main()
