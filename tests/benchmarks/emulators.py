"""Times hops and listeners on Google's emulators, and hops on the embedded stores; no verdict.

Runs of a small part of the sample shop, one after the other, while Firebase's web SDK listens in
Node. Prints a table, or with --json one object a row:
    name: `hop, emulators` and `hop, embedded` (a message is left → the next phase has its lease),
    or `seen by a listener` (a progress is made → the web SDK has it);
    median_ms, p99_ms, most_ms; count: how many were measured; target_ms: of median and of p99;
    warmed: how many runs went before and are not counted, because a process's first message
    opens its clients and loads what later ones find.
--quick counts two runs in place of eight; both are warm.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from contextlib import suppress
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from dev.emulators import installation  # noqa: E402
from dev.emulators.cloud import apply_environ, cloud  # noqa: E402
from dev.emulators.servers import HOST, PROJECT  # noqa: E402
from pipeline_lib import logs, topology  # noqa: E402
from pipeline_lib.adapters.local.topics import SqliteTopics  # noqa: E402
from pipeline_lib.errors import BadMessage  # noqa: E402
from pipeline_lib.messages import work_of  # noqa: E402
from pipeline_lib.runtime import wiring  # noqa: E402
from tests.emulators.runs import SHOP, begun, ended, made_embedded, open_for  # noqa: E402
from tests.shops import small_exports  # noqa: E402

NOTES = "BENCHMARK_NOTES"  # the file in which all processes note what happens
TARGETS = {"emulators": (150, None), "embedded": (5, None), "listener": (60, 250)}
LINES = 2_000
RUNS, QUICK_RUNS = 8, 2
WARMED = 2  # each process has two threads, and the first run may meet only one


def entry(name):
    """The entry point of a function that notes when it leaves a message and when it has a lease."""
    from pipeline_lib.adapters.google.topics import PubsubTopics

    noting(PubsubTopics)
    return import_module(f"functions.{name}.main").main


def noting(topics):
    publish, log_started = topics.publish, logs.log_phase_start

    def published(self, topic, message):
        with suppress(BadMessage):  # a landed file: the bucket tells of it, not a phase
            note("left", topic, work_of(message).upload_id)
        publish(self, topic, message)

    def started(work, phase, attempt):  # as soon as it has the lease
        note("claimed", phase, work.upload_id)
        log_started(work, phase, attempt)

    topics.publish, logs.log_phase_start = published, started


def note(what, phase, upload_id):
    with Path(os.environ[NOTES]).open("a") as notes:
        notes.write(f"{what} {phase} {upload_id} {time.time()}\n")


def hops(notes, counted):
    """Milliseconds from leaving a message to the lease, for the uploads that count."""
    times = {}
    for line in notes.read_text().splitlines():
        what, phase, upload_id, at = line.split()
        times.setdefault((upload_id, phase), {}).setdefault(what, float(at))
    return [
        1000 * (both["claimed"] - both["left"])
        for (upload_id, _), both in times.items()
        if upload_id in counted and len(both) == 2
    ]


def on_emulators(folder, files, uploads):
    """Run all uploads; gives the listener's milliseconds of those that count."""
    mains = folder / "functions"
    mains.mkdir()
    for row in topology.phases():
        text = f"from tests.benchmarks.emulators import entry\nmain = entry({row.name!r})\n"
        (mains / f"{row.name}.py").write_text(text)
    sources = {row.name: mains / f"{row.name}.py" for row in topology.phases()}
    seen = []
    with cloud(folder / "logs", sources=sources) as running, apply_environ(running.environ):
        ports = wiring.ports_of(running.environ)
        for upload_id in uploads:
            taken = followed(running, ports, upload_id, files, folder)
            seen += taken if upload_id in counted(uploads) else []
    return seen


def followed(running, ports, upload_id, files, folder):
    """Run one upload with a listener; milliseconds from each progress to when it was seen."""
    from tests.listeners.listeners import in_node

    open_for(ports.documents, upload_id, files)
    listener = {
        "host": HOST,
        "port": running.emulators.firestore,
        "project": PROJECT,
        "path": f"progress/{upload_id}",
        "claims": {"sub": "someone", "shop_id": SHOP, "upload_id": upload_id},
        "writes": False,
    }
    with in_node({"own": listener}, folder) as told:
        told["own"].get(timeout=30)  # what was there before
        begun(running.environ, ports, upload_id, files)
        taken = []
        while True:
            version = told["own"].get(timeout=60)
            made_at = version["seen"]["updated_at"]
            made_ms = 1000 * made_at["seconds"] + made_at["nanoseconds"] / 1e6
            taken.append(version["at"] - made_ms)
            if version["seen"]["status"] != "in_progress":
                ended(ports, upload_id)
                return taken


def counted(uploads):
    return uploads[WARMED:]


def row(name, values, targets):
    ordered = sorted(values)
    return {
        "name": name,
        "median_ms": round(statistics.median(ordered), 1),
        "p99_ms": round(ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))], 1),
        "most_ms": round(ordered[-1], 1),
        "count": len(ordered),
        "warmed": WARMED,
        "target_ms": targets,
    }


def rows(runs):
    uploads = [f"run-{number}" for number in range(WARMED + runs)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = small_exports(folder / "exports", lines=LINES)
        os.environ[NOTES] = str(folder / "emulators.txt")
        seen = on_emulators(folder, files, uploads)
        yield row(
            "hop, emulators", hops(folder / "emulators.txt", counted(uploads)), TARGETS["emulators"]
        )
        yield row("seen by a listener", seen, TARGETS["listener"])
        os.environ[NOTES] = str(folder / "embedded.txt")
        noting(SqliteTopics)
        for upload_id in uploads:
            made_embedded(folder / upload_id, upload_id, files)
        yield row(
            "hop, embedded", hops(folder / "embedded.txt", counted(uploads)), TARGETS["embedded"]
        )


def main():
    given = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    given.add_argument("--quick", action="store_true", help="two runs in place of eight")
    given.add_argument("--json", action="store_true", help="one object a row")
    options = given.parse_args()
    try:
        installation.require_emulators()
    except installation.NoEmulators as reason:
        print(f"NOT MEASURED: {reason}", file=sys.stderr)
        return
    if not options.json:
        print(f"{WARMED} runs to warm up, not counted; milliseconds", flush=True)
    for one in rows(QUICK_RUNS if options.quick else RUNS):
        print(json.dumps(one) if options.json else line(one), flush=True)


def line(one):
    median, p99 = one["target_ms"]
    return (
        f"{one['name']:20} median {one['median_ms']:7.1f} ms (target {median})"
        f"  p99 {one['p99_ms']:7.1f} ms (target {p99 or '-'})  of {one['count']}"
    )


if __name__ == "__main__":
    main()
