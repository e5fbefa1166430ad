"""What a run leaves behind: its files, and the best bundles as a table."""

import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.table import Table

from pipeline_lib import reports
from pipeline_lib.errors import MissingArtefact
from pipeline_lib.ports import Ports
from pipeline_lib.records.recommendations import Recommendation
from pipeline_lib.records.uploads import Upload
from pipeline_lib.reports import ImportReport, Readiness, Signal
from pipeline_lib.runs.job import Artefacts

SHOWN = 30  # rows of the table
PLAIN_WIDTH = 140  # columns where there is no terminal to ask
COLUMNS: dict[str, Literal["left", "right"]] = {
    "#": "right",
    "bundle": "left",
    "type": "left",
    "for": "left",
    "apart": "right",
    "price": "right",
    "orders": "right",
    "times chance": "right",
}
WIDE = 120  # columns of a terminal from which on all of them leave the names room
ONLY_WIDE = {"type", "for", "apart", "times chance"}


def write_results(upload: Upload, ports: Ports, out: Path) -> None:
    """Write the run's record and results to ``out``, and print the best bundles."""
    artefacts = Artefacts(ports.artefacts, upload.work)
    fields = {"format": reports.FORMAT, **upload.fields(), **_list_figures(artefacts)}
    record = json.dumps(fields, indent=2, default=datetime.isoformat)
    _replace(out / "run.json", f"{record}\n")
    for handle in (reports.REJECTS, reports.RECOMMENDATIONS):
        try:
            _replace(out / handle.name, artefacts.text(handle))
        except MissingArtefact:
            (out / handle.name).unlink(missing_ok=True)  # an earlier run left it
    if upload.status == "completed":
        recommendations = artefacts.json(reports.RECOMMENDATIONS)
        print_best_bundles(recommendations, out)
        _print_unusable_files(artefacts.json(reports.IMPORT))
        _print_limits(artefacts.json(reports.READINESS), artefacts.json(reports.SIGNAL))


def _list_figures(artefacts: Artefacts) -> dict[str, Any]:
    """How many sets fell to which rule, and what the list earns; only of a run that has a list."""
    try:
        ranking, gain = artefacts.json(reports.RANKING), artefacts.json(reports.GAIN)
    except MissingArtefact:
        return {}
    return {"left_out": ranking.left_out, "gain": gain.model_dump()}


def print_best_bundles(recommendations: Sequence[Recommendation], out: Path) -> None:
    """Print the best bundles as a table, and where all of them are."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=PLAIN_WIDTH)
    table = Table(box=None, header_style="bold", pad_edge=False)
    told = [name for name in COLUMNS if console.width >= WIDE or name not in ONLY_WIDE]
    for name in told:
        table.add_column(name, justify=COLUMNS[name], no_wrap=name != "bundle")
    for one in recommendations[:SHOWN]:
        cells = _cells(one)
        table.add_row(*(cells[name] for name in told))
    console.print(table)
    console.print(
        f"\n{len(recommendations)} bundles, all in {out / reports.RECOMMENDATIONS.name}",
        highlight=False,
    )


def _print_unusable_files(report: ImportReport) -> None:
    """Print which files the run did without, and why."""
    for slot, reason in report.unusable.items():
        print(f"Done without {slot}: {reason}")


def _print_limits(ready: Readiness, signal: Signal) -> None:
    """Print how much signal there was, and what thin evidence cannot promise."""
    if ready.orders:
        print(f"{signal.summary}.")
    if ready.outcome != "ready":
        print(f"\nWhat these bundles cannot promise ({ready.outcome.replace('_', ' ')}):")
        for sentence in ready.cannot:
            print(f"  {sentence}")


def _cells(one: Recommendation) -> dict[str, str]:
    pricing, evidence = one.pricing, one.evidence
    return {
        "#": str(one.rank_position),
        "bundle": one.ai_copy.title,
        "type": one.bundle_type,
        "for": one.objective.replace("_", " "),
        "apart": pricing.list_price,
        "price": f"{pricing.bundle_price} {pricing.currency or ''}".rstrip(),
        "orders": f"{evidence.orders_together or 0:,}",
        "times chance": "" if evidence.lift is None else f"{evidence.lift:,.1f}",
    }


def _replace(path: Path, text: str) -> None:
    """Write the file whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    part.write_text(text)
    os.replace(part, path)  # noqa: PTH105 - replaces atomically
