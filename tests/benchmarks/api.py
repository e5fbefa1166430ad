"""How long the interface takes to answer fifty clients while runs go on, and beside open streams.

Each client does what the app does: it asks for progress when it was told to, reads what there is
to review, opens uploads. It waits a little between two calls, as people and pollers do. The
clients are in a process of their own, and who sends the files is in another, so that none of
them slows down what is measured.

Then so many clients listen to one run while others call: how many saw its last frame, and how
long the others' calls took meanwhile. ``--streams 0`` leaves that out.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from multiprocessing import get_context
from pathlib import Path
from threading import Semaphore
from types import SimpleNamespace
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.shops import cut, exports

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = 50
PAUSE_S = 2.0  # what `poll_after_ms` says
READS = {
    "progress": "/api/generation-progress/{upload}",
    "recommendations": "/api/bundle-recommendations?limit=20",
    "uploads": "/api/csv-uploads?limit=20",
    "dashboard": "/api/dashboard-stats",
}
OPENING = {"files": [{"csvType": "orders"}]}
GOAL_MS = {"POST": 100, "GET": 25}
BESIDE_STREAMS_MS, TOO_MANY = 50, 429
STREAM = "/api/generate-bundles/stream?csvUploadId={upload}"


class Client:
    """One connection that is kept, as a browser keeps it."""

    def __init__(self, there):
        self.headers = {"Authorization": f"Bearer {there.token}"}
        self.connection = HTTPConnection(urlsplit(there.url).netloc, timeout=60)

    def call(self, method, path, body=None):
        headers = {**self.headers, **({"Content-Type": "application/json"} if body else {})}
        begun = time.perf_counter()
        self.connection.request(method, path, json.dumps(body) if body else None, headers)
        answer = self.connection.getresponse()
        data = answer.read()
        assert answer.status < 400, (method, path, answer.status, data[:200])
        return json.loads(data), (time.perf_counter() - begun) * 1000


@contextmanager
def served(folder):
    """The command, as a person starts it; where it listens, its token and its process."""
    command = [sys.executable, "-m", "pipeline_lib.cli.main", "serve", "--port", "0"]
    with subprocess.Popen(
        [*command, "--folder", folder], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        told = {}
        while "admin" not in told:
            name, value = process.stdout.readline().split()[:2]
            told[name] = value
        try:
            yield SimpleNamespace(url=told["serving"], token=told["token"], process=process.pid)
        finally:
            process.send_signal(signal.SIGINT)


def peak_mb(process):
    """What the process and those that it started held at most, in megabytes, each."""
    status = Path(f"/proc/{process}/status").read_text()
    most = next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [int(most) // 1024, *(one for child in children for one in peak_mb(int(child)))]


def upload(there, lines, number):
    """Send the first lines of the orders, which no number but this one sends; the upload's id."""
    data = cut(exports()["orders"], lines) + b"\n" * number
    body = {"csvType": "orders", "csvData": data.decode(), "triggerPipeline": True}
    return Client(there).call("POST", "/api/shopify/upload", body)[0]["uploadId"]


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


def run_on(there, lines, first, until):
    """Keep a run going: when one is over, send a file anew. How many files were sent."""
    client, running, number = Client(there), first, 1
    while time.monotonic() < until:
        if client.call("GET", f"/api/upload-status/{running}")[0]["status"] != "processing":
            number += 1
            running = upload(there, lines, number)
        time.sleep(0.2)
    return number


def measured(there, lines, seconds):
    """The milliseconds of each call by its name, and how many runs were begun meanwhile."""
    client, took = Client(there), defaultdict(list)
    small = upload(there, 3_000, 0)
    while client.call("GET", f"/api/upload-status/{small}")[0]["status"] == "processing":
        time.sleep(0.2)
    with (
        ThreadPoolExecutor(CLIENTS) as pool,
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as other,
    ):
        running = other.submit(upload, there, lines, 1).result()
        until = time.monotonic() + seconds
        runs = other.submit(run_on, there, lines, running, until)
        jobs = [pool.submit(visit, there, running, until, seed) for seed in range(CLIENTS)]
        for job in jobs:
            for name, values in job.result().items():
                took[name] += values
        return took, runs.result()


def listen(there, upload_id, begun):
    """Listen until the stream ends; whether the last frame came."""
    client, status = Client(there), TOO_MANY
    while status == TOO_MANY:  # one shop may not open all of them at once
        client.connection.request("GET", STREAM.format(upload=upload_id), headers=client.headers)
        answer = client.connection.getresponse()
        status = answer.status
        if status == TOO_MANY:
            answer.read()
            time.sleep(float(answer.headers["Retry-After"]))
    begun.release()
    text = answer.read().decode()
    return '"phase": "complete"' in text.rsplit("data: ", 1)[-1]


def beside_streams(there, lines, streams):
    """How many streams saw the end of one run, and the milliseconds of other calls meanwhile."""
    running = upload(there, lines, 1_000_000)
    begun, took, client = Semaphore(0), [], Client(there)
    with ThreadPoolExecutor(streams) as pool:
        heard = [pool.submit(listen, there, running, begun) for _ in range(streams)]
        for _ in range(streams):
            begun.acquire()
        while not all(one.done() for one in heard):
            paths = [READS[name].format(upload=running) for name in sorted(READS)]
            took += [client.call("GET", path)[1] for path in paths]
            time.sleep(0.05)
    return sum(one.result() for one in heard), sorted(took)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="a small shop, ten seconds")
    options.add_argument("--streams", type=int, default=300, help="listeners to one run (300)")
    options.add_argument("--json", action="store_true", help="one object a row")
    given = options.parse_args()
    lines, seconds = (20_000, 10) if given.quick else (50_000, 60)
    with tempfile.TemporaryDirectory() as folder, served(folder) as there:
        took, runs = measured(there, lines, seconds)
        peaks = peak_mb(there.process)
        heard, beside = beside_streams(there, lines, given.streams) if given.streams else (0, [])
    for kind in ("GET", "POST"):
        took[f"{kind} all"] = [
            value for name in list(took) if name.startswith(kind) for value in took[name]
        ]
    for name in sorted(took):
        row = figures(name, sorted(took[name]))
        print(json.dumps(row) if given.json else line(row))
    if beside:
        row = {**figures("GET beside streams", beside), "goal_p95_ms": BESIDE_STREAMS_MS}
        row |= {"streams": given.streams, "saw_the_end": heard}
        print(
            json.dumps(row)
            if given.json
            else f"{line(row)}   {heard} of {given.streams} saw the end"
        )
    others = {"runs": runs, "peak_mb": peaks, "load": round(os.getloadavg()[0], 1)}
    told = f"{runs} runs; peak {' + '.join(map(str, peaks))} MB; load average {others['load']}"
    print(json.dumps(others) if given.json else told)


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
