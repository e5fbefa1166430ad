"""What a file is, from its beginning: kind, columns, number and date forms; keeps no row."""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import BinaryIO

import polars as pl

from pipeline_lib.errors import BadExport
from pipeline_lib.exports.cells import decimal_sign
from pipeline_lib.exports.chunks import read_chunks
from pipeline_lib.exports.dates import instants, is_ambiguous, proves_day_first
from pipeline_lib.exports.dialect import HEAD, Dialect, decompress, recode, sniff_dialect
from pipeline_lib.exports.fits import PEOPLE
from pipeline_lib.exports.headers import (
    NO_OVERRIDES,
    ORDERS,
    UNUSED,
    HeaderMatch,
    match_header,
    normalise,
    possible_matches,
)
from pipeline_lib.exports.layout import Layout
from pipeline_lib.exports.mapping import judge_matches
from pipeline_lib.exports.rejects import PRIVATE
from pipeline_lib.exports.shapes import reshape_head
from pipeline_lib.exports.tolerant_csv import parse_records

DELIMITERS = ",;\t|"
PREAMBLE = 8  # records that may stand before the header: a title, "sep=;", blank lines
SAMPLE = 2_000  # records that decide the forms of numbers and dates
MONEY = ("price", "line_total", "total", "line_discount", "compare_at", "cost", "refunded")
NOT_NEEDED = {
    "customers": "is a customers export; no run needs it: leave it out",
    "order_heads": "has orders and not what was in them; send the export that has a row for each"
    " product of an order",
}
NO_FIELDS = {
    True: "has orders, and no column that surely names what was bought; say which it is, as in"
    ' --map title="Item Name" or --map sku="Item code"',
    False: "has no column that surely names its products; say which it is, as in"
    ' --map title="Item Name"',
}
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


def sniff_export(
    stream: BinaryIO, *, file: str, overrides: Mapping[str, str] = NO_OVERRIDES
) -> ExportFormat:
    """Look at a file's beginning; at more of it only when its dates need that to be understood.

    Args:
        stream: the file from its first byte, plain or gzip.
        file: its name, for refusals.
        overrides: field to the header of its column, where a person has said so; what the file
            has no such column for is left alone.

    Raises:
        BadExport: it is empty, no CSV, or no header row of any kind is in it.
    """
    zipped, pieces = decompress(stream, file)
    head = b"".join(_first(pieces))
    dialect, text = sniff_dialect(head[:HEAD], zipped=zipped, file=file)
    whole = text if len(head) < HEAD else text.rpartition("\n")[0]
    dialect, lines = reshape_head(dialect, [line + "\n" for line in whole.split("\n")])
    delimiter, end, columns, matched = _header(lines, file, overrides)
    start = ExportFormat(
        file, dialect, delimiter, end, tuple(columns), matched, ".", False, None, pl.DataFrame()
    )
    rows = _rows(lines[end:], start)
    decimal = _decimal(_of_fields(rows, matched), delimiter)
    judged = _judged(start, rows, decimal, overrides)
    sample = _of_fields(rows, judged)
    formed = replace(
        start, matched=judged, sample=sample, decimal=decimal, currency=_currency(sample)
    )
    return replace(formed, day_first=_day_first(formed, chain([head], pieces)))


def _judged(
    start: ExportFormat, rows: pl.DataFrame, decimal: str, overrides: Mapping[str, str]
) -> HeaderMatch:
    """The header's reading by names and values.

    Raises:
        BadExport: it is of a kind that no run needs, or lacks what its kind needs.
    """
    matches = possible_matches(start.columns, overrides)
    judged = judge_matches(matches, start.columns, rows, decimal=decimal)
    if judged is None or (judged.kind == "quick_install" and _has_shoppers(start)):
        raise BadExport(start.file, NO_FIELDS[start.kind in ORDERS], start.header_lines)
    if judged.kind in UNUSED:
        raise BadExport(start.file, NOT_NEEDED[judged.kind])
    return judged


def _has_shoppers(start: ExportFormat) -> bool:
    """Whether a file that looks like a list of products is of orders, or of persons."""
    people = any(PEOPLE.search(normalise(column)) for column in start.columns)
    return people or start.kind in ORDERS


def _first(pieces: Iterator[bytes]) -> Iterator[bytes]:
    have = 0
    while have < HEAD and (piece := next(pieces, b"")):
        have += len(piece)
        yield piece


def _header(
    lines: Sequence[str], file: str, overrides: Mapping[str, str]
) -> tuple[str, int, list[str], HeaderMatch]:
    """The delimiter, the physical lines up to the header's end, its cells, and what they are."""
    best: tuple[str, int, list[str], HeaderMatch] | None = None
    for delimiter in DELIMITERS:
        reader = csv.reader(lines, delimiter=delimiter)
        for cells in _gently(islice(reader, PREAMBLE)):
            matched = match_header(cells, overrides)
            if matched and (best is None or matched.score > best[3].score):
                best = delimiter, reader.line_num, cells, matched
    if best is None:
        raise BadExport(
            file,
            "has no header row of a known export; its first row must name the columns, as in"
            " Shopify's exports or order_id,sku,quantity,price,date; or say which column is which,"
            ' as in --map order_id="Receipt" --map title="What"',
            1,
        )
    return best


def _gently(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    try:
        yield from rows
    except csv.Error:
        return


def _rows(lines: Sequence[str], start: ExportFormat) -> pl.DataFrame:
    """The first whole records as text, a column per position; for judging alone.

    Raises:
        BadExport: there is none.
    """
    width = len(start.columns)
    found = parse_records(lines, delimiter=start.delimiter, width=width)
    first = list(islice(found, SAMPLE))
    if not any("".join(record.cells).strip() for record in first):
        raise BadExport(start.file, "has a header and no rows; export it again with data")
    whole = [record.cells for record in first if record.problem is None]
    names = [str(at) for at in range(width)]
    return pl.DataFrame(whole, schema=dict.fromkeys(names, pl.String), orient="row")


def _of_fields(rows: pl.DataFrame, matched: HeaderMatch) -> pl.DataFrame:
    """The columns of the fields that are not personal, by field."""
    fields = {name: at for name, at in matched.fields.items() if name not in PRIVATE}
    return rows.select(pl.col(str(at)).alias(name) for name, at in fields.items())


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
