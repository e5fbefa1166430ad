"""The back-test as tables for people; measures nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from pipeline_lib.mining.candidates.larger import Larger
from pipeline_lib.ranking.backtest import Ceilings, Cell, Past, against_best
from pipeline_lib.recommendations.list_backtest import ListCell

WIDTH = 160


@dataclass(frozen=True)
class Result:
    """All that one back-test measured."""

    cells: Sequence[Cell]
    ceilings: Ceilings
    larger: Sequence[Larger]
    lists: Sequence[ListCell]
    past: Past


def show(result: Result) -> None:
    """Print ours beside the best baseline of each cell, every method, sets of three and lists."""
    console = Console()
    console = console if console.is_terminal else Console(width=WIDTH)
    rows = against_best(result.cells, result.ceilings)
    console.print(_beside_best(rows))
    ratios, past = [row["ratio"] for row in rows], result.past
    console.print(
        f"\nprofile {past.choice.profile.name}, {len(past.pairs):,} pairs of "
        f"{len(past.baskets.day):,} orders; mean ratio {np.mean(ratios):.3f}, "
        f"least {min(ratios):.3f}; least share of the ceiling "
        f"{min(row['of_ceiling'] for row in rows):.3f}",
        highlight=False,
    )
    console.print(_methods(result.cells))
    console.print("\nsets of three, most above expectation first")
    console.print(_threes(result.larger))
    console.print("\nlists that a shop would have been shown, in the thirty days after")
    console.print(_lists(result.lists))


def _beside_best(rows: Sequence[dict[str, Any]]) -> Table:
    head = ("k", "cap", "incremental", "beyond sizes", "best baseline", "its", "ratio")
    tail = ("of ceiling", ">= 5", ">= 20", "products", "coverage", "revenue", "calibrated")
    table = Table(*head, *tail, box=None, header_style="bold", pad_edge=False)
    for row in rows:
        ratio = f"{row['ratio']:.3f}" if row["tells"] else f"({row['ratio']:.3f})"
        table.add_row(
            str(row["k"]), str(row["cap"] or "any"),
            f"{row['incremental']:,.0f} ± {row['noise']:,.0f}", f"{row['beyond_sizes']:,.0f}",
            row["best"], f"{row['of_best']:,.0f}", ratio, f"{row['of_ceiling']:.3f}",
            f"{row['share_ge5']:.2f}", f"{row['share_ge20']:.2f}", str(row["products"]),
            f"{row['coverage']:.3f}", f"{row['revenue']:.3f}", f"{row['calibration']:.3f}",
        )  # fmt: skip
    return table


def _threes(larger: Sequence[Larger]) -> Table:
    table = Table("k", "incremental", "co-purchases", ">= 5", box=None, pad_edge=False)
    for one in larger:
        seen = (f"{one.incremental:,.0f}", f"{one.copurchases:,}", f"{one.share_ge5:.2f}")
        table.add_row(str(one.k), *seen)
    return table


def _lists(lists: Sequence[ListCell]) -> Table:
    """Modelled gain, distinct pairs and their incremental orders, a column a size."""
    sizes = list(dict.fromkeys(cell.k for cell in lists))
    heads = [f"first {k}: gain / pairs / incremental / baseline / series" for k in sizes]
    table = Table("list", *heads, box=None, header_style="bold", pad_edge=False)
    for name in dict.fromkeys(cell.name for cell in lists):
        cells = {cell.k: cell for cell in lists if cell.name == name}
        table.add_row(name, *(_of_list(cells[k]) for k in sizes))
    return table


def _of_list(cell: ListCell) -> str:
    return (
        f"{cell.gain / 100:,.0f} / {cell.pairs} / {cell.incremental:,.0f} / "
        f"{cell.baseline:,.0f} / {cell.series:.2f}"
    )


def _methods(cells: Sequence[Cell]) -> Table:
    """Incremental held-out co-purchases of every method, a column a cell."""
    keys = list(dict.fromkeys((cell.k, cell.cap) for cell in cells))
    heads = [f"{k}/{cap or 'any'}" for k, cap in keys]
    table = Table("k/cap", *heads, box=None, header_style="bold", pad_edge=False)
    for method in dict.fromkeys(cell.method for cell in cells):
        found = {(cell.k, cell.cap): cell for cell in cells if cell.method == method}
        table.add_row(method, *(f"{found[key].incremental:,.0f}" for key in keys))
    return table
