"""Small real-looking inputs for whole runs, made from the sample shop; no mocks."""

import gzip
from functools import cache
from pathlib import Path

from dev import sample

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared/data/online_retail"
ABSENT = f"NOT TESTED: {SHARED.parent.name}/online_retail is not beside this checkout"


@cache
def exports():
    return sample.files()


def small_exports(folder, *, lines=9_000):
    """The sample shop's files with only its newest orders, whole ones."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for slot, content in exports().items():
        files[slot] = folder / f"{slot}_export.csv"
        files[slot].write_bytes(cut(content, lines) if slot == "orders" else content)
    return files


def cut(orders, lines):
    """The first lines of an orders export, up to where an order ends."""
    return sample.first_orders(orders, lines=lines)


def two_weeks():
    return gzip.decompress((SHARED / "orders_export_two_weeks.csv.gz").read_bytes())
