"""Rejected rows as written, without what could be personal; decides no rejection."""

from collections.abc import Mapping, Sequence
from functools import cache

import polars as pl

from pipeline_lib.exports.chunks import Chunk, RawRecord
from pipeline_lib.exports.layout import Layout

PRIVATE = frozenset({"customer", "tags", "payment", "source"})  # read, but never shown again
FRONT = {"row": pl.Int64(), "line": pl.Int64(), "reason": pl.String()}


def open_positions(layout: Layout) -> frozenset[int]:
    """Positions of the columns whose cells may be shown: known fields that are not personal."""
    return frozenset(at for name, at in layout.fields.items() if name not in PRIVATE)


def unique_names(columns: Sequence[str]) -> list[str]:
    """The header cells as names of a frame: none blank, none twice, none of our own."""
    names: list[str] = []
    for at, column in enumerate(columns):
        name = column.strip() or f"column {at + 1}"
        taken = name in names or name in FRONT
        names.append(f"{name} ({at + 1})" if taken else name)
    return names


def rejected_rows(
    chunk: Chunk,
    reasons: Mapping[int, str],
    columns: Sequence[str],
    *,
    filled: Mapping[int, Mapping[int, str]],
) -> pl.DataFrame:
    """The chunk's rejected records, broken ones and those with a reason, by row.

    Args:
        chunk: the records, broken ones too.
        reasons: row to why, for records whose cells fit the header.
        columns: the header cells.
        filled: row to position to a text for a blank cell, from the order's first row; so a
            rejected row can be corrected and sent again alone.
    """
    schema = _schema(tuple(columns))
    if not chunk.broken and not reasons:
        return pl.DataFrame(schema=schema)
    raws = [*chunk.broken, *chunk.raw(sorted(reasons))]
    shown = open_positions(chunk.layout)
    rows = []
    for raw in sorted(raws, key=lambda raw: raw.row):
        cells = _shown(raw, shown, chunk.layout.width)
        for at, text in filled.get(raw.row, {}).items():
            cells[at] = cells[at] or text
        rows.append((raw.row, raw.line, raw.problem or reasons[raw.row], *cells))
    return pl.DataFrame(rows, schema=schema, orient="row")


@cache
def _schema(columns: tuple[str, ...]) -> pl.Schema:
    return pl.Schema({**FRONT, **dict.fromkeys(unique_names(columns), pl.String())})


def _shown(raw: RawRecord, shown: frozenset[int], width: int) -> list[str]:
    """The cells that may be shown, as many as the header has.

    A record with too many or too few cells has some that slipped by that many places: such a cell
    is shown only when every column that it may come from may be shown.
    """
    slip = len(raw.cells) - width
    cells = [*raw.cells, *[""] * -slip][:width]
    return [
        cell if all(p in shown for p in _sources(at, slip, width)) else ""
        for at, cell in enumerate(cells)
    ]


def _sources(at: int, slip: int, width: int) -> range:
    return range(max(0, at - slip), at + 1) if slip > 0 else range(at, min(width, at - slip + 1))
