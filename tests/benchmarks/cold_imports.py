"""Seconds that a fresh interpreter takes to import each function's main.py; no verdict.

A row is measured from the start of the process to its end, its own interpreter included, with
nothing but the repository and the installed packages on the path. One run comes first and is
not counted, because it writes the byte code. Rounds go through all rows, so that a busy moment
hits them all alike.

``--json`` prints one object a row: ``name`` (a function, or ``python`` for the bare
interpreter), ``seconds`` (median), ``fastest_s``, ``runs``, ``modules`` (loaded at the end),
``frames`` (whether polars is among them) and ``target_s`` (None for ``python``).
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.http.environ import ENVIRON

ROOT = Path(__file__).resolve().parents[2]
BARE = "python"
TARGET_S, WITH_FRAMES_S = 1.0, 1.6
SCRIPT = """
import sys
sys.path = [{folder!r}, {root!r}, *sys.path, {site!r}]
{statement}
print(len(sys.modules), "polars" in sys.modules)
"""


class Run(NamedTuple):
    """One start of an interpreter."""

    seconds: float
    modules: int
    frames: bool


def names():
    """The bare interpreter, then every function in the topology's order."""
    rows = json.loads((ROOT / "pipeline_lib" / "topology.json").read_text())["phases"]
    return [BARE, *(row["name"] for row in rows)]


def target_s(name, run):
    """What an import may take; the bare interpreter takes what it takes."""
    if name == BARE:
        return None
    return WITH_FRAMES_S if run.frames else TARGET_S


def started(name):
    """Start an interpreter that imports the function of that name, and wait for its end."""
    script = SCRIPT.format(
        folder=str(ROOT / "functions" / name),
        root=str(ROOT),
        site=sysconfig.get_path("purelib"),
        statement="" if name == BARE else "import main",
    )
    begun = time.perf_counter()
    said = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, **ENVIRON},
    ).stdout.split()
    return Run(time.perf_counter() - begun, int(said[0]), said[1] == "True")


def measured(rounds):
    """One object a row, as the module's docstring says."""
    runs = {name: [] for name in names()}
    for name in runs:
        started(name)
    for _ in range(rounds):
        for name, kept in runs.items():
            kept.append(started(name))
    for name, kept in runs.items():
        seconds = [run.seconds for run in kept]
        yield {
            "name": name,
            "seconds": round(statistics.median(seconds), 3),
            "fastest_s": round(min(seconds), 3),
            "runs": rounds,
            "modules": kept[-1].modules,
            "frames": kept[-1].frames,
            "target_s": target_s(name, kept[-1]),
        }


def shown(row):
    """A row as a line of the table."""
    target = "-" if row["target_s"] is None else f"{row['target_s']:.1f}"
    frames = "polars" if row["frames"] else "-"
    figures = f"{row['seconds']:8.3f} {row['fastest_s']:8.3f} {target:>7} {row['modules']:8}"
    return f"{row['name']:12} {figures} {frames:>7}"


def main():
    """Measure, and print a table or one JSON object a line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="three rounds in place of fifteen")
    parser.add_argument("--json", action="store_true", help="one object a row")
    asked = parser.parse_args()
    rows = measured(3 if asked.quick else 15)
    if not asked.json:
        print(f"{'':12} {'median s':>8} {'fastest':>8} {'target':>7} {'modules':>8} {'loads':>7}")
    for row in rows:
        print(json.dumps(row) if asked.json else shown(row))


if __name__ == "__main__":
    main()
