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
    """What one column is used for.

    Attributes:
        column: its header.
        field: None when it is not used.
        sure: how often such a column is that field, from 0 to 1; 1 where a person said so.
        sample: some of its values.
        runner_up: the column that was the next likely for the field.
        needs_check: whether a person should look, and say otherwise where it is wrong.
    """

    column: str
    field: str | None
    sure: float
    sample: tuple[str, ...]
    runner_up: str | None = None
    needs_check: bool = False


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
    note: str | None  # what was done before it could be read
    columns: tuple[ColumnUse, ...]
    unused: tuple[str, ...]
    missing: tuple[MissingField, ...]


class FileReport(MappingReport):
    """The same of a file of a run, and the slot in which it came."""

    slot: str


class ImportReport(Model):
    """What became of the columns of each file, by what it is, and of the rows of all.

    ``unusable`` says why a slot's file was left out.
    """

    files: Mapping[str, FileReport]
    unusable: Mapping[str, str]
    rows: int
    kept: int
    set_aside: Mapping[str, int]
    altered: Mapping[str, int]
    rejected: int


class Unlisted(Model):
    """A product that was sold and that the products file does not have; its share of the lines."""

    name: str
    share: float


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
        obstacle: why no bundle at all can be made, and what helps; None where nothing stands in
            the way but what was bought.
        unlisted: the products sold most that the products file does not have.
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
    obstacle: str | None
    unlisted: tuple[Unlisted, ...]


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
    """A portfolio's month: revenue and gain in minor units, and its risk of running short."""

    revenue: float
    gain: float
    risk: float


class PortfolioRecord(Model):
    """What a portfolio was chosen from, and what was given up; figures only where any was.

    ``because`` says why none was chosen and the sets are shown as they rank.
    """

    engine: str
    candidates: int
    because: str | None = None
    size: int | None = None
    portfolios: int | None = None
    hypervolume: float | None = None
    shown: Worth | None = None
    most_gain: Worth | None = None
    knee: Worth | None = None


class RankingRecord(Model):
    """By what the bundles were ranked, and how the portfolio was chosen.

    ``left_out`` says how many sets fell to each rule, most first (``ranking.rules``).
    """

    profile: str
    weights: Mapping[str, float]
    portfolio: PortfolioRecord
    left_out: Mapping[str, int]


class ListGain(Model):
    """What the whole list earns in a month, in minor units, with its 10-90 % range.

    ``response`` is what was believed of the shop's buyers.
    """

    expected: float
    low: float
    high: float
    response: Mapping[str, float]


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
LEFT_OUT = Report("left_out.json", "candidates", dict[str, int])  # by rule, how many sets
GRADES = Report("grades.json", "candidates", dict[str, Grade])  # by the recommendation's path
RANKING = Report("ranking.json", "optimize", RankingRecord)
GAIN = Report("gain.json", "price", ListGain)
RECOMMENDATIONS = Report("recommendations.json", "finalize", list[Recommendation])


def rules_named(name: str) -> Report[list[AssociationRule]]:
    """The association rules that the interface keeps under this name, one for its thresholds."""
    return Report(name, "api", list[AssociationRule])
