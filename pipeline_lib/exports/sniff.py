"""What a file is, from its beginning: kind, columns, number and date forms; keeps no row."""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import BinaryIO

import polars as pl

from pipeline_lib.errors import BadExport
from pipeline_lib.exports.cells import decimal_sign
from pipeline_lib.exports.chunks import read_chunks
from pipeline_lib.exports.dates import instants, is_ambiguous, proves_day_first
from pipeline_lib.exports.dialect import HEAD, Dialect, decompress, recode, sniff_dialect
from pipeline_lib.exports.headers import HeaderMatch, match_header
from pipeline_lib.exports.layout import Layout
from pipeline_lib.exports.rejects import PRIVATE
from pipeline_lib.exports.tolerant_csv import parse_records

DELIMITERS = ",;\t|"
PREAMBLE = 8  # records that may stand before the header: a title, "sep=;", blank lines
SAMPLE = 2_000  # records that decide the forms of numbers and dates
MONEY = ("price", "total", "line_discount", "compare_at", "cost", "refunded")
ISO_LETTERS = 3
BESIDE_A_PRICE = r"\b([A-Z]{3})\b"
MONTH_FIRST = frozenset({"USD", None})  # currencies whose shops write the month first


@dataclass(frozen=True)
class ExportFormat:
    """What was found out about a file.

    Attributes:
        file: its name, for refusals and reports.
        dialect: how its bytes are written.
        delimiter: between its cells.
        header_lines: physical lines up to and with its header.
        columns: its header cells, as written.
        matched: its kind and its fields.
        decimal: the decimal sign of its numbers.
        day_first: whether 03/04/2024 is the third of April.
        currency: of most of its first lines, ISO 4217; None when none is named.
        sample: its first records as text, a column per field that is not personal; at most SAMPLE.
    """

    file: str
    dialect: Dialect
    delimiter: str
    header_lines: int
    columns: tuple[str, ...]
    matched: HeaderMatch
    decimal: str
    day_first: bool
    currency: str | None
    sample: pl.DataFrame = field(repr=False)

    @property
    def kind(self) -> str:
        """A key of ``headers.json``: ``orders``, ``order_lines``, ``products`` and so on."""
        return self.matched.kind

    def layout(self, *, together: str | None = None) -> Layout:
        """Where the cells of the fields stand."""
        return Layout(
            file=self.file,
            delimiter=self.delimiter,
            width=len(self.columns),
            fields=self.matched.fields,
            together=together,
            header_lines=self.header_lines,
        )


def sniff_export(stream: BinaryIO, *, file: str) -> ExportFormat:
    """Look at a file's beginning; at more of it only when its dates need that to be understood.

    Args:
        stream: the file from its first byte, plain or gzip.
        file: its name, for refusals.

    Raises:
        BadExport: it is empty, no CSV, or no header row of any kind is in it.
    """
    zipped, pieces = decompress(stream, file)
    head = b"".join(_first(pieces))
    dialect, text = sniff_dialect(head[:HEAD], zipped=zipped, file=file)
    lines = text.split("\n")[: None if len(head) < HEAD else -1]
    delimiter, end, columns, matched = _header([line + "\n" for line in lines], file)
    start = ExportFormat(
        file, dialect, delimiter, end, tuple(columns), matched, ".", False, None, pl.DataFrame()
    )
    cells = _sample([line + "\n" for line in lines[end:]], start)
    formed = replace(
        start, sample=cells, decimal=_decimal(cells, delimiter), currency=_currency(cells)
    )
    return replace(formed, day_first=_day_first(formed, chain([head], pieces)))


def _first(pieces: Iterator[bytes]) -> Iterator[bytes]:
    have = 0
    while have < HEAD and (piece := next(pieces, b"")):
        have += len(piece)
        yield piece


def _header(lines: Sequence[str], file: str) -> tuple[str, int, list[str], HeaderMatch]:
    """The delimiter, the physical lines up to the header's end, its cells, and what they are."""
    best: tuple[str, int, list[str], HeaderMatch] | None = None
    for delimiter in DELIMITERS:
        reader = csv.reader(lines, delimiter=delimiter)
        for cells in _gently(islice(reader, PREAMBLE)):
            matched = match_header(cells)
            if matched and (best is None or matched.score > best[3].score):
                best = delimiter, reader.line_num, cells, matched
    if best is None:
        raise BadExport(
            file,
            "has no header row of a known export; its first row must name the columns, as in"
            " Shopify's exports or order_id,sku,quantity,price,date",
            1,
        )
    return best


def _gently(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    try:
        yield from rows
    except csv.Error:
        return


def _sample(lines: Sequence[str], start: ExportFormat) -> pl.DataFrame:
    """The first whole records as text, a column per field.

    Raises:
        BadExport: there is none.
    """
    found = parse_records(lines, delimiter=start.delimiter, width=len(start.columns))
    first = list(islice(found, SAMPLE))
    if not any("".join(record.cells).strip() for record in first):
        raise BadExport(start.file, "has a header and no rows; export it again with data")
    whole = [record.cells for record in first if record.problem is None]
    fields = {name: at for name, at in start.matched.fields.items() if name not in PRIVATE}
    return pl.DataFrame(
        {name: [cells[at] for cells in whole] for name, at in fields.items()},
        schema=dict.fromkeys(fields, pl.String),
    )


def _decimal(sample: pl.DataFrame, delimiter: str) -> str:
    money = [sample[name] for name in MONEY if name in sample.columns]
    proved = decimal_sign(pl.concat([*money, pl.Series([], dtype=pl.String)]))
    return proved or ("," if delimiter == ";" else ".")


def _currency(sample: pl.DataFrame) -> str | None:
    """The currency most often named, in a column or beside prices; of equals, the first by name."""
    if "currency" in sample.columns:
        names = sample["currency"].str.strip_chars().str.to_uppercase()
    elif "price" in sample.columns:
        names = sample["price"].str.extract(BESIDE_A_PRICE).fill_null("")
    else:
        return None
    counts = Counter(name for name in names if len(name) == ISO_LETTERS and name.isalpha())
    return min(counts, key=lambda name: (-counts[name], name), default=None)


def _day_first(known: ExportFormat, pieces: Iterator[bytes]) -> bool:
    """By proof in the head, else anywhere; else by the order that dates follow; else by custom."""
    if "ordered_at" not in known.sample.columns:
        return False
    dates = known.sample["ordered_at"]
    proof = proves_day_first(dates)
    if proof is None and is_ambiguous(dates):
        proof = _later_proof(known, pieces)
        if proof is None:
            proof = _by_order(dates)
        if proof is None:
            return known.delimiter == ";" or known.currency not in MONTH_FIRST
    return bool(proof)


def _later_proof(known: ExportFormat, pieces: Iterator[bytes]) -> bool | None:
    layout = known.layout()
    only = replace(layout, fields={"ordered_at": layout.fields["ordered_at"]})
    cells = (
        chunk.frame["ordered_at"] for chunk in read_chunks(recode(pieces, known.dialect), only)
    )
    return next((p for one in cells if (p := proves_day_first(one)) is not None), None)


def _by_order(dates: pl.Series) -> bool | None:
    """The reading in which the dates, as they follow each other, wander less."""
    wander = {}
    for day_first in (True, False):
        steps = instants(dates, day_first=day_first).drop_nulls().dt.epoch("s").diff().abs()
        wander[day_first] = int(steps.sum())
    return None if wander[True] == wander[False] else wander[True] < wander[False]
