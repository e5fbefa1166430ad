"""`bundles inspect`: what a shop's files hold and what can be promised; it runs no chain."""

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table

from pipeline_lib.errors import BadExport
from pipeline_lib.exports import (
    Batch,
    ExportFormat,
    HygieneRules,
    assess_readiness,
    mapping_report,
    read_inventory,
    read_orders,
    read_products,
    sniff_export,
)
from pipeline_lib.frames import OrderLines
from pipeline_lib.reports import Readiness

WIDTH = 120
COUNTED = (OrderLines.order_id.name, OrderLines.sku.name, OrderLines.ordered_at.name)
KEY = b"inspect"  # customers are not looked at; nothing of them is kept
ORDERS, PRODUCTS = {"orders", "order_lines"}, {"products", "catalogue", "quick_install"}


EPILOG = "Nothing is run and nothing is written. Personal columns are read past, never shown."


def options(command: argparse.ArgumentParser) -> None:
    """The files, and for whom to print."""
    command.add_argument("files", type=Path, nargs="+", metavar="FILE", help="exports, any kind")
    command.add_argument("--json", action="store_true", help="print one JSON document instead")


def execute(given: argparse.Namespace) -> None:
    """Look at the files."""
    inspect(files=given.files, as_json=given.json)


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


def inspect(*, files: Sequence[Path], as_json: bool) -> None:
    """Print how each file is understood, what becomes of its rows, and what a run can promise.

    Raises:
        Rejected: a file cannot be read.
    """
    lines, skus = [OrderLines.empty().select(*COUNTED)], list[pl.DataFrame]()
    found = []
    for file in files:
        one = Inspected(_sniff(file))
        for batch in _batches(file, one.known):
            one.add(batch)
            if one.known.kind in ORDERS:
                lines.append(batch.kept.select(*COUNTED))
            elif one.known.kind in PRODUCTS:
                skus.append(batch.kept.select(OrderLines.sku.expr))
        found.append(one)
    ready = assess_readiness(pl.concat(lines), pl.concat(skus).unique() if skus else None)
    if as_json:
        told = [one.as_dict() for one in found]
        print(json.dumps({"files": told, "readiness": ready.model_dump()}, ensure_ascii=False))
    else:
        _show(found, ready)


def _sniff(file: Path) -> ExportFormat:
    if not file.is_file():
        raise BadExport(str(file), "there is no such file")
    with file.open("rb") as stream:
        return sniff_export(stream, file=file.name)


def _batches(file: Path, known: ExportFormat) -> Iterator[Batch]:
    with file.open("rb") as stream:
        if known.kind in ORDERS:
            yield from read_orders(stream, known, rules=HygieneRules(), customer_key=KEY)
        elif known.kind in PRODUCTS:
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


def _show_file(console: Console, one: Inspected) -> None:
    report = mapping_report(one.known)
    kind = one.known.kind.replace("_", " ")
    console.print(f"\n[bold]{one.known.file}[/] is a file of {kind}", highlight=False)
    columns = Table("field", "column", "sure", "for example", box=None, pad_edge=False)
    for column in report.columns:
        if column.field is not None:
            shown = ", ".join(column.sample)
            columns.add_row(column.field, column.column, f"{column.sure:.0%}", shown)
    console.print(columns)
    if report.unused:
        console.print(f"not used: {', '.join(report.unused)}", style="dim", highlight=False)
    for missing in report.missing:
        console.print(f"missing {missing.field}: {missing.cost}", highlight=False)
    console.print(_counts(one))


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
