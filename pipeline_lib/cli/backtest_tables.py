"""The back-test as tables for people; measures nothing."""

from collections.abc import Sequence

import numpy as np
from rich.console import Console
from rich.table import Table

from pipeline_lib.mining.candidates.larger import Larger
from pipeline_lib.ranking.backtest import Cell, Past, against_best

WIDTH = 140


def show(cells: Sequence[Cell], larger: Sequence[Larger], past: Past) -> None:
    """Print ours beside the best baseline of each cell, every method, and the sets of three."""
    console = Console()
    console = console if console.is_terminal else Console(width=WIDTH)
    rows = against_best(cells)
    head = ("k", "cap", "incremental", "best baseline", "its", "ratio", ">= 5", ">= 20")
    tail = ("products", "coverage", "revenue", "calibrated")
    table = Table(*head, *tail, box=None, header_style="bold", pad_edge=False)
    for row in rows:
        table.add_row(
            str(row["k"]), str(row["cap"] or "any"), f"{row['incremental']:,.0f}", row["best"],
            f"{row['of_best']:,.0f}", f"{row['ratio']:.3f}", f"{row['share_ge5']:.2f}",
            f"{row['share_ge20']:.2f}", str(row["products"]), f"{row['coverage']:.3f}",
            f"{row['revenue']:.3f}", f"{row['calibration']:.3f}",
        )  # fmt: skip
    console.print(table)
    ratios = [row["ratio"] for row in rows]
    console.print(
        f"\nprofile {past.choice.profile.name}, {len(past.pairs):,} pairs of "
        f"{len(past.baskets.day):,} orders; mean ratio {np.mean(ratios):.3f}, "
        f"least {min(ratios):.3f}",
        highlight=False,
    )
    console.print(_methods(cells))
    console.print("\nsets of three, most above expectation first")
    threes = Table("k", "incremental", "co-purchases", ">= 5", box=None, pad_edge=False)
    for one in larger:
        seen = (f"{one.incremental:,.0f}", f"{one.copurchases:,}", f"{one.share_ge5:.2f}")
        threes.add_row(str(one.k), *seen)
    console.print(threes)


def _methods(cells: Sequence[Cell]) -> Table:
    """Incremental held-out co-purchases of every method, a column a cell."""
    keys = list(dict.fromkeys((cell.k, cell.cap) for cell in cells))
    heads = [f"{k}/{cap or 'any'}" for k, cap in keys]
    table = Table("k/cap", *heads, box=None, header_style="bold", pad_edge=False)
    for method in dict.fromkeys(cell.method for cell in cells):
        found = {(cell.k, cell.cap): cell for cell in cells if cell.method == method}
        table.add_row(method, *(f"{found[key].incremental:,.0f}" for key in keys))
    return table
