import os
from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import settings

from dev.emulators import cloud, installation, servers
from dev.emulators.processes import processes
from pipeline_lib.adapters.local.blobs import FolderBlobs
from pipeline_lib.frames import OrderLines, Products
from pipeline_lib.messages import Work
from pipeline_lib.records.collections import Collections
from pipeline_lib.records.flags import Flags
from pipeline_lib.records.uploads import Parameters
from pipeline_lib.runs.job import Artefacts, Job
from pipeline_lib.runtime import wiring

settings.register_profile("timeless", deadline=None)  # no test asserts a time
settings.load_profile("timeless")

MADE_AT = datetime(2026, 1, 5, 9, tzinfo=UTC)


@pytest.fixture
def stores(tmp_path):
    stores = wiring.embedded(tmp_path / "state")
    yield stores
    stores.close()


@pytest.fixture
def collections(stores):
    """The typed documents of the stores."""
    return Collections(stores.documents)


class Beats(list):
    """Remembers what a phase said of itself."""

    def __call__(self, message, *, share=0.0, **counts):
        self.append((message, share, counts))


@pytest.fixture
def job(stores, tmp_path):
    """A job of upload ``u`` whose artefacts lie in a folder; its beats can be read."""
    work = Work("u", 1)
    return Job(
        work=work,
        shop_id="shop",
        files={},
        parameters=Parameters(),
        flags=Flags(),
        created_at=MADE_AT,
        landing=stores.ports.landing,
        artefacts=Artefacts(FolderBlobs(tmp_path / "artefacts"), work),
        collections=Collections(stores.documents),
        secrets=stores.ports.secrets,
        beat=Beats(),
    )


def lines_of(*orders, price=1000, day=1):
    """Order lines: each order is a dictionary of SKU to quantity, a day after the last."""
    rows = [
        {
            "order_id": f"#{number}",
            "ordered_at": datetime(2026, 1, 1 + (day + number) % 28, tzinfo=UTC),
            "sku": sku,
            "name": f"{sku.title()} thing",
            "quantity": quantity,
            "price_minor": price,
            "discount_minor": 0,
            "customer": f"c{number % 3}",
        }
        for number, order in enumerate(orders)
        for sku, quantity in order.items()
    ]
    return pl.DataFrame(rows, schema=OrderLines.schema)


def products_of(*rows):
    """A catalogue: each row a dictionary; what it leaves out is null."""
    blank = dict.fromkeys(Products.columns)
    made = [
        {**blank, "title": row["sku"].title(), "price_minor": 1000, "status": "active"}
        | {"product_key": row.get("handle") or row["sku"], **row}
        for row in rows
    ]
    return pl.DataFrame(made, schema=Products.schema)


@pytest.fixture(scope="session")
def emulators_found():
    """Google's emulators are here; skipped without them, but not where all must be tested."""
    try:
        installation.require_emulators()
    except installation.NoEmulators as reason:
        if os.environ.get("CI"):
            pytest.fail(f"CI tests on the emulators: {reason}")
        pytest.skip(f"NOT TESTED on Google's emulators: {reason}")


@pytest.fixture(scope="session")
def emulators(emulators_found, tmp_path_factory):
    """Where Google's emulators listen."""
    with processes(tmp_path_factory.mktemp("emulators")) as running:
        there = servers.start_emulators(running, rules=cloud.RULES)
        with cloud.apply_environ(there.environ()):
            yield there


def pytest_terminal_summary(terminalreporter):
    """Say once, and loudly, what was left out."""
    skipped = terminalreporter.stats.get("skipped", [])
    for reason in sorted({str(report.longrepr[2]) for report in skipped}):
        if "NOT TESTED" in reason:
            terminalreporter.write_line(reason.removeprefix("Skipped: "), yellow=True, bold=True)
