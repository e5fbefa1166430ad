"""Times the whole chain as a user runs it, from files to files; it asserts nothing.

Prints a table, or with --json one object a row:
    data: which files; rows: lines read; recommendations: bundles made;
    seconds: wall-clock of the process, median of the runs;
    peak_mb: most resident memory of any run;
    preview_s: from the last file landed to the ten preview bundles, in the median run;
    phases: milliseconds of each phase in the median run.
--quick runs the small data sets once.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RETAIL = ROOT.parent / "shared/data/online_retail"
COMMAND = [sys.executable, "-m", "pipeline_lib.cli.main"]


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--quick", action="store_true")
    given.add_argument("--json", action="store_true")
    options = given.parse_args()
    for name, arguments in data_sets(quick=options.quick):
        runs = [measured(arguments) for _ in range(1 if options.quick else 3)]
        row = {"data": name, **summary(runs)}
        print(json.dumps(row) if options.json else line(row), flush=True)


def data_sets(*, quick):
    yield "sample shop", ["demo"]
    if not RETAIL.exists():
        print("Online Retail is not beside this checkout: left out", file=sys.stderr)
        return
    name = "orders_export_two_weeks.csv.gz" if quick else "orders_export.csv.gz"
    yield f"Online Retail, {name}", ["run", "--orders", str(RETAIL / name)]
    if not quick:
        files = {slot: RETAIL / f"{slot}_export.csv" for slot in ("products", "inventory")}
        more = [text for slot, file in files.items() for text in (f"--{slot}", str(file))]
        yield (
            "Online Retail, with products and inventory",
            ["run", "--orders", str(RETAIL / name), *more],
        )


def measured(arguments):
    """One run in its own process: seconds, peak megabytes, and its record."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        child = os.spawnv(
            os.P_NOWAIT,
            "/bin/sh",
            ["sh", "-c", 'exec "$@" >/dev/null', "sh", *COMMAND, *arguments, "--out", folder],
        )
        _, status, usage = os.wait4(child, 0)
        seconds = time.perf_counter() - start
        if status:
            raise SystemExit(f"{arguments} ended with {os.waitstatus_to_exitcode(status)}")
        record = json.loads((Path(folder) / "run.json").read_text())
        return seconds, usage.ru_maxrss / 1024, record


def summary(runs):
    record = sorted(runs, key=lambda run: run[0])[len(runs) // 2][2]
    return {
        "rows": record["phases"]["ingest"]["input"]["rows"],
        "recommendations": record["phases"]["finalize"]["output"]["recommendations"],
        "seconds": round(statistics.median([run[0] for run in runs]), 2),
        "peak_mb": round(max(run[1] for run in runs)),
        "preview_s": preview_s(record),
        "phases": {name: phase["ms"] for name, phase in record["phases"].items()},
    }


def preview_s(record):
    landed = max(slot["landed_at"] for slot in record["slots"].values())
    shown = record["phases"]["quickstart"]["ended_at"]
    return round(
        (datetime.fromisoformat(shown) - datetime.fromisoformat(landed)).total_seconds(), 2
    )


def line(row):
    slowest = sorted(row["phases"].items(), key=lambda phase: -phase[1])[:3]
    told = ", ".join(f"{name} {ms} ms" for name, ms in slowest)
    return (
        f"{row['data']:50} {row['rows']:>8,} rows  {row['recommendations']:>3} bundles"
        f"  {row['seconds']:6.2f} s  {row['peak_mb']:>5} MB"
        f"  preview {row['preview_s']} s   ({told})"
    )


if __name__ == "__main__":
    main()
