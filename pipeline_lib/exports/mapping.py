"""Which column is which field, judged by all headers together and by the first rows' values."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import polars as pl

from pipeline_lib.errors import BadExport
from pipeline_lib.exports.fits import FITS, ONE_ROW_EACH, Evidence, any_fit, name_fit
from pipeline_lib.exports.headers import (
    INSIDE,
    MARK,
    ORDERS,
    OWN,
    FieldClaim,
    HeaderMatch,
    alias_table,
    likeliest_match,
    normalise,
)
from pipeline_lib.exports.profiles import (
    FEW,
    MOSTLY,
    SHARE,
    Column,
)

PERCENT = re.compile(r"percent|pct|rate|taux|quote|割引率")
LEAST = 0.25  # a column less likely than this is not the field
ASK = 0.8  # a person is asked about a column less sure than this
CLOSE = 0.85  # a runner-up this near makes the first doubtful
SPREAD = 0.8  # share of products that have to agree whether a price is of a unit or of a line
NEXT_TO = 0.85
DEAR = 5  # where products cost this much, no discount of money stays below one
LINE_MONEY = ("price", "line_total")
KEPT_ALONE = frozenset({"order_id", "sku", "name", "title", "quantity", "price"})
ORDER_FIRST = ("order_id", "sku", "variant_id", "name", "quantity")


T = TypeVar("T", int, float)


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
    return likeliest_match(judged)


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
    found = _Assignment(evidence, claims, match.by_person)
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


def _in_turn(claims: Sequence[FieldClaim]) -> list[str]:
    """The claimed fields, those first by which others are judged."""
    named = list(dict.fromkeys(claim.field for claim in claims))
    return [*(f for f in ORDER_FIRST if f in named), *(f for f in named if f not in ORDER_FIRST)]


class _Assignment:
    """Fields given to columns one by one; a column is one field's."""

    def __init__(
        self, evidence: Evidence, claims: Sequence[FieldClaim], by_person: frozenset[str]
    ) -> None:
        self.fields: dict[str, int] = {}
        self.sure: dict[str, float] = {}
        self.runners_up: dict[str, int] = {}
        self._evidence = evidence
        self._claims = claims
        self._by_person = by_person

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
            if likely[1][0] >= CLOSE * best and not same and field not in self._by_person:
                self.sure[field] = best * NEXT_TO

    def learn_orders(self) -> None:
        """Judge all other fields by the column that tells the orders."""
        if (at := self.fields.get("order_id")) is not None:
            self._evidence.orders = self._evidence.column(at).cells

    def _taken(self) -> set[int]:
        return set(self.fields.values())

    def _likelihood(self, claim: FieldClaim, rivals: Sequence[FieldClaim]) -> float:
        if claim.field in self._by_person:
            return 1.0
        column = self._evidence.column(claim.position)
        fit = FITS.get(claim.field, any_fit)
        judged = fit(self._evidence, claim.position, len(rivals)) if column.says_something else 1.0
        named = name_fit(self._evidence, claim) if claim.field in {"name", "title"} else 1.0
        alone = len(rivals) == 1 and claim.strength == OWN and judged > 0
        if alone and claim.field in KEPT_ALONE:
            judged = max(judged, LEAST)
        return claim.strength * judged * named

    def _one_partition(self, one: int, other: int) -> bool:
        a, b = self._evidence.column(one).cells, self._evidence.column(other).cells
        both = pl.DataFrame({"a": a, "b": b})
        return both.n_unique() == both["a"].n_unique() == both["b"].n_unique()


def _settled_money(match: HeaderMatch, evidence: Evidence) -> tuple[FieldClaim, ...]:
    """The claims, those of money moved to a unit's price or a line's total as quantities prove."""
    by_field = {claim.field: claim.position for claim in reversed(match.claims)}
    quantity = by_field.get("quantity")
    product = by_field.get("sku", by_field.get("name"))
    if match.kind not in ORDERS or quantity is None or product is None:
        return match.claims
    moved = []
    for claim in match.claims:
        proof = None
        if claim.field in LINE_MONEY and claim.field not in match.by_person:
            proof = _of_a_line(evidence, claim.position, quantity, product)
        bound = max if proof == claim.field else min
        strength = bound(claim.strength, INSIDE)
        moved.append(
            claim if proof is None else FieldClaim(proof, claim.position, strength, claim.rank)
        )
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
    proof = spread.filter(pl.col("sizes") > 1).drop_nulls()
    if proof.height < FEW:
        return None
    unit = int((proof["whole"] < proof["each"]).sum()) / proof.height
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
