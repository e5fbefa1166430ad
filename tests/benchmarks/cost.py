"""Counts and times a run of three sizes of shop and prices it; the prices stand in dev.cost.

Prints a table, or with --json one object a row:
    shop, lines: which file of orders; seconds: billed, of all functions together;
    amounts: of each priced thing in one run; dollars: of 1,000 runs by priced thing, and their sum.
Each delivery is counted at the ports and timed alone, on the embedded stores; a client listens.
The small shop runs once before, uncounted: what a first call loads is a cold start's, priced apart.
--quick leaves the large shop out.
"""

import argparse
import json
import os
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from math import ceil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from dev import cost, sample  # noqa: E402
from pipeline_lib.adapters.range_reader import BLOCK_BYTES  # noqa: E402
from pipeline_lib.cli import session  # noqa: E402
from pipeline_lib.records.collections import Collections  # noqa: E402
from pipeline_lib.records.uploads import Parameters  # noqa: E402
from pipeline_lib.runtime import wiring  # noqa: E402
from pipeline_lib.runtime.receiver import handler_of  # noqa: E402
from tests.uploads import upload_of  # noqa: E402

ROWS = json.loads((ROOT / "pipeline_lib/topology.json").read_text())["phases"]
MEMORY_MB = {row["name"]: row["memory_mb"] for row in ROWS}
API_MB = next(row["memory_mb"] for row in ROWS if row["wakes_on"] == "http")
SHOPS = {"small": 3_000, "middle": 50_000, "large": 540_000}
UPLOAD = "priced"


class CountedBlobs:
    """Blobs whose calls are counted as Cloud Storage bills them."""

    def __init__(self, blobs, counts):
        self._blobs, self._counts = blobs, counts

    def open(self, name):
        stream = self._blobs.open(name)
        self._counts["objects read"] += 1  # what it is, then what it holds
        if stream is not None:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(0)
            self._counts["objects read"] += max(1, ceil(size / BLOCK_BYTES))
        return stream

    def write_once(self, name, data):
        self._counts["objects written"] += 1
        return self._blobs.write_once(name, data)

    def names(self, prefix):
        self._counts["objects listed"] += 1
        return self._blobs.names(prefix)


class CountedDocuments:
    """Documents whose calls are counted as Firestore bills them."""

    def __init__(self, documents, counts, paths):
        self._documents, self._counts, self._paths = documents, counts, paths

    def read(self, path):
        self._counts["documents read"] += 1
        self._counts["document calls"] += 1
        return self._documents.read(path)

    def swap(self, path, data, *, since):
        self._written(path)
        self._counts["document calls"] += 1
        return self._documents.swap(path, data, since=since)

    def read_all(self, paths):
        self._counts["documents read"] += len(paths)
        self._counts["document calls"] += 1
        return self._documents.read_all(paths)

    def swap_all(self, changes):
        for change in changes:
            self._written(change.path)
        self._counts["document calls"] += 1
        return self._documents.swap_all(changes)

    def count(self, collection, where):
        self._counts["documents read"] += 1  # as a thousand that are counted
        self._counts["document calls"] += 1
        return self._documents.count(collection, where)

    def find(self, collection, where, *, order=None, most=None):
        found = self._documents.find(collection, where, order=order, most=most)
        self._counts["documents read"] += max(1, len(found))
        self._counts["document calls"] += 1
        return found

    def put(self, documents):
        for path in documents:
            self._written(path)
        self._counts["document calls"] += 1
        self._documents.put(documents)

    def delete(self, paths):
        self._counts["documents deleted"] += len(paths)
        self._counts["document calls"] += 1
        self._documents.delete(paths)

    def watch(self, path):
        return self._documents.watch(path)

    def _written(self, path):
        self._counts["documents written"] += 1
        self._counts["listened"] += path.startswith("progress/")
        self._paths.add(path)


class CountedTopics:
    """Topics whose messages are counted."""

    def __init__(self, topics, counts):
        self._topics, self._counts = topics, counts

    def publish(self, topic, message):
        self._counts["messages"] += 1
        self._topics.publish(topic, message)


def counted(ports, counts, paths):
    """The ports, each of whose calls is counted in ``counts``; ``paths`` are those written."""
    return replace(
        ports,
        landing=CountedBlobs(ports.landing, counts),
        artefacts=CountedBlobs(ports.artefacts, counts),
        documents=CountedDocuments(ports.documents, counts, paths),
        topics=CountedTopics(ports.topics, counts),
    )


def used(folder, files):
    """What one run of ``files`` uses."""
    stores = wiring.embedded(folder)
    counts, paths, calls = Counter(), set(), []
    ports = counted(stores.ports, counts, paths)
    stored = Collections(ports.documents)
    session.ensure_upload(stored, files, Parameters(), upload_id=UPLOAD, shop="shop")
    for slot, file in files.items():
        with file.open("rb") as stream:
            ports.landing.write_once(session.landing_name(UPLOAD, slot, file), stream)
        counts["messages"] += 1  # the bucket tells of it
        counts["objects read"] += 1  # ... which is billed as one
    while delivery := stores.topics.take():
        before = store_calls(counts)
        handler_of(delivery.topic)(delivery.message, ports)
        stores.topics.acknowledge(delivery)
        calls.append((delivery.topic, store_calls(counts) - before))
    upload = upload_of(stores.documents, UPLOAD)
    stores.close()
    if upload.status != "completed":
        raise SystemExit(f"the run is {upload.status}: {upload.error}")
    return usage(counts, paths, calls, upload, folder, files)


def store_calls(counts):
    names = ("document calls", "objects read", "objects written", "objects listed", "messages")
    return sum(counts[name] for name in names)


def usage(counts, paths, calls, upload, folder, files):
    artefacts = (file for file in (folder / "artefacts").rglob("*") if file.is_file())
    spent = {name: record.ms / 1000 for name, record in upload.phases.items()}
    last = {name: at for at, (name, _) in enumerate(calls)}  # earlier ones of a phase only noted
    return cost.Usage(
        calls=tuple(
            cost.Call(MEMORY_MB[name], spent[name] if last[name] == at else 0.0, made)
            for at, (name, made) in enumerate(calls)
        ),
        documents_read=counts["documents read"],
        documents_written=counts["documents written"],
        documents_kept=len(paths),
        listened=counts["listened"],
        messages=counts["messages"],
        objects_written=counts["objects written"],
        objects_listed=counts["objects listed"],
        objects_read=counts["objects read"],
        raw_bytes=sum(file.stat().st_size for file in files.values()),
        artefact_bytes=sum(file.stat().st_size for file in artefacts),
    )


def measured(lines):
    with tempfile.TemporaryDirectory() as folder:
        files = exports(Path(folder) / "exports", lines)
        return used(Path(folder) / "state", files)


def exports(folder, lines):
    """The sample shop's files with about as many order lines; a larger one repeats its orders."""
    folder.mkdir(parents=True)
    files = {}
    for slot, content in sample.files().items():
        files[slot] = folder / f"{slot}_export.csv"
        files[slot].write_bytes(sized(content, lines) if slot == "orders" else content)
    return files


def sized(orders, lines):
    header, *rows = orders.splitlines(keepends=True)
    if lines <= len(rows):
        return sample.first_orders(orders, lines=lines)
    again = (b"#%d-%b" % (time, row[1:]) for time in range(ceil(lines / len(rows))) for row in rows)
    return b"".join([header, *list(again)[:lines]])


def row(name, lines, found):
    dollars = cost.dollars(found, api_mb=API_MB)
    return {
        "shop": name,
        "lines": lines,
        "seconds": round(sum(one.billed_s for one in found.calls), 1),
        "amounts": {key: round(value, 6) for key, value in amounts(found).items()},
        "dollars": {key: round(value, 4) for key, value in dollars.items()},
        "sum": round(sum(dollars.values()), 2),
    }


def amounts(found):
    return cost.amounts(found, api_mb=API_MB)


def main():
    given = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    given.add_argument("--quick", action="store_true", help="leave the large shop out")
    given.add_argument("--json", action="store_true", help="one object a row")
    options = given.parse_args()
    os.environ["POLARS_MAX_THREADS"] = "1"  # before it is loaded: what is priced is one core's work
    if not options.json:
        print("| shop | order lines | seconds | functions | documents | messages | objects | sum |")
        print("|---|---|---|---|---|---|---|---|")
    measured(SHOPS["small"])
    for name, lines in SHOPS.items():
        if options.quick and name == "large":
            continue
        one = row(name, lines, measured(lines))
        print(json.dumps(one) if options.json else line(one), flush=True)
    month = cost.monthly(ROWS)
    print(json.dumps({"monthly": month}) if options.json else f"a month without a run: {month}")


def line(one):
    told = one["dollars"]
    functions = told["vCPU seconds"] + told["GiB seconds"] + told["requests"]
    documents = sum(told[f"documents {what}"] for what in ("read", "written", "deleted"))
    objects = told["objects written or listed"] + told["objects read"] + told["GiB months"]
    return (
        f"| {one['shop']} | {one['lines']:,} | {one['seconds']} | ${functions:.2f}"
        f" | ${documents:.2f} | ${told['message bytes']:.4f} | ${objects:.2f} | ${one['sum']:.2f} |"
    )


if __name__ == "__main__":
    main()
