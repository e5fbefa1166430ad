import csv
import io
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from pipeline_lib.exports import (
    HygieneRules,
    read_inventory,
    read_orders,
    read_products,
    sniff_export,
)

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
KEY = b"a key of a test"


class Told:
    """Everything that reading one file gave."""

    def __init__(self, data, batches, known):
        self.data = data
        self.format = known
        self.batches = batches
        self.kept = pl.concat([batch.kept for batch in batches])
        self.rejected = pl.concat([batch.rejected for batch in batches])
        self.set_aside = dict(sum((Counter(batch.set_aside) for batch in batches), Counter()))
        self.altered = dict(sum((Counter(batch.altered) for batch in batches), Counter()))
        self.rows = sum(batch.rows for batch in batches)

    @property
    def conserved(self):
        return self.rows == self.kept.height + self.rejected.height + sum(self.set_aside.values())


def _bytes(data):
    return data if isinstance(data, bytes) else data.encode()


@pytest.fixture(scope="session")
def orders():
    def read(data, *, file="orders.csv", key=KEY, **rules):
        data = _bytes(data)
        known = sniff_export(io.BytesIO(data), file=file)
        stream = io.BytesIO(data)
        batches = list(read_orders(stream, known, rules=HygieneRules(**rules), customer_key=key))
        return Told(data, batches, known)

    return read


@pytest.fixture(scope="session")
def products():
    def read(data, *, currency="USD"):
        data = _bytes(data)
        known = sniff_export(io.BytesIO(data), file="products.csv")
        return Told(data, [read_products(io.BytesIO(data), known, currency=currency)], known)

    return read


@pytest.fixture(scope="session")
def inventory():
    def read(data):
        data = _bytes(data)
        known = sniff_export(io.BytesIO(data), file="inventory.csv")
        return Told(data, [read_inventory(io.BytesIO(data), known)], known)

    return read


@pytest.fixture(scope="session")
def csv_text():
    def write(header, rows, *, delimiter=",", end="\n"):
        out = io.StringIO()
        writer = csv.writer(out, delimiter=delimiter, lineterminator=end)
        writer.writerows([header, *rows])
        return out.getvalue()

    return write


@pytest.fixture(scope="session")
def shared():
    if not SHARED.is_dir():
        pytest.skip(f"NOT RUN: the shared data is not at {SHARED}")
    return SHARED
