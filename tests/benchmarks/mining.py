"""Time and memory of our itemset miner and its peers on the same baskets; no verdict.

Every (shop, least orders, tool) runs in a process of its own. The clock runs from the tool's
own input, ready in memory (a file for PAMI), to its result; imports and that input are outside,
for ours so is the loading of the compiled loops. The best of three runs counts where the first
takes under two seconds. Peak memory is the peak resident size during the first run less the
resident size before it. PAMI knows no largest size: it mines all, and more is dropped later.
A tool that fails at some support is not asked for a lower one.
"""

import argparse
import contextlib
import gc
import hashlib
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from miners import MINERS, Miner
from shops import SHOPS, cached

FULL = ("online_retail", "completejourney", "made_10m")
SUPPORTS = (100, 50, 20, 10, 5)
QUICK = (("made_100k", (5,)), ("online_retail", (100,)), ("completejourney", (100,)))
RUNS = 3
QUICK_S = 2
PREPARE_S = 300
READ_S = 300
MOST_BYTES = 20 << 30  # of address space: a peer must not take the machine down
STATUS = Path("/proc/self/status")


class Case(NamedTuple):
    """One run: which tool mines which shop from how many orders up."""

    dataset: str
    min_orders: int
    max_len: int
    tool: str


def resident_kb(field: str) -> int:
    """``VmRSS`` or ``VmHWM``; where there is no /proc, the peak since the process began."""
    if STATUS.exists():
        line = next(x for x in STATUS.read_text().splitlines() if x.startswith(field))
        return int(line.split()[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def measured(miner: Miner, given: Any, case: Case) -> tuple[dict[str, float], Any]:
    """Seconds of the best run, peak megabytes of the first, and what was found."""
    gc.collect()
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
    before, peak = resident_kb("VmRSS"), 0
    seconds: list[float] = []
    while not seconds or (seconds[0] < QUICK_S and len(seconds) < RUNS):
        found = None  # the first result must not count in the second run
        begun = time.perf_counter()
        found = miner.mine(given, case.min_orders, case.max_len)
        seconds.append(time.perf_counter() - begun)
        peak = peak or resident_kb("VmHWM") - before
    return {"seconds": round(min(seconds), 4), "peak_mb": round(max(0, peak) / 1024, 1)}, found


def fingerprint(tables: dict[int, np.ndarray]) -> dict[str, Any]:
    """How many sets there are, and a hash of them and their counts in one order."""
    digest = hashlib.blake2b()
    for size in sorted(tables):
        table = tables[size]
        digest.update(table[np.lexsort(table.T[::-1])].tobytes())
    return {"itemsets": sum(map(len, tables.values())), "digest": digest.hexdigest()}


def child(case: Case, folder: Path, limit_s: float) -> None:
    """Mine one case and print, line by line, what is known of it so far."""
    out = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # some tools print
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    miner = MINERS[case.tool]
    signal.alarm(PREPARE_S)
    with np.load(folder / f"{case.dataset}.npz") as data:
        given = miner.prepare(data["basket"], data["item"])
    out.write(json.dumps({"failed": "over the limit"}) + "\n")
    signal.setitimer(signal.ITIMER_REAL, limit_s)
    costs, found = measured(miner, given, case)
    signal.alarm(READ_S)
    out.write(json.dumps({"failed": None, **costs}) + "\n")
    out.write(json.dumps(fingerprint(miner.read(found, case.max_len))) + "\n")


def run(case: Case, folder: Path, limit_s: float) -> dict[str, Any]:
    """The row of a case, measured in a process of its own."""
    command = [sys.executable, __file__, "--case", json.dumps(case), "--cache", str(folder)]
    with tempfile.TemporaryFile("w+") as said:
        done = subprocess.run(
            [*command, "--limit-s", str(limit_s)], stdout=subprocess.PIPE, stderr=said, check=False
        )
        said.seek(0)
        lines = said.read().strip().splitlines()
    row: dict[str, Any] = {"failed": "over the limit before mining"}
    for line in done.stdout.decode().splitlines():
        row |= json.loads(line)
    if done.returncode > 0:
        row["failed"] = "absent" if "ModuleNotFound" in lines[-1] else lines[-1][:120]
    elif done.returncode not in {0, -signal.SIGALRM}:
        row["failed"] = f"killed by signal {-done.returncode}"
    return row


def rows(
    plan: Iterable[tuple[str, Iterable[int]]], *, tools: list[str], folder: Path, limit_s: float
) -> Iterator[dict[str, Any]]:
    """Every tool on every shop and support, ours first; one finished row at a time."""
    for dataset, supports in plan:
        cached(dataset, folder)
        gone: dict[str, str] = {}
        for min_orders in sorted(supports, reverse=True):
            own = None
            for tool in tools:
                case = Case(dataset, min_orders, 3, tool)
                row = {"failed": gone[tool]} if tool in gone else run(case, folder, limit_s)
                if row["failed"] is not None and not tool.startswith("ours"):
                    gone.setdefault(tool, f"{row['failed']} from {min_orders} orders")
                own = row.get("digest") if tool == "ours" else own
                yield case._asdict() | {
                    "seconds": row.get("seconds"),
                    "peak_mb": row.get("peak_mb"),
                    "itemsets": row.get("itemsets"),
                    "identical": row["digest"] == own if own and "digest" in row else None,
                    "failed": row["failed"],
                }


def shown(row: dict[str, Any]) -> str:
    """A row of the table for people."""
    name = f"{row['dataset']:16} {row['min_orders']:>4}  {row['tool']:18}"
    if row["seconds"] is None:
        return f"{name} —  {row['failed']}"
    same = {True: "identical", False: "DIFFERENT", None: "not compared"}[row["identical"]]
    costs = f"{row['seconds']:9.3f} s {row['peak_mb']:9.1f} MB"
    return f"{name}{costs}  {row['itemsets'] or 0:>10} sets  {same}"


def main() -> None:
    """Print a line a row, as JSON or for people."""
    asks = argparse.ArgumentParser(description=__doc__)
    asks.add_argument("--quick", action="store_true", help="three small shops, in under a minute")
    asks.add_argument("--json", action="store_true", help="one object a row")
    asks.add_argument("--shops", nargs="+", choices=SHOPS, default=FULL)
    asks.add_argument("--supports", nargs="+", type=int, default=SUPPORTS)
    asks.add_argument("--tools", nargs="+", choices=MINERS, default=list(MINERS))
    asks.add_argument("--limit-s", type=float, help="seconds that a tool may take")
    asks.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "made-shops")
    asks.add_argument("--case", help=argparse.SUPPRESS)
    given = asks.parse_args()
    limit_s = given.limit_s or (2 if given.quick else 75)
    if given.case:
        child(Case(*json.loads(given.case)), given.cache, limit_s)
        return
    plan = QUICK if given.quick else [(shop, given.supports) for shop in given.shops]
    for row in rows(plan, tools=given.tools, folder=given.cache, limit_s=limit_s):
        print(json.dumps(row) if given.json else shown(row), flush=True)


if __name__ == "__main__":
    main()
