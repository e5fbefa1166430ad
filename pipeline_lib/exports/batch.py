"""What a reader hands out: kept rows, and the count of every row that was not kept."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import polars as pl

from pipeline_lib.errors import BadExport

PARTIAL_ORDERS = pl.Schema(dict.fromkeys(("order_id", "sku", "rule", "customer"), pl.String()))


@dataclass(frozen=True)
class Batch:
    """Some adjacent rows of a file; ``rows`` = kept + set aside + rejected.

    Attributes:
        kept: typed rows, in the file's order.
        rejected: ``row`` and ``line`` Int64, ``reason``, and the file's own columns as text, in
            which every cell that could be personal is blank; by row.
        set_aside: rule to the rows that it took, each row under one rule.
        altered: rule to the kept rows that it changed.
        rows: records read.
        partial_orders: of the orders that lost lines to a rule, all lines: ``order_id`` str,
            ``sku`` str or null, ``rule`` str, null for a line that was kept, and ``customer`` str
            or null; none where nothing is ordered.
    """

    kept: pl.DataFrame
    rejected: pl.DataFrame
    set_aside: dict[str, int]
    rows: int
    altered: dict[str, int] = field(default_factory=dict)
    partial_orders: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(schema=PARTIAL_ORDERS)
    )


def join_parts(
    file: str,
    parts: Iterable[tuple[pl.DataFrame, pl.DataFrame, int]],
    merge: Callable[[pl.DataFrame], tuple[pl.DataFrame, dict[str, int]]],
) -> Batch:
    """A file that is read whole: its parts as one batch.

    Args:
        file: its name, for errors.
        parts: typed rows, rejected rows and the count of all, in the file's order; at least one.
        merge: of all typed rows, those to keep, and how many each rule set aside.

    Raises:
        BadExport: more rows were rejected than not.
    """
    good, bad, rows = zip(*parts, strict=True)
    kept, set_aside = merge(pl.concat(good))
    batch = Batch(kept, pl.concat(bad), set_aside, sum(rows))
    tally = Tally(file)
    tally.add(batch)
    tally.close()
    return batch


class Tally:
    """Counts a file's rows while they pass, to refuse one that is mostly not understood."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._rows = 0
        self._lost = 0
        self._first: tuple[int, str] | None = None

    def add(self, batch: Batch) -> None:
        """Count a batch."""
        self._rows += batch.rows
        self._lost += batch.rejected.height
        if self._first is None and batch.rejected.height:
            self._first = batch.rejected.select("row", "reason").row(0)

    def close(self) -> None:
        """End the count.

        Raises:
            BadExport: more rows were rejected than not.
        """
        if self._first and self._lost * 2 > self._rows:
            row, reason = self._first
            told = f"{self._lost} of {self._rows} rows cannot be read; the first because {reason}"
            raise BadExport(self._file, f"{told}; correct the file or export it again", row)
