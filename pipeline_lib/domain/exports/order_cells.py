"""What stands once an order: its date, customer and state; finds it for lines that lack it."""

from collections import deque

import polars as pl

from pipeline_lib.domain.exports import cells, dates, keys
from pipeline_lib.domain.exports.survey import Survey

ORDER_FIELDS = (
    "ordered_at",
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


class Orders:
    """The orders of one file, block by block.

    A run is the adjacent lines of one order. Its first line has the order's cells; when that one
    has no date, the cells are those of another line of the order, in this block or before it.
    """

    def __init__(self, survey: Survey, key: bytes) -> None:
        self._survey = survey
        self._key = key
        self._earlier: deque[pl.DataFrame] = deque()

    def runs(self, frame: pl.DataFrame) -> tuple[pl.Series, pl.DataFrame]:
        """Each line's run, from 0, and the runs' order cells as text, with ``order_id``."""
        ids = frame["order_id"]
        first = (ids != ids.shift(1)).fill_null(value=True)
        run = (first.cast(pl.UInt32).cum_sum() - 1).alias("order")
        have = [field for field in ORDER_FIELDS if field in frame.columns]
        heads = frame.filter(first).select("order_id", *have)
        if "ordered_at" in have:
            heads = self._completed(heads, frame.select("order_id", *have))
        return run, heads

    def _completed(self, heads: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
        """Heads without a date with the cells of a row of the same order that has one."""
        blank = heads.select(cells.is_blank(pl.col("ordered_at"))).to_series()
        if blank.any():
            dated = ~cells.is_blank(pl.col("ordered_at"))
            known = pl.concat([*self._earlier, rows.filter(dated)])
            known = known.unique("order_id", keep="first", maintain_order=True)
            found = (
                heads.filter(blank)
                .select("order_id")
                .join(known, on="order_id", how="left", maintain_order="left")
            )
            places = heads.with_row_index("at")
            filled = places.filter(blank).select("at").hstack(found)
            both = pl.concat([places.filter(~blank), filled]).sort("at").drop("at")
            heads = both.with_columns(pl.all().fill_null(""))
        self._remember(heads)
        return heads

    def _remember(self, heads: pl.DataFrame) -> None:
        self._earlier.append(heads)
        while sum(one.height for one in self._earlier) - self._earlier[0].height > REMEMBERED:
            self._earlier.popleft()

    def dates(self, heads: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
        """The runs' instants, and why one has none; null and null where the file has no dates."""
        reason = pl.repeat(None, heads.height, dtype=pl.String, eager=True)
        if "ordered_at" not in heads.columns:
            return pl.repeat(None, heads.height, dtype=UTC, eager=True), reason
        at = dates.instants(heads["ordered_at"], day_first=self._survey.day_first)
        if at.null_count():
            blank = heads.select(cells.is_blank(pl.col("ordered_at"))).to_series()
            reason = reason.set(at.is_null(), BAD_DATE).set(blank, NO_DATE)
        return at, reason

    def customers(self, heads: pl.DataFrame) -> pl.Series:
        """The runs' customers as keyed hashes; null where there is none."""
        if "customer" not in heads.columns:
            return pl.repeat(None, heads.height, dtype=pl.String, eager=True)
        return keys.hashed(heads["customer"], self._key)
