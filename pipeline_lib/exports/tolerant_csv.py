"""Splits lines into records one by one, forgiving and slow, where a file is not clean."""

import csv
from collections.abc import Iterator, Sequence
from typing import NamedTuple

OPEN = "it opens a quote that is not closed"


class CsvRecord(NamedTuple):
    """One record of a file.

    Attributes:
        start: index of its first physical line.
        end: index behind its last.
        cells: its cells, as many as the header's when ``problem`` is None.
        problem: why it cannot be read.
    """

    start: int
    end: int
    cells: list[str]
    problem: str | None


def decode_lines(text: bytes) -> list[str]:
    """Physical lines with their ends; a line that is not UTF-8 is read as Windows-1252."""
    lines = text.split(b"\n")
    last = lines.pop()
    ended = [line + b"\n" for line in lines]
    return [_decoded(line) for line in ([*ended, last] if last else ended)]


def _decoded(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")


def parse_records(
    lines: Sequence[str], *, delimiter: str, width: int, whole: bool = True
) -> Iterator[CsvRecord]:
    """Every record of the lines, in order; blank lines are no records.

    A record of several lines with the wrong number of cells is taken to be one broken line: reading
    goes on at the next, so that a lost quote costs a row and not the rest of the file.

    Args:
        lines: physical lines with their ends.
        delimiter: one character.
        width: cells of the header.
        whole: whether the lines end where a record does; if not, the last record may be a part of
            one and says nothing.
    """
    start = 0
    while start < len(lines):
        for record in _run(lines, start, delimiter, width, whole=whole):
            start = record.end
            if record.cells or record.problem:
                yield record


def _run(
    lines: Sequence[str], start: int, delimiter: str, width: int, *, whole: bool
) -> Iterator[CsvRecord]:
    """Records up to and with the first that makes the reader begin anew."""
    rest = (lines[i] for i in range(start, len(lines)))
    reader = csv.reader(rest, delimiter=delimiter)
    begin = start
    while begin < len(lines):
        try:
            cells = next(reader)
        except csv.Error:
            yield CsvRecord(begin, begin + 1, _alone(lines[begin], delimiter), OPEN)
            return
        end = start + reader.line_num
        problem = _problem(cells, width)
        partial = end == len(lines) and not whole
        if end > begin + 1 and not partial and (problem or _is_open(lines[begin:end], delimiter)):
            yield CsvRecord(begin, begin + 1, _alone(lines[begin], delimiter), OPEN)
            return
        yield CsvRecord(begin, end, cells if problem else cells[:width], problem)
        begin = end


def _problem(cells: list[str], width: int) -> str | None:
    if not cells or (len(cells) >= width and not any(map(str.strip, cells[width:]))):
        return None
    more = len(cells) > width
    return f"it has {len(cells)} cells where the header has {width}" + (
        "; put quotes around a cell that holds the separator" if more else ""
    )


def _is_open(lines: Sequence[str], delimiter: str) -> bool:
    """Whether the record's last quote is never closed."""
    try:
        list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


def _alone(line: str, delimiter: str) -> list[str]:
    """The cells of one line as if no quote meant anything."""
    return line.rstrip("\r\n").split(delimiter)
