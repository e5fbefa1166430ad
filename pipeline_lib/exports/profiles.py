"""What a column's first values look like: numbers, dates, words, what repeats and with what."""

from functools import cached_property

import polars as pl

from pipeline_lib.exports import cells, dates

FEW = 5  # values; fewer prove nothing
PERSON = r"(?i)[^@\s]+@[^@\s]+\.[a-z]{2,}"
MOSTLY = 0.9
SHARE = r"^\s*-?[\d.,]+\s*%\s*$"


class Column:
    """One column's first cells, as text; blank ones say nothing."""

    def __init__(self, texts: pl.Series, *, decimal: str) -> None:
        self.cells = texts
        self._decimal = decimal

    @cached_property
    def values(self) -> pl.Series:
        """The cells that are not blank, trimmed, in the file's order."""
        plain = self.cells.str.strip_chars()
        return plain.filter(~cells.blanks(plain))

    @cached_property
    def once(self) -> pl.Series:
        """The distinct values."""
        return self.values.unique(maintain_order=True)

    @property
    def says_something(self) -> bool:
        """Whether there are values enough to judge by."""
        return len(self.values) >= FEW

    @cached_property
    def filled(self) -> float:
        """The share of cells that are not blank."""
        return len(self.values) / max(1, len(self.cells))

    @cached_property
    def repeats(self) -> float:
        """The share of values that stood before."""
        return 1 - len(self.once) / max(1, len(self.values))

    @cached_property
    def numbers(self) -> pl.Series:
        """The values as Float64; null where one is no number."""
        return cells.numbers(self.values, decimal=self._decimal)

    @cached_property
    def numeric(self) -> float:
        """The share of values that are numbers."""
        return 1 - self.numbers.null_count() / max(1, len(self.values))

    @cached_property
    def whole(self) -> float:
        """The share of values that are whole numbers."""
        read = self.numbers
        return int((read == read.round()).sum()) / max(1, len(self.values))

    @cached_property
    def dated(self) -> float:
        """The share of values that are dates; of bare numbers only those that Excel writes."""
        both = (dates.instants(self.values, day_first=first) for first in (True, False))
        return 1 - min(read.null_count() for read in both) / max(1, len(self.values))

    def share(self, pattern: str) -> float:
        """The share of values that match a pattern."""
        return float(self.values.str.contains(pattern).mean() or 0.0)  # type: ignore[arg-type]

    @cached_property
    def worded(self) -> float:
        """The share of values that hold two letters together, or one of another script."""
        return self.share(r"\p{L}\p{L}|[\p{Han}\p{Hiragana}\p{Katakana}]")


def varies_within(values: pl.Series, groups: pl.Series) -> tuple[int, float]:
    """How many groups have two rows or more, and in what share of them the values differ."""
    frame = pl.DataFrame({"v": values, "g": groups}).filter(pl.col("g").str.strip_chars() != "")
    several = frame.group_by("g").agg(pl.len().alias("n"), pl.col("v").n_unique().alias("d"))
    several = several.filter(pl.col("n") > 1)
    if several.is_empty():
        return 0, 0.0
    return several.height, float((several["d"] > 1).mean())  # type: ignore[arg-type]


def counts_lines(column: Column, groups: pl.Series) -> bool:
    """Whether the column numbers the rows of each group: 1, 2, 3 and again from 1."""
    numbers = cells.integers(column.cells, decimal=".")
    if numbers.null_count():
        return False
    number = pl.col("number")
    sizes = (
        pl.DataFrame({"number": numbers, "group": groups})
        .group_by("group")
        .agg(
            rows=pl.len(),
            distinct=number.n_unique(),
            first=number.min(),
            span=number.max() - number.min() + 1,
        )
    )
    several = sizes.filter(pl.col("rows") > 1)
    counted = (
        (pl.col("first") == pl.lit(sizes["first"].min()))
        & (pl.col("distinct") == pl.col("rows"))
        & (pl.col("span") == pl.col("rows"))
    )
    return several.height >= FEW and bool(several.select(counted.mean() >= MOSTLY).item())
