"""Cuts a stream into chunks of whole records and whole orders, as text cells."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from pipeline_lib.errors import BadExport
from pipeline_lib.exports.dialect import PIECE
from pipeline_lib.exports.fast_csv import NEWLINE, FastParser, count
from pipeline_lib.exports.layout import Layout
from pipeline_lib.exports.tolerant_csv import CsvRecord, decode_lines, parse_records

QUOTE = ord('"')


@dataclass(frozen=True)
class RawRecord:
    """A record as it stands in the file: its number from 1, its physical line, its cells."""

    row: int
    line: int
    cells: list[str]
    problem: str | None = None


@dataclass(frozen=True)
class Chunk:
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
    broken: tuple[RawRecord, ...] = field(repr=False)
    first_row: int
    first_line: int
    lines: int
    layout: Layout
    text: memoryview = field(repr=False)
    clean: bool

    def raw(self, wanted: Sequence[int]) -> list[RawRecord]:
        """Those of its records that have these numbers, as they stand in the file, in order."""
        numbers = set(wanted) & set(range(self.first_row, self.first_row + self.rows))
        if not numbers:
            return []
        lines = decode_lines(bytes(self.text))
        if self.clean and len(lines) == self.rows:
            return [self._single(lines, number) for number in sorted(numbers)]
        found = parse_records(lines, delimiter=self.layout.delimiter, width=self.layout.width)
        return [
            RawRecord(row, self.first_line + record.start, record.cells)
            for row, record in enumerate(found, self.first_row)
            if row in numbers
        ]

    def _single(self, lines: Sequence[str], row: int) -> RawRecord:
        at = row - self.first_row
        record = next(
            parse_records([lines[at]], delimiter=self.layout.delimiter, width=self.layout.width)
        )
        return RawRecord(row, self.first_line + at, record.cells)


def read_chunks(pieces: Iterable[bytes], layout: Layout) -> Iterator[Chunk]:
    """The file's records behind its header, in order, in chunks of about PIECE bytes.

    Raises:
        BadExport: a single record is longer than a chunk.
    """
    row, line, carry, clean = 1, layout.header_lines + 1, b"", FastParser(layout)
    for piece, last in _marked(_behind_header(pieces, layout.header_lines)):
        text = carry + piece
        if last and not text.endswith(b"\n"):
            text += b"\n"
        chunk, carry = _taken(text, clean, last=last, row=row, line=line)
        if chunk is None:
            if not last and len(text) > 2 * PIECE:
                raise BadExport(layout.file, "is longer than any row can be; is it a CSV?", row)
            continue
        yield chunk
        row += chunk.rows
        line += chunk.lines


def _behind_header(pieces: Iterable[bytes], lines: int) -> Iterator[bytes]:
    """The pieces without the first physical lines."""
    for piece in pieces:
        rest = piece
        while lines and rest:
            _, newline, rest = rest.partition(b"\n")
            lines -= len(newline)
        if rest:
            yield rest


def _marked(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """The same pieces, each with whether it is the last; an empty one when there is none."""
    held = b""
    for piece in pieces:
        if held:
            yield held, False
        held = piece
    yield held, True


def _taken(
    text: bytes, clean: FastParser, *, last: bool, row: int, line: int
) -> tuple[Chunk | None, bytes]:
    """A chunk from the text's beginning, and the bytes that the next one begins with."""
    layout = clean.layout
    end = len(text) if last else _whole(text)
    body = text[:end].rstrip(b"\r\n") + b"\n" if last else text[:end]
    closed = not last or count(body, QUOTE) % 2 == 0
    parsed = clean.frame(body) if closed and len(body) > 1 else None
    if parsed is None:
        return _forgiven(text, last=last, row=row, line=line, layout=layout)
    frame, lines = parsed
    keep, end = frame.height, len(body)
    if not last and (open_end := _tail(frame, layout)):
        keep, end = keep - open_end, _before(body, open_end)
        if _records(body[end:], layout) != open_end:
            return _forgiven(text, last=last, row=row, line=line, layout=layout)
        frame, lines = frame.head(keep), lines - body.count(b"\n", end)
    numbered = frame.with_columns(row=pl.int_range(row, row + keep, dtype=pl.Int64))
    view = memoryview(body)[:end]
    rest = b"" if last else text[end:]
    return Chunk(numbered, keep, (), row, line, lines, layout, view, clean=True), rest


def _whole(text: bytes) -> int:
    """The offset behind the last line end that is outside quotes; 0 when there is none."""
    quotes, end = count(text, QUOTE), len(text)
    while (at := text.rfind(b"\n", 0, end)) >= 0:
        quotes -= text.count(b'"', at, end)
        if quotes % 2 == 0:
            return at + 1
        end = at
    return 0


def _before(body: bytes, count: int) -> int:
    """The offset at which the last records begin; a wrong one if there are stray quotes."""
    begin = len(body)
    for _ in range(count):
        at = body.rfind(b"\n", 0, begin - 1)
        while at >= 0 and body.count(b'"', at + 1, begin) % 2:
            at = body.rfind(b"\n", 0, at)
        begin = at + 1
    return begin


def _records(text: bytes, layout: Layout) -> int:
    return sum(
        1 for _ in parse_records(decode_lines(text), delimiter=layout.delimiter, width=layout.width)
    )


def _tail(frame: pl.DataFrame, layout: Layout) -> int:
    """How many of the last rows may go on in the next chunk; 0 when all rows are of one order."""
    if layout.together is None:
        return 0
    ids = frame[layout.together]
    others = (ids != ids[-1]).arg_true()
    return frame.height - 1 - int(others[-1]) if len(others) else 0


def _forgiven(
    text: bytes, *, last: bool, row: int, line: int, layout: Layout
) -> tuple[Chunk | None, bytes]:
    """The same as ``_taken`` for a text that is not clean, record by record."""
    lines = decode_lines(text)
    found = list(parse_records(lines, delimiter=layout.delimiter, width=layout.width, whole=last))
    if not last:
        found = _without_tail(found, len(lines), layout)
    if not found:
        return None, b"" if last else text
    used = len(lines) if last else found[-1].end
    numbered = list(enumerate(found, row))
    good = [(number, record.cells) for number, record in numbered if record.problem is None]
    frame = pl.DataFrame(
        {name: [cells[at] for _, cells in good] for name, at in layout.fields.items()},
        schema=dict.fromkeys(layout.fields, pl.String),
    ).with_columns(pl.Series("row", [number for number, _ in good], pl.Int64))
    broken = tuple(
        RawRecord(number, line + record.start, record.cells, record.problem)
        for number, record in numbered
        if record.problem is not None
    )
    end = _offset(text, used)
    view = memoryview(text)[:end]
    height = count(view, NEWLINE)
    chunk = Chunk(frame, len(found), broken, row, line, height, layout, view, clean=False)
    return chunk, text[end:]


def _offset(text: bytes, lines: int) -> int:
    """The offset behind so many line ends."""
    parts = text.split(b"\n", lines)
    return len(text) - len(parts[-1]) if len(parts) > lines else len(text)


def _without_tail(found: list[CsvRecord], lines: int, layout: Layout) -> list[CsvRecord]:
    """The records without those that may go on behind the text's end."""
    kept = [record for record in found if record.end < lines]
    at = layout.fields.get(layout.together or "")
    if at is None or not kept:
        return kept
    order = kept[-1].cells[at] if len(kept[-1].cells) > at else None
    end = len(kept)
    while end and len(kept[end - 1].cells) > at and kept[end - 1].cells[at] == order:
        end -= 1
    return kept[:end] or kept
