"""Which kinds of export a header row may belong to, and which columns may be which fields."""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import NamedTuple, TypedDict

ADDED_BY_US = frozenset({"row", "line", "reason"})  # the columns that a rejects file has in front
PREFIXES = ("lineitem", "line", "variant", "product", "item")
MARK = 3.0  # a column that only this kind has says more than one that many have
WIDE_AFTER = frozenset({"hs_code", "coo"})  # in a wide inventory, the locations stand after these
OWN, INSIDE, SIMILAR = (
    1.0,
    0.8,
    0.6,
)  # how much a name says: the field's own, with a prefix, in part
UNUSED = frozenset({"customers", "order_heads"})  # kinds that are known, and that no run needs
ORDERS = frozenset({"orders", "order_lines"})
INSIDE_VAGUE = 0.7  # a name of money that may be of a line, of an order, or of something else
VAGUE = frozenset(
    {"amount", "sales", "subtotal", "valor", "importe", "monto", "montant", "betrag", "summe"}
    | {
        "bedrag",
        "importo",
        "revenue",
        "turnover",
        "umsatz",
        "totalprice",
        "合計金額",
        "金額",
        "小計",
    }
)
SYNONYMS = {  # what a person may call a field, by how the kinds call it
    "name": ("title", "product", "product_title", "product_name"),
    "title": ("name", "product", "product_title", "product_name"),
    "price": ("unit_price",),
    "available": ("stock",),
    "stock": ("available",),
    "ordered_at": ("date",),
    "line_discount": ("discount",),
    "sku": ("product_id", "item_id"),
}
SAID = frozenset({"order_id", "ordered_at", "name", "sku", "quantity", "price", "currency"})
NO_PRODUCT = re.compile(  # in a header: persons, places, costs; never a product, nor its order
    r"buyer|ship|bill|recipient|customer|client|contact|attendee|cashier|server|employee|staff"
    r"|seller|user|first|last|vorname|nachname|kunde|kaufer|prenom|acheteur|comprador|apellido"
    r"|envio|acquirente|koper|klant|email|phone|telefon|address|adresse|direccion|indirizzo"
    r"|endereco|street|company|device|coupon|tax|fee|refund|store|location|category|surname"
    r"|会員|顧客|氏名|住所|電話|注文者|送付先|届け先"
)


class KindAliases(TypedDict):
    """What the table says of one kind of export."""

    needs: list[list[str]]
    marks: list[str]
    fields: dict[str, list[str]]


class FieldClaim(NamedTuple):
    """A column that may be a field, and how much its name says so."""

    field: str
    position: int
    strength: float
    rank: int = 0  # the place of its name among the field's; of equals the earlier is it


@dataclass(frozen=True)
class HeaderMatch:
    """A header row that was recognised.

    Attributes:
        kind: a key of ``headers.json``.
        score: the weight of the columns that were recognised; higher is surer.
        fields: field to the position of its column, from 0.
        sure: field to how surely the column is it, from 0 to 1.
        locations: positions of the location columns of a wide inventory.
        claims: every column that may be a field.
        runners_up: field to the position of the column that was the next likely.
        by_person: fields whose columns a person named.
    """

    kind: str
    score: float
    fields: dict[str, int]
    sure: dict[str, float]
    locations: tuple[int, ...] = ()
    claims: tuple[FieldClaim, ...] = field(default=(), repr=False)
    runners_up: Mapping[str, int] = field(default_factory=dict)
    by_person: frozenset[str] = frozenset()


NO_OVERRIDES: Mapping[str, str] = MappingProxyType({})


@cache
def alias_table() -> dict[str, KindAliases]:
    """The table of header names, as kept in ``headers.json``."""
    text = files(__package__).joinpath("headers.json").read_text("utf-8")
    loaded: dict[str, KindAliases] = json.loads(text)
    return loaded


def normalise(name: str) -> str:
    """A header without case, accents, spaces, punctuation, units and Shopify's suffixes."""
    folded = unicodedata.normalize("NFKD", name.replace("\ufeff", "").casefold())
    plain = "".join(c for c in folded if not unicodedata.combining(c))
    plain = re.sub(
        r"\((?:not editable|current|non modifiable|actuel|no editable|actual)\)", "", plain
    )
    plain = re.sub(r"\((?:nicht bearbeitbar|aktuell|(?!new)[a-z]{3}|[$€£¥])\)\s*$", "", plain)
    return re.sub(r"[\W_]+", "", plain.replace("%", "percent").replace("#", "number"))


@cache
def _names(kind: str) -> dict[str, tuple[str, int]]:
    """Normalised name to field and place among its names; the first field of the table wins."""
    found: dict[str, tuple[str, int]] = {}
    for field_name, names in alias_table()[kind]["fields"].items():
        for place, name in enumerate(names):
            found.setdefault(normalise(name), (field_name, place))
    return found


@cache
def _claim(kind: str, name: str, position: int) -> FieldClaim | None:
    """The field that a normalised header names, and how much it says so."""
    names = _names(kind)
    if name in names:
        claimed, rank = names[name]
        vague = kind in ORDERS and claimed == "line_total" and name in VAGUE
        return FieldClaim(claimed, position, INSIDE_VAGUE if vague else OWN, rank)
    for prefix in PREFIXES:
        rest = name.removeprefix(prefix)
        if rest != name and rest in names:
            return FieldClaim(names[rest][0], position, INSIDE, names[rest][1])
    similar = _similar(kind, name) if kind in ORDERS else None
    return None if similar is None else FieldClaim(similar, position, SIMILAR)


def _similar(kind: str, name: str) -> str | None:
    """The field whose longest name stands in a header that is no person's and no cost's."""
    if NO_PRODUCT.search(name):
        return None
    inside = [
        (len(known), claimed)
        for known, (claimed, _) in _names(kind).items()
        if claimed in SAID and len(known) > len("date") and known in name
    ]
    return max(inside)[1] if inside else None


def _match(kind: str, columns: Sequence[str], named: Mapping[str, int]) -> HeaderMatch | None:
    """The header row read as this kind, or None when a needed column is not there."""
    taken = set(named.values())
    claims = [FieldClaim(name, at, OWN) for name, at in named.items()]
    for position, column in enumerate(columns):
        free = column and column not in ADDED_BY_US and position not in taken
        found = _claim(kind, column, position) if free else None
        if found and found.field not in named:
            claims.append(found)
    fields, sure = _strongest(claims)
    locations = _locations(kind, columns, fields)
    have = {*fields, *(["locations"] if locations else [])}
    if not all(have & set(need) for need in alias_table()[kind]["needs"]):
        return None
    marks = set(alias_table()[kind]["marks"])
    score = sum(weight * (MARK if name in marks else 1.0) for name, weight in sure.items())
    return HeaderMatch(
        kind, score, fields, sure, locations, tuple(claims), by_person=frozenset(named)
    )


def _strongest(claims: Sequence[FieldClaim]) -> tuple[dict[str, int], dict[str, float]]:
    """Of each field the column whose name says it most; of equals the first."""
    fields: dict[str, int] = {}
    sure: dict[str, float] = {}
    for claim in claims:
        if claim.strength > sure.get(claim.field, 0.0):
            fields[claim.field], sure[claim.field] = claim.position, claim.strength
    return fields, sure


def _locations(kind: str, columns: Sequence[str], fields: dict[str, int]) -> tuple[int, ...]:
    """Positions of a wide inventory's location columns: those behind the customs columns."""
    customs = [fields[name] for name in WIDE_AFTER if name in fields]
    if kind != "inventory" or not customs or {"available", "on_hand"} & set(fields):
        return ()
    known = set(fields.values())
    behind = range(max(customs) + 1, len(columns))
    return tuple(p for p in behind if p not in known and columns[p])


def possible_matches(
    columns: Sequence[str], overrides: Mapping[str, str] = NO_OVERRIDES
) -> list[HeaderMatch]:
    """The header row read as each kind that it may be of.

    Args:
        columns: the header cells as written.
        overrides: field to the header of its column, as a person named it; a header that the row
            does not have says nothing.
    """
    plain = [normalise(column) for column in columns]
    matches = []
    for kind in alias_table():
        named = _override_positions(kind, plain, overrides)
        if found := _match(kind, plain, named):
            matches.append(found)
    return matches


def _override_positions(
    kind: str, plain: Sequence[str], overrides: Mapping[str, str]
) -> dict[str, int]:
    """The kind's field to the position of the column that a person named for it."""
    known = alias_table()[kind]["fields"]
    named = {}
    for asked, header in overrides.items():
        own = asked if asked in known else _own_name(asked, known)
        if own is not None and normalise(header) in plain:
            named[own] = plain.index(normalise(header))
    return named


def _own_name(asked: str, known: Mapping[str, Sequence[str]]) -> str | None:
    return next((own for own in known if asked in SYNONYMS.get(own, ())), None)


def is_field(name: str) -> bool:
    """Whether a person may name a column for it."""
    return any(
        name in kind["fields"] or _own_name(name, kind["fields"]) is not None
        for kind in alias_table().values()
    )


def match_header(
    columns: Sequence[str], overrides: Mapping[str, str] = NO_OVERRIDES
) -> HeaderMatch | None:
    """The kind that the header row alone speaks most for; None when it is no kind's.

    Orders are told by their number with a quantity or a date, whatever else stands beside it: a
    list of products that a shop sold is no list of the products that it has.

    Args:
        columns: the header cells as written.
        overrides: as for ``possible_matches``.
    """
    return likeliest_match(possible_matches(columns, overrides))


def likeliest_match(matches: Sequence[HeaderMatch]) -> HeaderMatch | None:
    """Of several readings of one header row the likeliest."""
    useful = [found for found in matches if found.kind not in UNUSED]
    large = [found for found in useful if found.kind != "quick_install"]
    signed = [found for found in large if _has_order_signs(found)]
    if not signed and any(found.kind == "order_heads" for found in matches):
        large = [found for found in large if found.kind not in {"catalogue", "variants"}] or large
    choice = signed or large or useful or matches
    return max(choice, key=lambda found: found.score, default=None)


def _has_order_signs(found: HeaderMatch) -> bool:
    """Whether an order's number stands beside a quantity, a date or a time."""
    sure = {name for name, strength in found.sure.items() if strength > SIMILAR}
    beside = {"quantity", "ordered_at", "ordered_time", "line_total"}
    return found.kind in ORDERS and "order_id" in sure and bool(sure & beside)
