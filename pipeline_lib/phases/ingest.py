"""Reads a shop's exports into typed frames and says what became of every row; it links nothing."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO

import polars as pl

from pipeline_lib import frames, reports
from pipeline_lib.errors import BadExport, MissingArtefact
from pipeline_lib.exports import (
    CAPS,
    RULES,
    Batch,
    ExportFormat,
    HygieneRules,
    mapping_report,
    read_inventory,
    read_orders,
    read_products,
    sniff_export,
)
from pipeline_lib.messages import Outcome
from pipeline_lib.mining.baskets import last_order
from pipeline_lib.money import UNKNOWN
from pipeline_lib.reports import Facts, ImportReport
from pipeline_lib.runs.job import Job

KINDS = {  # what may come in each slot
    "orders": {"orders", "order_lines"},
    "supplement": {"orders", "order_lines"},
    "products": {"products", "catalogue", "quick_install"},
    "inventory": {"inventory"},
    "catalog": {"catalogue", "products", "quick_install"},
}
Formats = dict[str, ExportFormat]

PRICED = ("orders", "supplement", "catalog", "products")
FRONT = ("file", "row", "line", "reason")


@dataclass
class Account:
    """What became of the rows of all files."""

    rows: int = 0
    kept: int = 0
    set_aside: Counter[str] = field(default_factory=Counter)
    altered: Counter[str] = field(default_factory=Counter)
    rejected: list[pl.DataFrame] = field(default_factory=list)

    def add(self, file: str, batch: Batch) -> None:
        """Count a batch, and remember its rejected rows."""
        self.rows += batch.rows
        self.kept += len(batch.kept)
        self.set_aside.update(batch.set_aside)
        self.altered.update(batch.altered)
        if len(batch.rejected):
            self.rejected.append(batch.rejected.insert_column(0, pl.lit(file).alias("file")))

    def rejects(self) -> pl.DataFrame:
        """The rejected rows of all files, with the columns of each."""
        blank = pl.DataFrame(schema=dict.fromkeys(FRONT, pl.String)).clear()
        return pl.concat(self.rejected, how="diagonal") if self.rejected else blank


def run(job: Job) -> Outcome:
    """Read the files that have landed, keep lines, products, stock, facts, report and rejects.

    Raises:
        BadExport: a file is not what its slot asks for, or cannot be read.
        MissingArtefact: a file that had landed is gone.
    """
    formats = {slot: _sniff(job, slot) for slot in job.files}
    account = Account()
    currency = _currency(formats)

    newest, lines = _keep_lines(job, formats, account)
    products = _keep_products(job, formats, currency, account)
    _keep_stock(job, formats.get("inventory"), account)

    job.artefacts.keep_json(reports.FACTS, Facts(currency=currency, newest_order=newest))
    job.artefacts.keep_json(reports.IMPORT, _report(formats, account))
    job.artefacts.keep_text(reports.REJECTS, account.rejects().write_csv())
    return Outcome(
        read={"rows": account.rows},
        kept={"lines": lines, "products": products, "rejected": _height(account.rejected)},
    )


def _currency(formats: Formats) -> str:
    """What the orders are in; without any, what the products are in."""
    named = (formats[slot].currency for slot in PRICED if slot in formats)
    return next((currency for currency in named if currency), UNKNOWN)


def _sniff(job: Job, slot: str) -> ExportFormat:
    name = job.files[slot]
    with _open(job, slot) as stream:
        found = sniff_export(stream, file=name.rsplit("/", 1)[-1])
    if found.kind not in KINDS[slot]:
        told = found.kind.replace("_", " ")
        raise BadExport(found.file, f"it is a file of {told}, not of {slot}; give it as such")
    return found


def _open(job: Job, slot: str) -> BinaryIO:
    stream = job.landing.open(job.files[slot])
    if stream is None:
        raise MissingArtefact(f"{job.files[slot]} is not in the bucket any more")
    return stream


def _keep_lines(job: Job, formats: Formats, account: Account) -> tuple[datetime | None, int]:
    """Keep the order lines part by part as they are read; returns the newest time and the count.

    A supplement holds rows of the orders file that were rejected and then corrected.
    """
    ordered_at = frames.OrderLines.ordered_at.expr
    times = [frames.OrderLines.empty()]
    job.artefacts.keep(frames.OrderLines, times[0], part=0)
    lines = 0
    for slot in ("orders", "supplement"):
        for batch in _orders(job, slot, formats):
            account.add(formats[slot].file, batch)
            job.artefacts.keep(frames.OrderLines, batch.kept, part=len(times))
            times.append(batch.kept.select(ordered_at.max()))
            lines += len(batch.kept)
            job.beat(f"Read {account.rows:,} rows", share=0.5, rows=account.rows, lines=lines)
    return last_order(pl.concat([part.select(ordered_at) for part in times])), lines


def _orders(job: Job, slot: str, formats: Formats) -> Iterator[Batch]:
    if slot in formats:
        key = job.secrets.read("customer_key")
        first = formats.get("orders", formats[slot])
        rules = HygieneRules(off=_off(job), currency=first.currency)
        with _open(job, slot) as stream:
            yield from read_orders(stream, formats[slot], rules=rules, customer_key=key)


def _off(job: Job) -> frozenset[str]:
    """The rules that shall not act."""
    if not job.flags.phase_csv_validation:
        return frozenset({*RULES, *CAPS})
    return frozenset(job.parameters.rules_off)


def _keep_products(job: Job, formats: Formats, currency: str, account: Account) -> int:
    """Keep the products of both possible files, the joined catalogue's where both name one."""
    parts = [frames.Products.empty()]
    for slot in ("catalog", "products"):
        if slot in formats:
            with _open(job, slot) as stream:
                batch = read_products(stream, formats[slot], currency=currency)
            account.add(formats[slot].file, batch)
            parts.append(batch.kept.select(*frames.Products.schema))
    products = pl.concat(parts).unique("sku", keep="first", maintain_order=True)
    job.artefacts.keep(frames.Products, products)
    return len(products)


def _keep_stock(job: Job, inventory: ExportFormat | None, account: Account) -> None:
    stock = frames.StockLevels.empty()
    if inventory is not None:
        with _open(job, "inventory") as stream:
            batch = read_inventory(stream, inventory)
        account.add(inventory.file, batch)
        stock = batch.kept.select(*frames.StockLevels.schema)
    job.artefacts.keep(frames.StockLevels, stock)


def _report(formats: Formats, account: Account) -> ImportReport:
    """What became of columns and rows, for the shop."""
    return ImportReport(
        files={slot: mapping_report(found) for slot, found in formats.items()},
        rows=account.rows,
        kept=account.kept,
        set_aside=account.set_aside,
        altered=account.altered,
        rejected=_height(account.rejected),
    )


def _height(parts: list[pl.DataFrame]) -> int:
    return sum(map(len, parts))
