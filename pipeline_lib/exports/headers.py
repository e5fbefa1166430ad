"""Which kind of export a header row belongs to, and which column is which field; reads no data."""

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TypedDict

ADDED_BY_US = frozenset({"row", "line", "reason"})  # the columns that a rejects file has in front
PREFIXES = ("lineitem", "line", "variant", "product", "item")
MARK = 3.0  # a column that only this kind has says more than one that many have
WIDE_AFTER = frozenset({"hs_code", "coo"})  # in a wide inventory, the locations stand after these


class KindAliases(TypedDict):
    """What the table says of one kind of export."""

    needs: list[list[str]]
    marks: list[str]
    fields: dict[str, list[str]]


@dataclass(frozen=True)
class HeaderMatch:
    """A header row that was recognised.

    Attributes:
        kind: a key of ``headers.json``.
        score: the weight of the columns that were recognised; higher is surer.
        fields: field to the position of its column, from 0.
        sure: field to how surely the column is it: 1 its own name, 0.8 a name inside another.
        locations: positions of the location columns of a wide inventory.
    """

    kind: str
    score: float
    fields: dict[str, int]
    sure: dict[str, float]
    locations: tuple[int, ...] = ()


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
    return re.sub(r"[\W_]+", "", plain)


@cache
def _names(kind: str) -> dict[str, str]:
    """Normalised name to field, for one kind; the first field of the table wins."""
    found: dict[str, str] = {}
    for field, names in alias_table()[kind]["fields"].items():
        for name in names:
            found.setdefault(normalise(name), field)
    return found


def _field_of(kind: str, name: str) -> tuple[str, float] | None:
    """The field that a normalised header names, and how sure that is."""
    names = _names(kind)
    if name in names:
        return names[name], 1.0
    for prefix in PREFIXES:
        rest = name.removeprefix(prefix)
        if rest != name and rest in names:
            return names[rest], 0.8
    return None


def _match(kind: str, columns: Sequence[str]) -> HeaderMatch | None:
    """The header row read as this kind, or None when a needed column is not there."""
    fields: dict[str, int] = {}
    sure: dict[str, float] = {}
    for position, column in enumerate(columns):
        found = _field_of(kind, column) if column and column not in ADDED_BY_US else None
        if found and found[1] > sure.get(found[0], 0.0):
            fields[found[0]], sure[found[0]] = position, found[1]
    locations = _locations(kind, columns, fields)
    have = {*fields, *(["locations"] if locations else [])}
    if not all(have & set(need) for need in alias_table()[kind]["needs"]):
        return None
    marks = set(alias_table()[kind]["marks"])
    score = sum(weight * (MARK if field in marks else 1.0) for field, weight in sure.items())
    return HeaderMatch(kind, score, fields, sure, locations)


def _locations(kind: str, columns: Sequence[str], fields: dict[str, int]) -> tuple[int, ...]:
    """Positions of a wide inventory's location columns: those behind the customs columns."""
    customs = [fields[field] for field in WIDE_AFTER if field in fields]
    if kind != "inventory" or not customs or {"available", "on_hand"} & set(fields):
        return ()
    known = set(fields.values())
    behind = range(max(customs) + 1, len(columns))
    return tuple(p for p in behind if p not in known and columns[p])


def match_header(columns: Sequence[str]) -> HeaderMatch | None:
    """The kind whose columns the header row has most of; None when it is no kind's.

    Args:
        columns: the header cells as written.
    """
    plain = [normalise(column) for column in columns]
    matches = [found for kind in alias_table() if (found := _match(kind, plain))]
    small = [found for found in matches if found.kind != "quick_install"]
    return max(small or matches, key=lambda found: found.score, default=None)
