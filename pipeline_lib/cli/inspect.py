"""`bundles inspect`: what a shop's files hold and what can be promised; it runs no chain."""

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table

from pipeline_lib.cli.mapping import add_map_option
from pipeline_lib.errors import BadExport
from pipeline_lib.exports import (
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
from pipeline_lib.exports.headers import NO_OVERRIDES, ORDERS
from pipeline_lib.exports.mapping import refuse_unknown_columns
from pipeline_lib.frames import OrderLines, Products, StockLevels
from pipeline_lib.mining.readiness import prepare_shop
from pipeline_lib.reports import ColumnUse, MappingReport, Readiness

WIDTH = 120
KEY = b"inspect"  # customers are not looked at; nothing of them is kept
PRODUCT_KINDS = {"products", "catalogue", "variants", "quick_install"}
INVENTORY = {"inventory"}


EPILOG = "Nothing is run and nothing is written. Personal columns are read past, never shown."


def options(command: argparse.ArgumentParser) -> None:
    """The files, what a person says of their columns, and for whom to print."""
    command.add_argument("files", type=Path, nargs="+", metavar="FILE", help="exports, any kind")
    add_map_option(command)
    command.add_argument("--json", action="store_true", help="print one JSON document instead")


def execute(given: argparse.Namespace) -> None:
    """Look at the files."""
    inspect(files=given.files, overrides=dict(given.map), as_json=given.json)


@dataclass
class Inspected:
    """One file: how it is understood, and what became of its rows."""

    known: ExportFormat
    rows: int = 0
    kept: int = 0
    rejected: int = 0
    set_aside: Counter[str] = field(default_factory=Counter)
    altered: Counter[str] = field(default_factory=Counter)

    def add(self, batch: Batch) -> None:
        """Count a batch."""
        self.rows += batch.rows
        self.kept += len(batch.kept)
        self.rejected += len(batch.rejected)
        self.set_aside.update(batch.set_aside)
        self.altered.update(batch.altered)

    def as_dict(self) -> dict[str, Any]:
        """For other programs."""
        counts = {"rows": self.rows, "kept": self.kept, "rejected": self.rejected}
        rules = {"set_aside": dict(self.set_aside), "altered": dict(self.altered)}
        return {**mapping_report(self.known).model_dump(), **counts, **rules}


def inspect(
    *,
    files: Sequence[Path],
    overrides: Mapping[str, str] = NO_OVERRIDES,
    as_json: bool,
) -> None:
    """Print how each file is understood, what becomes of its rows, and what a run can promise.

    Args:
        files: exports of one shop.
        overrides: field to the header of its column, where a person says so.
        as_json: for other programs.

    Raises:
        Rejected: a file cannot be read.
    """
    found, kept = [], dict[str, list[pl.DataFrame]]()
    for file in files:
        one = Inspected(_sniff(file, overrides))
        for batch in _batches(file, one.known):
            one.add(batch)
            kept.setdefault(one.known.kind, []).append(batch.kept)
        found.append(one)
    columns = {one.known.file: one.known.columns for one in found}
    refuse_unknown_columns(columns, overrides)
    ready = _readiness(kept)
    if as_json:
        told = [one.as_dict() for one in found]
        print(json.dumps({"files": told, "readiness": ready.model_dump()}, ensure_ascii=False))
    else:
        _show(found, ready)


def _readiness(kept: Mapping[str, Sequence[pl.DataFrame]]) -> Readiness:
    """What a run of these files can promise, by the code of the run itself."""
    of = {
        name: [part for kind, parts in kept.items() if kind in kinds for part in parts]
        for name, kinds in (("lines", ORDERS), ("products", PRODUCT_KINDS), ("stock", INVENTORY))
    }
    catalogues = (part.select(*Products.schema) for part in of["products"])
    products = join_products([Products.empty(), *catalogues])
    links = ProductLinks.of(products)
    sold = (links.with_listed_skus(part.select(*OrderLines.schema)) for part in of["lines"])
    lines = pl.concat([OrderLines.empty(), *sold])
    counted = of["stock"]
    stock = link_stock(pl.concat(counted), products) if counted else StockLevels.empty()
    return prepare_shop(lines, products, stock, rules=HygieneRules()).readiness


def _sniff(file: Path, overrides: Mapping[str, str]) -> ExportFormat:
    if not file.is_file():
        raise BadExport(str(file), "there is no such file")
    with file.open("rb") as stream:
        return sniff_export(stream, file=file.name, overrides=overrides)


def _batches(file: Path, known: ExportFormat) -> Iterator[Batch]:
    with file.open("rb") as stream:
        if known.kind in ORDERS:
            yield from read_orders(stream, known, rules=HygieneRules(), customer_key=KEY)
        elif known.kind in PRODUCT_KINDS:
            yield read_products(stream, known, currency=known.currency)
        else:
            yield read_inventory(stream, known)


def _show(found: Sequence[Inspected], ready: Readiness) -> None:
    console = Console()
    console = console if console.is_terminal else Console(width=WIDTH)
    for one in found:
        _show_file(console, one)
    console.print(f"\n[bold]What a run can promise: {ready.outcome.replace('_', ' ')}[/]")
    for sentence in ready.can:
        console.print(f"  ✓ {sentence}", highlight=False)
    for sentence in ready.cannot:
        console.print(f"  ✗ {sentence}", highlight=False)
    if ready.unlisted:
        console.print("\nSold most, and in no products file:")
        for one_sold in ready.unlisted:
            console.print(f"  {one_sold.name}: {one_sold.share:.1%} of lines", highlight=False)


def _show_file(console: Console, one: Inspected) -> None:
    report = mapping_report(one.known)
    kind = one.known.kind.replace("_", " ")
    console.print(f"\n[bold]{one.known.file}[/] is a file of {kind}", highlight=False)
    if report.note:
        console.print(report.note, highlight=False)
    console.print(_columns(report))
    for column in report.columns:
        if column.needs_check:
            console.print(_question(column), highlight=False)
    if report.unused:
        console.print(f"not used: {', '.join(report.unused)}", style="dim", highlight=False)
    for missing in report.missing:
        console.print(f"missing {missing.field}: {missing.cost}", highlight=False)
    console.print(_counts(one))


def _columns(report: MappingReport) -> Table:
    """The columns that are used, and how sure that is."""
    columns = Table("field", "column", "sure", "else", "for example", box=None, pad_edge=False)
    for column in report.columns:
        if column.field is not None:
            shown, second = ", ".join(column.sample), column.runner_up or ""
            columns.add_row(column.field, column.column, f"{column.sure:.0%}", second, shown)
    return columns


def _question(column: ColumnUse) -> str:
    """What a person is asked about a column that is not sure."""
    other = column.runner_up or "the right header"
    return (
        f'please check: is "{column.column}" the {column.field}? If not, say which column is:'
        f' --map {column.field}="{other}"'
    )


def _counts(one: Inspected) -> Table:
    """What became of the rows; they add up."""
    counts = Table("rows", "", box=None, pad_edge=False)
    counts.add_column(justify="right")
    counts.add_row("read", f"{one.rows:,}")
    counts.add_row("kept", f"{one.kept:,}")
    for rule, count in sorted(one.set_aside.items()):
        counts.add_row(f"set aside: {rule.replace('_', ' ')}", f"{count:,}")
    counts.add_row("rejected", f"{one.rejected:,}")
    for rule, count in sorted(one.altered.items()):
        counts.add_row(f"kept, but lowered: {rule.replace('_', ' ')}", f"{count:,}")
    return counts
