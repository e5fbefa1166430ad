"""A piece of a file as whole records of text cells, and the same as written; cuts nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from pipeline_lib.exports.records import decoded, records


@dataclass(frozen=True)
class Layout:
    """Where the cells stand.

    Attributes:
        file: the file's name, for refusals.
        delimiter: one character.
        width: cells of the header.
        fields: field to the position of its column; only these are read.
        together: the field whose adjacent equal values stay in one block, or None.
        header_lines: physical lines before the first record.
        numbers: field to the type that it is read as in blocks where all its cells are plain
            numbers, digits with a point or none; in other blocks it is text.
    """

    file: str
    delimiter: str
    width: int
    fields: dict[str, int]
    together: str | None
    header_lines: int
    numbers: dict[str, pl.DataType] = field(default_factory=dict)


@dataclass(frozen=True)
class Raw:
    """A record as it stands in the file: its number from 1, its physical line, its cells."""

    row: int
    line: int
    cells: list[str]
    problem: str | None = None


@dataclass(frozen=True)
class Block:
    """Some adjacent records.

    Attributes:
        frame: ``row`` Int64 and a column per field, String but for the layout's ``numbers``; the
            records that are whole.
        rows: all records, broken ones too.
        broken: the records whose cells do not fit the header.
        lines: physical lines.
    """

    frame: pl.DataFrame = field(repr=False)
    rows: int
    broken: tuple[Raw, ...] = field(repr=False)
    first_row: int
    first_line: int
    lines: int
    layout: Layout
    text: memoryview = field(repr=False)
    clean: bool

    def raw(self, wanted: Sequence[int]) -> list[Raw]:
        """Those of its records that have these numbers, as they stand in the file, in order."""
        numbers = set(wanted) & set(range(self.first_row, self.first_row + self.rows))
        if not numbers:
            return []
        lines = decoded(bytes(self.text))
        if self.clean and len(lines) == self.rows:
            return [self._single(lines, number) for number in sorted(numbers)]
        found = records(lines, delimiter=self.layout.delimiter, width=self.layout.width)
        return [
            Raw(row, self.first_line + record.start, record.cells)
            for row, record in enumerate(found, self.first_row)
            if row in numbers
        ]

    def _single(self, lines: Sequence[str], row: int) -> Raw:
        at = row - self.first_row
        record = next(
            records([lines[at]], delimiter=self.layout.delimiter, width=self.layout.width)
        )
        return Raw(row, self.first_line + at, record.cells)
