"""How well a column's first values fit a field that its name may mean."""

import re
from collections.abc import Callable, Mapping, Sequence

import polars as pl

from pipeline_lib.exports.headers import FieldClaim, normalise
from pipeline_lib.exports.profiles import (
    FEW,
    MOSTLY,
    PERSON,
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
ONE_ROW_EACH = 10  # rows; fewer may all be orders of one line
HALF = 0.5
SEVERAL = 2  # distinct amounts; two may be a whim of a short sample


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


def any_fit(evidence: Evidence, at: int, rivals: int) -> float:
    """The fit for a field that any value may stand in."""
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


def name_fit(evidence: Evidence, claim: FieldClaim) -> float:
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


# From the evidence, the column's position and how many columns claim the field, how likely it is
# the field: 1 for nothing against it, 0 for never. Between them the numbers only set an order; that
# what is called sure is right nearly always is tested on whole layouts.
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
