"""What stands once an order: its date, customer and state; finds it for lines that lack it."""

from collections import deque
from typing import NamedTuple

import numpy as np
import polars as pl

from pipeline_lib.exports import cells, dates, keys
from pipeline_lib.exports.chunks import Chunk
from pipeline_lib.exports.sniff import ExportFormat

ORDER_FIELDS = (
    "ordered_at",
    "ordered_time",
    "currency",
    "financial_status",
    "cancelled_at",
    "refunded",
    "total",
    "tags",
    "payment",
    "source",
    "customer",
)
UTC = pl.Datetime("us", "UTC")
REMEMBERED = 100_000  # orders whose cells are kept for lines that come later in the file
NO_DATE = "the order's date is missing, here and on the order's first row"
BAD_DATE = "the order's date cannot be read"


class OrderedChunk(NamedTuple):
    """A chunk, and what stands once an order.

    Attributes:
        chunk: the lines.
        run: each line's run, from 0: adjacent lines of one order.
        heads: the runs' order cells as text, with ``order_id``.
        at: the runs' instants; null where there is none.
        late: why a run that must have an instant has none; else null.
        customers: the runs' customers as keyed hashes; null where there is none.
    """

    chunk: Chunk
    run: pl.Series
    heads: pl.DataFrame
    at: pl.Series
    late: pl.Series
    customers: pl.Series


class OrderCells:
    """The orders of one file, chunk by chunk.

    A run is the adjacent lines of one order. Its first line has the order's cells; when that one
    has no date or no state, its blank cells are those of another line of the order, in this chunk
    or before it.
    """

    def __init__(self, export: ExportFormat, key: bytes) -> None:
        self._export = export
        self._key = key
        self._earlier: deque[pl.DataFrame] = deque()

    def read(self, chunk: Chunk) -> OrderedChunk:
        """The chunk with its orders; chunks are read in the file's order."""
        run, heads = self._runs(chunk.frame)
        at, late = self._dates(heads)
        return OrderedChunk(chunk, run, heads, at, late, self._customers(heads))

    def _runs(self, frame: pl.DataFrame) -> tuple[pl.Series, pl.DataFrame]:
        ids = frame["order_id"]
        first = pl.concat([pl.Series([True]), ids.slice(1) != ids.head(len(ids) - 1)])
        first = first.head(len(ids)).alias("order")
        run = pl.Series("order", np.cumsum(first.to_numpy(), dtype=np.uint32) - 1, pl.UInt32)
        have = ["order_id", *(field for field in ORDER_FIELDS if field in frame.columns)]
        # column by column: Polars' threads filter a whole frame, and others keep them busy
        heads = pl.DataFrame([frame[field].filter(first) for field in have])
        if "ordered_at" in have:
            heads = self._completed(heads, frame)
        return run, heads

    def _completed(self, heads: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
        """Heads that lack a date or a state, with the cells of a row of the same order."""
        lacking = cells.blanks(heads["ordered_at"])
        if "financial_status" in heads.columns:
            lacking |= heads["financial_status"] == ""
        if lacking.any():
            told = rows.select(heads.columns).filter(_tells(rows))
            known = pl.concat([*self._earlier, told])
            known = known.unique("order_id", keep="first", maintain_order=True)
            found = heads.join(known, on="order_id", how="left", maintain_order="left")
            heads = found.select("order_id", *map(_own_else_found, heads.columns[1:]))
        self._remember(heads.filter(_tells(heads)) if lacking.any() else heads)
        return heads

    def _remember(self, heads: pl.DataFrame) -> None:
        self._earlier.append(heads)
        while sum(one.height for one in self._earlier) - self._earlier[0].height > REMEMBERED:
            self._earlier.popleft()

    def _dates(self, heads: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
        reason = pl.repeat(None, heads.height, dtype=pl.String, eager=True)
        if "ordered_at" not in heads.columns:
            return pl.repeat(None, heads.height, dtype=UTC, eager=True), reason
        at = dates.instants(_moments(heads), day_first=self._export.day_first)
        if at.null_count():
            blank = cells.blanks(heads["ordered_at"])
            reason = reason.set(at.is_null(), BAD_DATE).set(blank, NO_DATE)
        return at, reason

    def _customers(self, heads: pl.DataFrame) -> pl.Series:
        if "customer" not in heads.columns:
            return pl.repeat(None, heads.height, dtype=pl.String, eager=True)
        return keys.hash_customers(heads["customer"], self._key)


def _moments(heads: pl.DataFrame) -> pl.Series:
    """The orders' dates, with the time that stands in a column of its own."""
    if "ordered_time" not in heads.columns:
        return heads["ordered_at"]
    day, time = pl.col("ordered_at").str.strip_chars(), pl.col("ordered_time").str.strip_chars()
    clock = time.str.replace(r"^(\d{1,2})[hH]?(\d{2})$", "$1:$2")
    whole = pl.when(day.str.contains(r"\d:\d{2}") | ~clock.str.contains(r"^\d{1,2}:\d{2}"))
    day_alone = day.str.replace(r"[ T]00:00(:00)?$", "")
    midnight = pl.when(time == "").then(day).otherwise(day_alone + " " + clock)
    return heads.select(whole.then(day).otherwise(midnight))["ordered_at"]


def _tells(rows: pl.DataFrame) -> pl.Expr:
    """Whether a row has its order's date and, where the file has states, its state."""
    told = [~cells.is_blank(pl.col("ordered_at"))]
    if "financial_status" in rows.columns:
        told.append(pl.col("financial_status") != "")
    return pl.all_horizontal(told)


def _own_else_found(field: str) -> pl.Expr:
    found = pl.col(f"{field}_right").fill_null("")
    return pl.when(cells.is_blank(pl.col(field))).then(found).otherwise(pl.col(field)).alias(field)
