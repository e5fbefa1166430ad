"""Parses a text of whole records at once, or not at all; forgives nothing and cuts nothing."""

from collections.abc import Collection, Mapping

import numpy as np
import polars as pl
from polars.exceptions import PolarsError

from pipeline_lib.exports.layout import Layout

PACKED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"x\x5e", b"x\x9c", b"x\xda")  # Polars unpacks these
NEWLINE = ord("\n")
LEARN_AT = 2  # a file of one chunk has no use for it
END = b"\x01"  # a cell put behind each record: a row that lacks it in its place is not clean


class FastParser:
    """Reads texts of one layout.

    The mark behind each record comes to stand behind the line ends inside cells, too. Where all of
    them are found in columns that no field needs, the fields' cells are not searched for it; which
    columns those are is learnt from the second text that has any. Only the speed depends on it.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._mark = layout.delimiter.encode() + END
        self._others: list[int] = []  # the unread columns with line ends in cells
        self._searched = 0  # texts whose fields' cells were searched

    def frame(self, body: bytes) -> tuple[pl.DataFrame, int] | None:
        """The fields' cells and the physical lines; None unless each record fits the header."""
        if END in body or body.startswith(PACKED):
            return None
        text = body.replace(b"\r\n", b"\n") if b"\r" in body else body
        marked = text.replace(b"\n", self._mark + b"\n")
        layout = self.layout
        cells = self._cells(marked, layout.numbers, self._others) if layout.numbers else None
        cells = self._cells(marked, {}, self._others) if cells is None else cells
        width = str(layout.width)
        if cells is None or not (cells[width] == END.decode()).all():
            return None
        wanted = pl.DataFrame({name: cells[str(at)] for name, at in layout.fields.items()})
        lines = count(text, NEWLINE)
        if lines - cells.height == self._marks(cells, self._others):
            return wanted, lines
        self._searched += 1
        if self._searched == LEARN_AT:
            self._others = self._learnt(marked)
        return self._without_marks(wanted), lines

    def _cells(
        self, marked: bytes, numbers: Mapping[str, pl.DataType], others: Collection[int]
    ) -> pl.DataFrame | None:
        """The columns by position, the mark's too; None where they are torn, or no such numbers."""
        fields, width = self.layout.fields, self.layout.width
        types = {str(fields[name]): dtype for name, dtype in numbers.items()}
        try:
            frame = pl.read_csv(
                marked,
                has_header=False,
                separator=self.layout.delimiter,
                schema={str(i): types.get(str(i), pl.String()) for i in range(width + 1)},
                columns=sorted({*fields.values(), *others, width}),
                empty_string_is_null=False,
            )
        except (PolarsError, OSError):
            return None
        whole = all(not frame[at].null_count() and frame[at].is_finite().all() for at in types)
        return frame if whole else None

    def _learnt(self, marked: bytes) -> list[int]:
        """The positions of the unread columns that have line ends in this text."""
        read = {*self.layout.fields.values()}
        unread = [at for at in range(self.layout.width) if at not in read]
        cells = self._cells(marked, {}, unread)
        return [at for at in unread if cells is not None and self._marks(cells, [at])]

    def _marks(self, cells: pl.DataFrame, columns: Collection[int]) -> int:
        """How many marks stand in these columns."""
        if not columns:
            return 0
        texts = cells.select(pl.col(map(str, columns)).str.join("")).row(0)
        return sum(text.count(self._mark.decode()) for text in texts)

    def _without_marks(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The cells without the mark that was put behind each of their own line ends."""
        texts = [name for name, dtype in frame.schema.items() if dtype == pl.String]
        joined = frame.select(pl.col(texts).str.join("")).row(0)  # quicker than cell by cell
        mark = self._mark.decode()
        names = [name for name, text in zip(texts, joined, strict=True) if mark in text]
        whole = pl.col(names).str.replace_all(mark, "", literal=True)
        return frame.with_columns(whole) if names else frame


def count(text: bytes | memoryview, byte: int) -> int:
    """How often a byte stands in the text; faster than ``bytes.count`` where it stands often."""
    return int(np.count_nonzero(np.frombuffer(text, dtype=np.uint8) == byte))
