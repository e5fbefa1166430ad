"""What became of a file's columns, for the merchant to check; holds nothing personal."""

import json
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files

import polars as pl

from pipeline_lib.exports import cells, dates
from pipeline_lib.exports.survey import Survey

SHOWN = 3  # sample values a column
LONGEST = 60  # characters of a sample value
NUMBERS = frozenset(
    {
        "price",
        "compare_at",
        "cost",
        "line_discount",
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


@dataclass(frozen=True)
class Column:
    """One column: ``field`` None when it is not used; ``sure`` from 0 to 1; some of its values."""

    column: str
    field: str | None
    sure: float
    sample: tuple[str, ...]


@dataclass(frozen=True)
class Missing:
    """A field that no column gives, and what its lack costs."""

    field: str
    cost: str


@dataclass(frozen=True)
class MappingReport:
    """How a file was understood; in the file's order of columns."""

    file: str
    kind: str
    encoding: str
    delimiter: str
    decimal: str
    day_first: bool
    currency: str | None
    columns: tuple[Column, ...]
    unused: tuple[str, ...]
    missing: tuple[Missing, ...]

    def as_dict(self) -> dict[str, object]:
        """The report as plain values, for JSON."""
        return asdict(self)


@cache
def _costs() -> dict[str, dict[str, str]]:
    text = files(__package__).joinpath("costs.json").read_text("utf-8")
    loaded: dict[str, dict[str, str]] = json.loads(text)
    return loaded


def mapping_report(survey: Survey) -> MappingReport:
    """Which column became which field, how surely, what was not used and what is missing."""
    fields = {at: field for field, at in survey.matched.fields.items()}
    fields |= dict.fromkeys(survey.matched.locations, "location")
    columns = tuple(_column(survey, name, fields.get(at)) for at, name in enumerate(survey.columns))
    costs = _costs()[survey.kind].items()
    return MappingReport(
        file=survey.file,
        kind=survey.kind,
        encoding=survey.dialect.encoding,
        delimiter=survey.delimiter,
        decimal=survey.decimal,
        day_first=survey.day_first,
        currency=survey.currency,
        columns=columns,
        unused=tuple(one.column for one in columns if one.field is None),
        missing=tuple(Missing(f, cost) for f, cost in costs if f not in survey.matched.fields),
    )


def _column(survey: Survey, name: str, field: str | None) -> Column:
    if field is None:
        return Column(name, None, 0.0, ())
    if field not in survey.sample.columns:
        return Column(name, field, survey.matched.sure.get(field, 1.0), ())
    values = survey.sample[field].str.strip_chars()
    values = values.filter(~values.to_frame().select(cells.is_blank(pl.all())).to_series())
    sure = survey.matched.sure[field] * _readable(values, field, survey)
    sample = values.unique(maintain_order=True).head(SHOWN).str.slice(0, LONGEST)
    return Column(name, field, round(sure, 2), tuple(sample))


def _readable(values: pl.Series, field: str, survey: Survey) -> float:
    """The share of the values that are what the field should hold; 1 when there are none."""
    if values.is_empty() or field not in NUMBERS | DATES:
        return 1.0
    if field in NUMBERS:
        read = cells.numbers(values, decimal=survey.decimal)
    else:
        read = dates.instants(values, day_first=survey.day_first)
    return 1 - read.null_count() / len(values)
