"""Reads a shop's exports into typed frames and says what became of every file and row."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
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
    ProductLinks,
    join_products,
    link_stock,
    mapping_report,
    read_inventory,
    read_orders,
    read_products,
    sniff_export,
)
from pipeline_lib.exports.mapping import refuse_unknown_columns
from pipeline_lib.messages import Outcome
from pipeline_lib.mining.baskets import last_order
from pipeline_lib.money import UNKNOWN
from pipeline_lib.reports import Facts, FileReport, ImportReport
from pipeline_lib.runs.job import Job

KINDS = {  # what may come in each slot
    "orders": {"orders", "order_lines"},
    "supplement": {"orders", "order_lines"},
    "products": {"products", "catalogue", "variants", "quick_install"},
    "inventory": {"inventory"},
    "catalog": {"catalogue", "products", "variants", "quick_install"},
}
PRICED = ("orders", "supplement", "catalog", "products")
SUFFICIENT = ("orders", "catalog", "products")  # one of these makes bundles
FRONT = ("file", "row", "line", "reason")


@dataclass
class Files:
    """The files of a run, each as what it is.

    Attributes:
        formats: the usable ones, by what they are: a key of KINDS.
        slots: by what they are, the slot in which they came.
        unusable: by slot, why a file was left out.
    """

    formats: dict[str, ExportFormat] = field(default_factory=dict)
    slots: dict[str, str] = field(default_factory=dict)
    unusable: dict[str, str] = field(default_factory=dict)

    def add(self, slot: str, found: ExportFormat, *, awaited: Collection[str]) -> None:
        """Take a file for what it is: what its slot asks for, else what no other slot brings.

        Raises:
            BadExport: another file is that already, or orders were asked for and it has none.
        """
        fitting = [role for role, kinds in KINDS.items() if found.kind in kinds]
        expected = slot == "orders" or {*fitting} & {*awaited}
        roles = [slot] if slot in fitting else [] if expected else fitting
        role = next((one for one in roles if one not in self.formats), None)
        if role is None:
            told = found.kind.replace("_", " ")
            raise BadExport(found.file, f"it is a file of {told}, not of {slot}; give it as such")
        self.formats[role], self.slots[role] = found, slot

    def drop(self, role: str, reason: BadExport) -> None:
        """Go on without a file that cannot be read."""
        self.unusable[self.slots[role]] = str(reason)


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

    A file beside the orders that cannot be used is left out, and the report says so.

    Raises:
        BadExport: the orders cannot be read, or no file that can be suffices for a run.
        MissingArtefact: a file that had landed is gone.
    """
    files = _look(job)
    currency = _currency(files.formats)
    account = Account()

    products = _products(job, files, currency)
    parts = (batch.kept.select(*frames.Products.schema) for batch in products.values())
    catalogue = join_products([frames.Products.empty(), *parts])
    newest, lines = _keep_lines(job, files, catalogue, account)
    for role, batch in products.items():
        account.add(files.formats[role].file, batch)
    job.artefacts.keep(frames.Products, catalogue)
    _keep_stock(job, files, catalogue, account)

    job.artefacts.keep_json(reports.FACTS, Facts(currency=currency, newest_order=newest))
    job.artefacts.keep_json(reports.IMPORT, _report(files, account))
    job.artefacts.keep_text(reports.REJECTS, account.rejects().write_csv())
    return Outcome(
        read={"rows": account.rows},
        kept={
            "lines": lines,
            "products": len(catalogue),
            "rejected": _height(account.rejected),
        },
    )


def _look(job: Job) -> Files:
    """What each file is.

    Raises:
        BadExport: the orders cannot be used, no file suffices, or a column that somebody named is
            in no file.
    """
    files = Files()
    refusals: dict[str, BadExport] = {}
    for slot in sorted(job.files, key=list(KINDS).index):
        try:
            files.add(slot, _sniff(job, slot), awaited=job.files)
        except BadExport as refused:
            refusals[slot] = refused
            files.unusable[slot] = str(refused)
    if "orders" in refusals:
        raise refusals["orders"]
    if refusals and not any(role in files.formats for role in SUFFICIENT):
        raise next(iter(refusals.values()))
    columns = {found.file: found.columns for found in files.formats.values()}
    refuse_unknown_columns(columns, job.parameters.mapping)
    return files


def _currency(formats: Mapping[str, ExportFormat]) -> str:
    """What the orders are in; without any, what the products are in."""
    named = (formats[role].currency for role in PRICED if role in formats)
    return next((currency for currency in named if currency), UNKNOWN)


def _sniff(job: Job, slot: str) -> ExportFormat:
    name = job.files[slot].rsplit("/", 1)[-1]
    with _open(job, slot) as stream:
        return sniff_export(stream, file=name, overrides=job.parameters.mapping)


def _open(job: Job, slot: str) -> BinaryIO:
    stream = job.landing.open(job.files[slot])
    if stream is None:
        raise MissingArtefact(f"{job.files[slot]} is not in the bucket any more")
    return stream


def _keep_lines(
    job: Job, files: Files, catalogue: pl.DataFrame, account: Account
) -> tuple[datetime | None, int]:
    """Keep the order lines part by part as they are read; returns the newest time and the count.

    A supplement holds rows of the orders file that were rejected and then corrected.
    """
    ordered_at = frames.OrderLines.ordered_at.expr
    times = [frames.OrderLines.empty()]
    job.artefacts.keep(frames.OrderLines, times[0], part=0)
    job.artefacts.keep(frames.SetAside, frames.SetAside.empty(), part=0)
    linked = ProductLinks.of(catalogue if job.flags.phase_data_mapping else catalogue.clear())
    lines = 0
    for role in ("orders", "supplement"):
        for batch in _orders(job, role, files):
            account.add(files.formats[role].file, batch)
            kept = linked.with_listed_skus(batch.kept)
            partial = linked.with_listed_skus(batch.partial_orders)
            job.artefacts.keep(frames.OrderLines, kept, part=len(times))
            job.artefacts.keep(frames.SetAside, partial, part=len(times))
            times.append(kept.select(ordered_at.max()))
            lines += len(kept)
            job.beat(f"Read {account.rows:,} rows", share=0.5, rows=account.rows, lines=lines)
    return last_order(pl.concat([part.select(ordered_at) for part in times])), lines


def _orders(job: Job, role: str, files: Files) -> Iterator[Batch]:
    if role not in files.formats:
        return
    key = job.secrets.read("customer_key")
    first = files.formats.get("orders", files.formats[role])
    rules = HygieneRules(off=_off(job), currency=first.currency)
    with _open(job, files.slots[role]) as stream:
        yield from read_orders(stream, files.formats[role], rules=rules, customer_key=key)


def _off(job: Job) -> frozenset[str]:
    """The rules that shall not act."""
    if not job.flags.phase_csv_validation:
        return frozenset({*RULES, *CAPS})
    return frozenset(job.parameters.rules_off)


def _products(job: Job, files: Files, currency: str) -> dict[str, Batch]:
    """The products of both possible files; where both name one, the joined catalogue's come first.

    Raises:
        BadExport: a file cannot be read, and without it no bundle can be made.
    """
    read: dict[str, Batch] = {}
    for role in ("catalog", "products"):
        if role not in files.formats:
            continue
        try:
            with _open(job, files.slots[role]) as stream:
                read[role] = read_products(stream, files.formats[role], currency=currency)
        except BadExport as refused:
            others = {*files.formats} - {role, *files.unusable}
            if not others & {*SUFFICIENT}:
                raise
            files.drop(role, refused)
    return read


def _keep_stock(job: Job, files: Files, catalogue: pl.DataFrame, account: Account) -> None:
    stock = frames.StockLevels.empty()
    if "inventory" in files.formats:
        try:
            with _open(job, files.slots["inventory"]) as stream:
                batch = read_inventory(stream, files.formats["inventory"])
        except BadExport as refused:
            files.drop("inventory", refused)
        else:
            account.add(files.formats["inventory"].file, batch)
            stock = link_stock(batch.kept, catalogue)
    job.artefacts.keep(frames.StockLevels, stock.select(*frames.StockLevels.schema))


def _report(files: Files, account: Account) -> ImportReport:
    """What became of files, columns and rows, for the shop."""
    return ImportReport(
        files={
            role: FileReport(**dict(mapping_report(found)), slot=files.slots[role])
            for role, found in files.formats.items()
        },
        unusable=files.unusable,
        rows=account.rows,
        kept=account.kept,
        set_aside=account.set_aside,
        altered=account.altered,
        rejected=_height(account.rejected),
    )


def _height(parts: list[pl.DataFrame]) -> int:
    return sum(map(len, parts))
