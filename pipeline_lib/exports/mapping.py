"""Which column is which field, judged by all headers together and by the first rows' values."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import polars as pl

from pipeline_lib.errors import BadExport
from pipeline_lib.exports.headers import (
    INSIDE,
    MARK,
    ORDERS,
    OWN,
    Claim,
    HeaderMatch,
    alias_table,
    normalise,
    preferred,
)
from pipeline_lib.exports.profiles import (
    FEW,
    MOSTLY,
    PERSON,
    SHARE,
    Column,
    counts_lines,
    varies_within,
)

BARE = frozenset({"name", "nom", "nombre", "nome", "naam", "名前"})  # of whom or of what?
PEOPLE = re.compile(
    r"email|mail$|phone|telefon|telephone|tel$|address|adresse|direccion|indirizzo|endereco|street"
    r"|strasse|firstname|lastname|fullname|vorname|nachname|prenom|apellido|cognome|sobrenome"
    r"|^(?:ship|bill|buyer|recipient|customer|client|kunde|cliente|klant)(?!id|number|key|code)"
    r"|postcode|zip|氏名|住所|電話|お名前"
)
WISHES = r"(?i)personali[sz]|engrav|gravur|monogram|message|nachricht|inscription|texte?\b"
PERCENT = re.compile(r"percent|pct|rate|taux|quote|割引率")
LEAST = 0.25  # a column less likely than this is not the field
ASK = 0.8  # a person is asked about a column less sure than this
CLOSE = 0.85  # a runner-up this near makes the first doubtful
ONE_ROW_EACH = 10  # rows; fewer may all be orders of one line
HALF = 0.5
SEVERAL = 2  # distinct amounts; two may be a whim of a short sample
SPREAD = 0.8  # share of products that have to agree whether a price is of a unit or of a line
NEXT_TO = 0.85
DEAR = 5  # where products cost this much, no discount of money stays below one
LINE_MONEY = ("price", "line_total")
KEPT_ALONE = frozenset({"order_id", "sku", "name", "title", "quantity", "price"})
ORDER_FIRST = ("order_id", "sku", "variant_id", "name", "quantity")


T = TypeVar("T", int, float)


class Evidence:
    """The first rows of a file, column by column, and the column that tells its orders."""

    def __init__(self, columns: Sequence[str], rows: pl.DataFrame, *, decimal: str) -> None:
        self.names = [normalise(column) for column in columns]
        self.orders: pl.Series | None = None
        self._rows = rows
        self._profiles: dict[int, Column] = {}
        self._decimal = decimal

    def column(self, at: int) -> Column:
        """What the column at that position looks like."""
        if at not in self._profiles:
            self._profiles[at] = Column(self._rows[str(at)], decimal=self._decimal)
        return self._profiles[at]

    def people_beside(self, at: int) -> bool:
        """Whether another column is of persons."""
        others = (name for place, name in enumerate(self.names) if place != at)
        return any(PEOPLE.search(name) for name in others)

    def same_in_order(self, at: int) -> bool | None:
        """Whether the column's value is one in each order of several lines; None: not known."""
        if self.orders is None:
            return None
        filled = self._rows[str(at)].str.strip_chars() != ""
        several, varied = varies_within(
            self._rows[str(at)].filter(filled), self.orders.filter(filled)
        )
        return None if several < FEW else varied < 1 - MOSTLY

    def counts_lines(self, at: int) -> bool:
        """Whether the column numbers the lines of each order."""
        return self.orders is not None and counts_lines(self.column(at), self.orders)


def judge_matches(
    matches: Sequence[HeaderMatch], columns: Sequence[str], rows: pl.DataFrame, *, decimal: str
) -> HeaderMatch | None:
    """The reading of a header row that its rows speak most for.

    Args:
        matches: the readings that the header row allows.
        columns: the header cells.
        rows: the first whole records, a String column each, named by position.
        decimal: the decimal sign of the file's numbers.

    Returns:
        The reading with each field's column, how sure it is, and what was the next likely; None
        when no reading has all that its kind needs.
    """
    judged = []
    for match in matches:
        evidence = Evidence(columns, rows, decimal=decimal)
        found = _judged(match, evidence)
        if _has_needs(found):
            judged.append(found)
    return preferred(judged)


def refuse_unknown_columns(
    formats: Mapping[str, Sequence[str]], overrides: Mapping[str, str]
) -> None:
    """Refuse what a person said of a column that is in no file.

    Args:
        formats: file to its header cells.
        overrides: field to the header of its column.

    Raises:
        BadExport: there is no such column.
    """
    known = {normalise(name) for columns in formats.values() for name in columns}
    for field, header in overrides.items():
        if normalise(header) not in known:
            file = next(iter(formats), "the files")
            raise BadExport(file, f'has no column "{header}", which was named for {field}')


def _has_needs(match: HeaderMatch) -> bool:
    have = {*match.fields, *(["locations"] if match.locations else [])}
    return all(have & set(need) for need in alias_table()[match.kind]["needs"])


def _judged(match: HeaderMatch, evidence: Evidence) -> HeaderMatch:
    claims = _settled_money(match, evidence)
    found = _Assignment(evidence, claims, match.told)
    if match.kind in ORDERS:
        found.take("order_id")
        found.learn_orders()
    for field in _in_turn(claims):
        found.take(field)
    marks = set(alias_table()[match.kind]["marks"])
    score = sum(sure * (MARK if name in marks else 1.0) for name, sure in found.sure.items())
    scale = _scale(found.fields, evidence) if match.kind == "order_lines" else None
    return replace(
        match,
        score=score,
        fields=_with_scale(found.fields, scale),
        sure=_with_scale(found.sure, scale),
        runners_up=found.runners_up,
    )


def _in_turn(claims: Sequence[Claim]) -> list[str]:
    """The claimed fields, those first by which others are judged."""
    named = list(dict.fromkeys(claim.field for claim in claims))
    return [*(f for f in ORDER_FIRST if f in named), *(f for f in named if f not in ORDER_FIRST)]


class _Assignment:
    """Fields given to columns one by one; a column is one field's."""

    def __init__(self, evidence: Evidence, claims: Sequence[Claim], told: frozenset[str]) -> None:
        self.fields: dict[str, int] = {}
        self.sure: dict[str, float] = {}
        self.runners_up: dict[str, int] = {}
        self._evidence = evidence
        self._claims = claims
        self._told = told

    def take(self, field: str) -> None:
        """Give the field its likeliest column, if one is likely."""
        if field in self.fields:
            return
        free = [c for c in self._claims if c.field == field and c.position not in self._taken()]
        likely = sorted(
            ((self._likelihood(c, free), -c.rank, -c.position) for c in free), reverse=True
        )
        if not likely or likely[0][0] < LEAST:
            return
        best, at = likely[0][0], -likely[0][2]
        self.fields[field], self.sure[field] = at, best
        if len(likely) > 1 and likely[1][0] >= LEAST:
            self.runners_up[field] = -likely[1][2]
            same = field == "order_id" and self._one_partition(at, -likely[1][2])
            if likely[1][0] >= CLOSE * best and not same and field not in self._told:
                self.sure[field] = best * NEXT_TO

    def learn_orders(self) -> None:
        """Judge all other fields by the column that tells the orders."""
        if (at := self.fields.get("order_id")) is not None:
            self._evidence.orders = self._evidence.column(at).cells

    def _taken(self) -> set[int]:
        return set(self.fields.values())

    def _likelihood(self, claim: Claim, rivals: Sequence[Claim]) -> float:
        if claim.field in self._told:
            return 1.0
        column = self._evidence.column(claim.position)
        fit = FITS.get(claim.field, _any_fit)
        judged = fit(self._evidence, claim.position, len(rivals)) if column.says_something else 1.0
        named = _name_fit(self._evidence, claim) if claim.field in {"name", "title"} else 1.0
        alone = len(rivals) == 1 and claim.strength == OWN and judged > 0
        if alone and claim.field in KEPT_ALONE:
            judged = max(judged, LEAST)
        return claim.strength * judged * named

    def _one_partition(self, one: int, other: int) -> bool:
        a, b = self._evidence.column(one).cells, self._evidence.column(other).cells
        both = pl.DataFrame({"a": a, "b": b})
        return both.n_unique() == both["a"].n_unique() == both["b"].n_unique()


def _any_fit(evidence: Evidence, at: int, rivals: int) -> float:
    del rivals
    return 1.0 if evidence.column(at).values.len() else 0.9


def _order_fit(evidence: Evidence, at: int, rivals: int) -> float:
    column = evidence.column(at)
    if column.dated >= MOSTLY and column.numeric < MOSTLY:
        return 0.2
    if column.numeric >= MOSTLY and column.whole < MOSTLY:
        return 0.1
    if len(column.values) < ONE_ROW_EACH:
        return 1.0
    if len(column.once) == 1:
        return 0.4
    if column.repeats == 0:
        return 0.3 if rivals > 1 else 0.75
    return max(0.3, column.filled)


def _sku_fit(evidence: Evidence, at: int, rivals: int) -> float:
    column = evidence.column(at)
    if evidence.counts_lines(at):
        return 0.05
    if column.numeric >= MOSTLY and column.whole < MOSTLY:
        return 0.2
    if column.share(PERSON) > 0:
        return 0.0
    unique = column.repeats == 0 and len(column.values) >= 3 * ONE_ROW_EACH
    if unique and evidence.orders is not None:
        return 0.3 if rivals > 1 else 0.7
    if len(column.once) == 1 and len(column.values) >= ONE_ROW_EACH:
        return 0.5
    return 1.0


def _variant_fit(evidence: Evidence, at: int, rivals: int) -> float:
    return _sku_fit(evidence, at, rivals)


def _title_fit(evidence: Evidence, at: int, rivals: int) -> float:
    del rivals
    column = evidence.column(at)
    if column.share(PERSON) > 0 or evidence.counts_lines(at):
        return 0.0
    if evidence.same_in_order(at):
        return 0.2
    if column.worded < HALF:
        return 0.5
    return 1.0


def _name_fit(evidence: Evidence, claim: Claim) -> float:
    """What a header of one word leaves open: a person's name or a product's."""
    if evidence.names[claim.position] not in BARE:
        return 1.0
    if evidence.people_beside(claim.position):
        return 0.0
    if evidence.orders is None:
        return 0.95
    return 0.7 if evidence.same_in_order(claim.position) is None else 0.95


def _option_fit(evidence: Evidence, at: int, rivals: int) -> float:
    """Options repeat; a text of its own on every line is a shopper's."""
    del rivals
    column = evidence.column(at)
    own = len(column.values) >= ONE_ROW_EACH and column.repeats < HALF
    return 0.0 if own or column.share(WISHES) > 0 else 1.0


def _quantity_fit(evidence: Evidence, at: int, rivals: int) -> float:
    column = evidence.column(at)
    if evidence.counts_lines(at):
        return 0.1 if rivals > 1 else 0.6
    fit = 1.0 if column.numeric >= MOSTLY else max(0.3, column.numeric)
    if column.whole < MOSTLY * column.numeric:
        fit *= 0.7
    if rivals > 1 and evidence.same_in_order(at) and len(column.once) > SEVERAL:
        return 0.5 * fit
    return fit


def _money_fit(evidence: Evidence, at: int, rivals: int) -> float:
    column = evidence.column(at)
    if column.numeric < HALF:
        return 0.2
    if evidence.same_in_order(at) and len(column.once) > SEVERAL:
        return 0.3 if rivals > 1 else 0.5
    return 1.0


def _discount_fit(evidence: Evidence, at: int, rivals: int) -> float:
    del rivals
    return evidence.column(at).numeric


def _date_fit(evidence: Evidence, at: int, rivals: int) -> float:
    del rivals
    return evidence.column(at).dated


def _time_fit(evidence: Evidence, at: int, rivals: int) -> float:
    del rivals
    return evidence.column(at).share(r"^\d{1,2}[:h]\d{2}|^\d{3,4}$")


def _currency_fit(evidence: Evidence, at: int, rivals: int) -> float:
    del rivals
    return evidence.column(at).share(r"^[A-Za-z]{3}$")


Fit = Callable[[Evidence, int, int], float]
FITS: Mapping[str, Fit] = {
    "order_id": _order_fit,
    "sku": _sku_fit,
    "variant_id": _variant_fit,
    "name": _title_fit,
    "title": _title_fit,
    "option": _option_fit,
    "quantity": _quantity_fit,
    "price": _money_fit,
    "line_total": _money_fit,
    "line_discount": _discount_fit,
    "ordered_at": _date_fit,
    "ordered_time": _time_fit,
    "currency": _currency_fit,
}


def _settled_money(match: HeaderMatch, evidence: Evidence) -> tuple[Claim, ...]:
    """The claims, those of money moved to a unit's price or a line's total as quantities prove."""
    by_field = {claim.field: claim.position for claim in reversed(match.claims)}
    quantity = by_field.get("quantity")
    product = by_field.get("sku", by_field.get("name"))
    if match.kind not in ORDERS or quantity is None or product is None:
        return match.claims
    moved = []
    for claim in match.claims:
        proof = None
        if claim.field in LINE_MONEY and claim.field not in match.told:
            proof = _of_a_line(evidence, claim.position, quantity, product)
        bound = max if proof == claim.field else min
        strength = bound(claim.strength, INSIDE)
        moved.append(claim if proof is None else Claim(proof, claim.position, strength, claim.rank))
    return tuple(moved)


def _of_a_line(evidence: Evidence, money: int, quantity: int, product: int) -> str | None:
    """Whether money grows with the quantity of its product; None when the rows cannot tell."""
    frame = pl.DataFrame(
        {
            "money": _by_row(evidence.column(money)),
            "units": _by_row(evidence.column(quantity)),
            "product": evidence.column(product).cells,
        }
    ).filter((pl.col("units") > 0) & (pl.col("money") > 0))
    each = pl.col("money") / pl.col("units")
    spread = frame.group_by("product").agg(
        (pl.col("money").std() / pl.col("money").mean()).alias("whole"),
        (each.std() / each.mean()).alias("each"),
        pl.col("units").n_unique().alias("sizes"),
    )
    told = spread.filter(pl.col("sizes") > 1).drop_nulls()
    if told.height < FEW:
        return None
    unit = int((told["whole"] < told["each"]).sum()) / told.height
    if unit >= SPREAD:
        return "price"
    return "line_total" if unit <= 1 - SPREAD else None


def _by_row(column: Column) -> pl.Series:
    values = column.numbers
    blank = pl.DataFrame({"cell": column.cells.str.strip_chars()})
    read = pl.DataFrame({"cell": column.values, "value": values}).unique("cell", keep="first")
    return blank.join(read, on="cell", how="left", maintain_order="left")["value"]


def _with_scale(fields: Mapping[str, T], scale: str | None) -> dict[str, T]:
    """The fields, with a discount that is a share of the price under the name of its scale."""
    if scale is None:
        return dict(fields)
    return {scale if field == "line_discount" else field: value for field, value in fields.items()}


def _scale(fields: Mapping[str, int], evidence: Evidence) -> str | None:
    """The field of a discount that is no money: a share, or per cent; None when it is money."""
    if "line_discount" not in fields:
        return None
    at = fields["line_discount"]
    column = evidence.column(at)
    least, most = column.numbers.min(), column.numbers.max()
    if not isinstance(least, float) or not isinstance(most, float):
        return None
    small = least >= 0 and most <= 1
    if column.share(SHARE) >= MOSTLY:
        return "line_discount_percent"
    if PERCENT.search(evidence.names[at]):
        return "line_discount_share" if small else "line_discount_percent"
    money = next((fields[name] for name in LINE_MONEY if name in fields), None)
    usual = None if money is None else evidence.column(money).numbers.median()
    dear = isinstance(usual, float) and usual >= DEAR
    between = int(((column.numbers > 0) & (column.numbers < 1)).sum())
    return "line_discount_share" if small and between >= ONE_ROW_EACH and dear else None
