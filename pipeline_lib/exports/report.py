"""What became of a file's columns, for the merchant to check; holds nothing personal."""

import json
from functools import cache
from importlib.resources import files

import polars as pl

from pipeline_lib.exports import cells, dates
from pipeline_lib.exports.mapping import ASK
from pipeline_lib.exports.order_lines import SHARES
from pipeline_lib.exports.sniff import ExportFormat
from pipeline_lib.reports import ColumnUse, MappingReport, MissingField

SHOWN = 3  # sample values a column
LONGEST = 60  # characters of a sample value
NUMBERS = frozenset(
    {
        "price",
        "compare_at",
        "cost",
        "line_total",
        "line_discount",
        "line_discount_share",
        "line_discount_percent",
        "total",
        "refunded",
        "quantity",
        "stock",
        "available",
        "on_hand",
        "incoming",
        "committed",
        "unavailable",
    }
)
DATES = frozenset({"ordered_at", "paid_at", "cancelled_at", "created_at"})


@cache
def _costs() -> dict[str, dict[str, str]]:
    text = files(__package__).joinpath("costs.json").read_text("utf-8")
    loaded: dict[str, dict[str, str]] = json.loads(text)
    return loaded


def mapping_report(export: ExportFormat) -> MappingReport:
    """Which column became which field, how surely, what was not used and what is missing."""
    fields = {at: field for field, at in export.matched.fields.items()}
    fields |= dict.fromkeys(export.matched.locations, "location")
    columns = tuple(_column(export, name, fields.get(at)) for at, name in enumerate(export.columns))
    costs = _costs()[export.kind].items()
    return MappingReport(
        file=export.file,
        kind=export.kind,
        encoding=export.dialect.encoding,
        delimiter=export.delimiter,
        decimal=export.decimal,
        day_first=export.day_first,
        currency=export.currency,
        note=None if export.dialect.shape is None else export.dialect.shape.note,
        columns=columns,
        unused=tuple(one.column for one in columns if one.field is None),
        missing=tuple(
            MissingField(field=field, cost=cost)
            for field, cost in costs
            if field not in _given(export)
        ),
    )


def _given(export: ExportFormat) -> frozenset[str]:
    """The fields that the file gives, under whatever name of their kind."""
    fields = export.matched.fields
    also = {"price"} if "line_total" in fields else set()
    return frozenset(fields) | also | ({"line_discount"} if SHARES.keys() & set(fields) else set())


def _column(export: ExportFormat, name: str, field: str | None) -> ColumnUse:
    if field is None:
        return ColumnUse(column=name, field=None, sure=0.0, sample=())
    if field not in export.sample.columns:
        sure = export.matched.sure.get(field, 1.0)
        return ColumnUse(column=name, field=field, sure=sure, sample=())
    values = export.sample[field].str.strip_chars()
    values = values.filter(~values.to_frame().select(cells.is_blank(pl.all())).to_series())
    sure = round(export.matched.sure[field] * _readable(values, field, export), 2)
    if field in export.matched.by_person:
        sure = 1.0
    sample = values.unique(maintain_order=True).head(SHOWN).str.slice(0, LONGEST)
    second = export.matched.runners_up.get(field)
    return ColumnUse(
        column=name,
        field=field,
        sure=sure,
        sample=tuple(sample),
        runner_up=None if second is None else export.columns[second],
        needs_check=sure < ASK,
    )


def _readable(values: pl.Series, field: str, export: ExportFormat) -> float:
    """The share of the values that are what the field should hold; 1 when there are none."""
    if values.is_empty() or field not in NUMBERS | DATES:
        return 1.0
    if field in NUMBERS:
        read = cells.numbers(values, decimal=export.decimal)
    else:
        read = dates.instants(values, day_first=export.day_first)
    return 1 - read.null_count() / len(values)
