"""Cuts a stream into blocks of whole records and whole orders, as text cells; types nothing."""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import polars as pl
from polars.exceptions import PolarsError

from pipeline_lib.domain.exports.block import Block, Layout, Raw
from pipeline_lib.domain.exports.dialect import PIECE
from pipeline_lib.domain.exports.records import Record, decoded, records
from pipeline_lib.errors import BadExport

PACKED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"x\x5e", b"x\x9c", b"x\xda")  # Polars unpacks these
QUOTE, NEWLINE = ord('"'), ord("\n")
END = b"\x01"  # a cell put behind each record: a row that lacks it in its place is not clean


def blocks(pieces: Iterable[bytes], layout: Layout) -> Iterator[Block]:
    """The file's records behind its header, in order, in blocks of about PIECE bytes.

    Raises:
        BadExport: a single record is longer than a block.
    """
    row, line, carry = 1, layout.header_lines + 1, b""
    for chunk, last in _marked(_behind_header(pieces, layout.header_lines)):
        text = carry + chunk
        if last and not text.endswith(b"\n"):
            text += b"\n"
        block, carry = _taken(text, last=last, row=row, line=line, layout=layout)
        if block is None:
            if not last and len(text) > 2 * PIECE:
                raise BadExport(layout.file, "is longer than any row can be; is it a CSV?", row)
            continue
        yield block
        row += block.rows
        line += _count(block.text, NEWLINE)


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
    text: bytes, *, last: bool, row: int, line: int, layout: Layout
) -> tuple[Block | None, bytes]:
    """A block from the text's beginning, and the bytes that the next one begins with."""
    end = len(text) if last else _whole(text)
    body = text[:end].rstrip(b"\r\n") + b"\n" if last else text[:end]
    closed = not last or _count(body, QUOTE) % 2 == 0
    frame = _parsed(body, layout) if closed and len(body) > 1 else None
    if frame is None:
        return _forgiven(text, last=last, row=row, line=line, layout=layout)
    keep, end = frame.height, len(body)
    if not last and (open_end := _tail(frame, layout)):
        keep, end = keep - open_end, _before(body, open_end)
        if _records(body[end:], layout) != open_end:
            return _forgiven(text, last=last, row=row, line=line, layout=layout)
        frame = frame.head(keep)
    numbered = frame.with_columns(row=pl.int_range(row, row + keep, dtype=pl.Int64))
    view = memoryview(body)[:end]
    rest = b"" if last else text[end:]
    return Block(numbered, keep, (), row, line, layout, view, clean=True), rest


def _whole(text: bytes) -> int:
    """The offset behind the last line end that is outside quotes; 0 when there is none."""
    quotes, end = _count(text, QUOTE), len(text)
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
    return sum(1 for _ in records(decoded(text), delimiter=layout.delimiter, width=layout.width))


def _tail(frame: pl.DataFrame, layout: Layout) -> int:
    """How many of the last rows may go on in the next block; 0 when all rows are of one order."""
    if layout.together is None:
        return 0
    ids = frame[layout.together]
    others = (ids != ids[-1]).arg_true()
    return frame.height - 1 - int(others[-1]) if len(others) else 0


def _parsed(body: bytes, layout: Layout) -> pl.DataFrame | None:
    """The fields' cells as text; None unless every record has just the header's cells."""
    if END in body or body.startswith(PACKED):
        return None
    text = body.replace(b"\r\n", b"\n") if b"\r" in body else body
    marked = text.replace(b"\n", layout.delimiter.encode() + END + b"\n")
    frame = _cells(marked, layout, layout.numbers) if layout.numbers else None
    frame = _cells(marked, layout, {}) if frame is None else frame
    width = str(layout.width)
    if frame is None or not (frame[width] == END.decode()).all():
        return None
    wanted = frame.select(pl.col(str(at)).alias(name) for name, at in layout.fields.items())
    return wanted if _count(text, NEWLINE) == frame.height else _without_ends(wanted, layout)


def _cells(
    marked: bytes, layout: Layout, numbers: Mapping[str, pl.DataType]
) -> pl.DataFrame | None:
    """The columns by position, the mark's too; None where they are torn, or no such numbers."""
    types = {str(layout.fields[name]): dtype for name, dtype in numbers.items()}
    try:
        frame = pl.read_csv(
            marked,
            has_header=False,
            separator=layout.delimiter,
            schema={str(i): types.get(str(i), pl.String()) for i in range(layout.width + 1)},
            columns=sorted({*layout.fields.values(), layout.width}),
            empty_string_is_null=False,
        )
    except (PolarsError, OSError):
        return None
    whole = all(not frame[at].null_count() and frame[at].is_finite().all() for at in types)
    return frame if whole else None


def _without_ends(frame: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """The cells without the mark that was put behind each of their own line ends."""
    end = END.decode()
    texts = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    joined = frame.select(pl.col(texts).str.join("")).row(0)  # quicker to search than cell by cell
    names = [name for name, text in zip(texts, joined, strict=True) if end in text]
    whole = pl.col(names).str.replace_all(layout.delimiter + end, "", literal=True)
    return frame.with_columns(whole) if names else frame


def _count(text: bytes | memoryview, byte: int) -> int:
    """How often a byte stands in the text; faster than ``bytes.count`` where it stands often."""
    return int(np.count_nonzero(np.frombuffer(text, dtype=np.uint8) == byte))


def _forgiven(
    text: bytes, *, last: bool, row: int, line: int, layout: Layout
) -> tuple[Block | None, bytes]:
    """The same as ``_taken`` for a text that is not clean, record by record."""
    lines = decoded(text)
    found = list(records(lines, delimiter=layout.delimiter, width=layout.width, whole=last))
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
        Raw(number, line + record.start, record.cells, record.problem)
        for number, record in numbered
        if record.problem is not None
    )
    end = _offset(text, used)
    view = memoryview(text)[:end]
    block = Block(frame, len(found), broken, row, line, layout, view, clean=False)
    return block, text[end:]


def _offset(text: bytes, lines: int) -> int:
    """The offset behind so many line ends."""
    parts = text.split(b"\n", lines)
    return len(text) - len(parts[-1]) if len(parts) > lines else len(text)


def _without_tail(found: list[Record], lines: int, layout: Layout) -> list[Record]:
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
