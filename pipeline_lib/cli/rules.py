"""`bundles rules`: the association rules of a finished run, at any support."""

import argparse
import json
from pathlib import Path

import numpy as np
import polars as pl
from rich.console import Console
from rich.table import Table

from pipeline_lib.adapters.local.blobs import FolderBlobs
from pipeline_lib.cli.run import STATE
from pipeline_lib.errors import BadExport
from pipeline_lib.frames import Catalog, RuleColumns
from pipeline_lib.messages import Work
from pipeline_lib.mining.rules import pair_rules, rule_curve
from pipeline_lib.runs import counts
from pipeline_lib.runs.job import Artefacts

EPILOG = """\
example:
  bundles rules july --min-orders 20 --min-confidence 0.1

Below the rules it prints how many pairs and rules there would be at other supports.
"""
SHOWN, WIDTH = 30, 140


def options(command: argparse.ArgumentParser) -> None:
    """Declare the run, the thresholds, and the format."""
    command.add_argument("out", type=Path, metavar="DIR", help="the --out of a finished run")
    command.add_argument("--min-orders", type=int, default=10, metavar="N", help="least orders")
    command.add_argument(
        "--min-confidence", type=float, default=0.05, metavar="C", help="least confidence"
    )
    command.add_argument("--json", action="store_true", help="print rules and curve as JSON")


def execute(arguments: argparse.Namespace) -> None:
    """Print the rules and the curve.

    Raises:
        BadExport: the folder holds no finished run.
    """
    record = arguments.out / "run.json"
    if not record.is_file():
        raise BadExport(str(record), "no such file; pass the --out of a finished run")
    run = json.loads(record.read_text())
    kept = Artefacts(
        FolderBlobs(arguments.out / STATE / "artefacts"), Work(run["upload_id"], run["run"])
    )
    ledger = counts.kept(kept, counts.WHOLE)
    listed = pair_rules(ledger.counts, min_orders=arguments.min_orders)
    names = dict(kept.frame(Catalog, [Catalog.sku, Catalog.title]).iter_rows())
    named = [names.get(sku, sku) for sku in ledger.skus]
    shown = listed.filter(
        RuleColumns.confidence.expr >= arguments.min_confidence - np.finfo(float).eps
    )
    if arguments.json:
        print(
            json.dumps(_document(shown, rule_curve(ledger.counts), ledger.skus), ensure_ascii=False)
        )
    else:
        _show(shown, rule_curve(ledger.counts), named)


def _document(
    listed: pl.DataFrame, counts: pl.DataFrame, skus: tuple[str, ...]
) -> dict[str, object]:
    rules = [
        {
            **row.stored,
            "antecedent": {"items": [skus[item] for item in row.antecedent]},
            "consequent": {"items": [skus[item] for item in row.consequent]},
            "conviction": row.conviction if np.isfinite(row.conviction) else None,
        }
        for row in RuleColumns.rows(listed)
    ]
    return {"rules": rules, "curve": counts.to_dicts()}


def _show(listed: pl.DataFrame, counts: pl.DataFrame, names: list[str]) -> None:
    console = Console()
    console = console if console.is_terminal else Console(width=WIDTH)
    heads = ("who buys", "also buys", "orders", "confidence", "at least", "lift")
    table = Table(*heads, box=None, header_style="bold", pad_edge=False)
    for row in RuleColumns.rows(listed.head(SHOWN)):
        left, right = (
            " & ".join(names[item] for item in side) for side in (row.antecedent, row.consequent)
        )
        sure = f"{row.confidence:.1%}", f"{row.confidence_low:.1%}"
        table.add_row(left, right, f"{row.orders:,}", *sure, f"{row.lift:,.1f}")
    console.print(table)
    console.print(f"\n{len(listed):,} rules; with other numbers of orders there are:")
    console.print(_curve(counts))


def _curve(counts: pl.DataFrame) -> Table:
    table = Table(*counts.columns, box=None, header_style="bold", pad_edge=False)
    for row in counts.iter_rows():
        table.add_row(*(f"{value:,}" for value in row))
    return table
