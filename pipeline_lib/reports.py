"""Every artefact that is no frame: reports with a model each, and text; who keeps them.

What a report was not given it does not write; what it may not hold it refuses, when it is made
and when it is read.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from pipeline_lib.errors import BadArtefact
from pipeline_lib.records.recommendations import Grade, Recommendation

FORMAT = 1  # of all artefacts: raised when what is kept changes its meaning or its place

T = TypeVar("T")


class Model(BaseModel):
    """Fields that are never changed, unknown ones and NaN refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Facts(Model):
    """What is true of the whole run: its currency (XXX where no file says) and its newest order."""

    currency: str
    newest_order: datetime | None


class ColumnUse(Model):
    """One column: ``field`` None when it is not used; ``sure`` from 0 to 1; some of its values."""

    column: str
    field: str | None
    sure: float
    sample: tuple[str, ...]


class MissingField(Model):
    """A field that no column gives, and what its lack costs."""

    field: str
    cost: str


class MappingReport(Model):
    """How a file was understood; in the file's order of columns."""

    file: str
    kind: str
    encoding: str
    delimiter: str
    decimal: str
    day_first: bool
    currency: str | None
    columns: tuple[ColumnUse, ...]
    unused: tuple[str, ...]
    missing: tuple[MissingField, ...]


class ImportReport(Model):
    """What became of the columns of each slot's file, and of the rows of all."""

    files: Mapping[str, MappingReport]
    rows: int
    kept: int
    set_aside: Mapping[str, int]
    altered: Mapping[str, int]
    rejected: int


class Readiness(Model):
    """What a run can promise.

    Attributes:
        orders: orders with a kept line.
        baskets: those with two different products or more.
        products: different products sold.
        pairs: pairs of products that are seen often enough to be no coincidence.
        pairs_at_least: whether more may be seen than ``pairs``, since not all orders were counted.
        matched: share of lines whose product the products file has; None without one.
        days: from the first order to the last, None without dates.
        outcome: ``ready``, ``thin`` or ``too_little_evidence``.
        can: what the run can promise, in sentences.
        cannot: what it cannot, and why.
    """

    orders: int
    baskets: int
    products: int
    pairs: int
    pairs_at_least: bool
    matched: float | None
    days: int | None
    outcome: str
    can: tuple[str, ...]
    cannot: tuple[str, ...]


class LedgerFacts(Model):
    """Of the orders that a ledger counts: how many, and the moments of their baskets' sizes."""

    orders: int
    lines: int
    pairs: int
    threes: int


class ForecastRecord(Model):
    """Which profile forecasts the shop's pairs, by what, and what its past leaves of a bound."""

    profile: str
    shares: Mapping[str, float]
    windows: int
    drift: float


class Signal(Model):
    """Whether anything is bought together beyond chance, in numbers and in a sentence."""

    signal: bool
    pairs: int
    significant_pairs: int
    summary: str


class Worth(Model):
    """A portfolio's month: revenue and margin in minor units, and its risk of running short."""

    revenue: float
    margin: float
    risk: float


class PortfolioRecord(Model):
    """What a portfolio was chosen from, and what was given up; figures only where any was."""

    engine: str
    candidates: int
    portfolios: int | None = None
    hypervolume: float | None = None
    shown: Worth | None = None
    most_revenue: Worth | None = None
    knee: Worth | None = None


class RankingRecord(Model):
    """By what the bundles were ranked, and how the portfolio was chosen."""

    profile: str
    weights: Mapping[str, float]
    portfolio: PortfolioRecord


class RuleSide(Model):
    """One side of a rule, as SKUs."""

    items: tuple[str, ...]


class AssociationRule(Model):
    """Who buys the antecedent also buys the consequent; in how many orders, and how surely."""

    antecedent: RuleSide
    consequent: RuleSide
    support: float
    confidence: float
    lift: float
    orders: int
    confidence_low: float


@dataclass(frozen=True)
class TextFile:
    """A file for people, by its full name; ``kept_by`` is the phase."""

    name: str
    kept_by: str


@dataclass(frozen=True)
class Report(TextFile, Generic[T]):
    """A JSON file of one model: keys in the model's order, times in ISO 8601."""

    model: type[T]

    def to_json(self, value: T) -> str:
        """The report as it is kept."""
        plain = _adapter(self).dump_python(value, exclude_unset=True)
        return f"{json.dumps(plain, indent=2, ensure_ascii=False, default=datetime.isoformat)}\n"

    def from_json(self, text: str) -> T:
        """The report that was kept as ``text``.

        Raises:
            BadArtefact: a field is missing, unknown or of another type.
        """
        try:
            value: T = _adapter(self).validate_json(text)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"]))
            raise BadArtefact(self.name, f"{place}: {first['msg']}".lstrip(": ")) from error
        return value


@cache
def _adapter(report: Report[T]) -> TypeAdapter[T]:
    return TypeAdapter(report.model)


FACTS = Report("facts.json", "ingest", Facts)
IMPORT = Report("import.json", "ingest", ImportReport)
REJECTS = TextFile("rejects.csv", "ingest")  # the rows that could not be used, as they were
READINESS = Report("readiness.json", "enrich", Readiness)
LEDGER = Report("ledger.json", "candidates", LedgerFacts)
EARLIER = Report("before.json", "redact", LedgerFacts)
OUTLOOK = Report("outlook.json", "candidates", ForecastRecord)
SIGNAL = Report("signal.json", "candidates", Signal)
GRADES = Report("grades.json", "candidates", dict[str, Grade])  # by the recommendation's path
RANKING = Report("ranking.json", "optimize", RankingRecord)
RECOMMENDATIONS = Report("recommendations.json", "finalize", list[Recommendation])


def rules_named(name: str) -> Report[list[AssociationRule]]:
    """The association rules that the interface keeps under this name, one for its thresholds."""
    return Report(name, "api", list[AssociationRule])
