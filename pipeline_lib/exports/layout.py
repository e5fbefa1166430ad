"""Where a file's cells stand: its separator, its header, the positions of its fields."""

from dataclasses import dataclass, field

import polars as pl


@dataclass(frozen=True)
class Layout:
    """Where the cells stand.

    Attributes:
        file: the file's name, for refusals.
        delimiter: one character.
        width: cells of the header.
        fields: field to the position of its column; only these are read.
        together: the field whose adjacent equal values stay in one chunk, or None.
        header_lines: physical lines before the first record.
        numbers: field to the type that it is read as in chunks where all its cells are plain
            numbers, digits with a point or none; in other chunks it is text.
    """

    file: str
    delimiter: str
    width: int
    fields: dict[str, int]
    together: str | None
    header_lines: int
    numbers: dict[str, pl.DataType] = field(default_factory=dict)
