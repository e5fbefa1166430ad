"""Rules that set aside lines which are no sale of a product; each is counted and can be off."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import polars as pl

EMPTY = "empty_row"
RULES = (
    EMPTY,
    "other_currency",
    "cancelled",
    "refunded",
    "test_order",
    "gift_card",
    "non_product",
    "bundle_component",
    "bundle_parent",
    "negative_quantity",
    "zero_price",
    "wholesale_lines",
)  # in this order: a line that several rules would take counts under the first
CATALOGUE_RULES = ("deleted_product", "catalogue_gift_card")  # need the products file
CAPS = ("wholesale_quantity",)  # change a line and keep it
NAMES = ("gift_name", "non_product_name", "bundle_name")  # patterns
SKUS = ("gift_sku", "non_product_sku")
AMOUNT = (
    r"(?:[\s:\x{2013}\-/|(]*(?:[$€£¥]|[a-z]{3})?\s*\d+(?:[.,]\d+)?\s*(?:[$€£¥]|[a-z]{3})?\)?)?\s*"
)


@dataclass(frozen=True)
class HygieneRules:
    """Which rules are on, and their bounds.

    Attributes:
        off: names of RULES, CATALOGUE_RULES and CAPS that shall not act.
        lines_per_order: an order's later lines are set aside as wholesale; pairs grow with the
            square of a basket, and a reseller's order of 1,000 lines says nothing about taste.
        units_per_line: a greater quantity is lowered to this.
        currency: lines in another are set aside; None takes the file's own.
    """

    off: frozenset[str] = frozenset()
    lines_per_order: int = 200
    units_per_line: int = 1_000
    currency: str | None = None

    def __post_init__(self) -> None:
        unknown = self.off - {*RULES, *CATALOGUE_RULES, *CAPS}
        if unknown:
            raise ValueError(f"no such rules: {sorted(unknown)}")

    def on(self, rule: str) -> bool:
        """Whether the rule acts."""
        return rule not in self.off


@cache
def _table() -> dict[str, list[str]]:
    text = files(__package__).joinpath("non_products.json").read_text("utf-8")
    loaded: dict[str, list[str]] = json.loads(text)
    return loaded


def _any(names: str) -> str:
    return "|".join(_table()[names])


@cache
def _patterns() -> dict[str, str]:
    """Patterns over plain lower-case names and upper-case SKUs."""
    says, goes = _any("says_it"), _any("goes_with_it") + r"|\d[\d.,%]*"
    sure = rf"^\W*(?:(?:{goes})\W+)*(?:{says})(?:\W+(?:{goes}|{says}))*\W*$"
    gift = rf"(?:e[- ]?)?(?:{_any('gift_names')})"
    return {
        "non_product_name": rf"{sure}|^(?:{_any('whole_names')})$|^[^\pL\pN]+$",
        "non_product_sku": rf"^(?:{_any('sku_shapes')})$",
        "gift_name": rf"(?:^|[^\pL]){gift}{AMOUNT}$|^{gift}\s*[-\x{{2013}}:/|(]",
        "gift_sku": rf"^(?:{_any('gift_sku_shapes')})$",
        "bundle_name": rf"(?:^|[^\pL])(?:{_any('bundle_names')})(?:[^\pL]|$)",
    }


def plain_names(names: pl.Series) -> pl.Series:
    """Names in lower case, without accents and outer spaces."""
    lower = names.str.strip_chars().str.to_lowercase()
    if (lower.str.len_bytes() == lower.str.len_chars()).all():
        return lower
    return lower.str.normalize("NFD").str.replace_all(r"\pM", "")


def match_patterns(
    values: pl.Series, once: pl.Series, read: pl.Series, *patterns: str
) -> list[pl.Series]:
    """For each pattern, the values that match it, by how each distinct one reads."""
    any_hit = read.str.contains("|".join(_patterns()[pattern] for pattern in patterns))
    once, read = once.filter(any_hit), read.filter(any_hit)
    found = (once.filter(read.str.contains(_patterns()[pattern])) for pattern in patterns)
    return [values.is_in(one.implode()) if len(one) else _none(len(values)) for one in found]


def _none(height: int) -> pl.Series:
    return pl.repeat(value=False, n=height, dtype=pl.Boolean, eager=True)


def line_rules(lines: pl.DataFrame, *, names: pl.Series, skus: pl.Series) -> dict[str, pl.Series]:
    """Rule to the lines that it would take, for the rules that look at lines.

    Args:
        lines: ``order``, ``sku``, ``name``, ``quantity``, ``price_minor`` (null: not known) and
            ``discount_minor``.
        names: the lines' distinct names.
        skus: their distinct SKUs.
    """
    named = match_patterns(lines["name"], names, plain_names(names), *NAMES)
    coded = match_patterns(lines["sku"], skus, skus, *SKUS)
    return {
        "gift_card": named[0] | coded[0],
        "non_product": named[1] | coded[1],
        "negative_quantity": lines["quantity"] <= 0,
        "zero_price": (lines["price_minor"] <= 0).fill_null(value=False),
        **(_bundle_rules(lines, named[2]) if named[2].any() else {}),
    }


def _bundle_rules(lines: pl.DataFrame, named: pl.Series) -> dict[str, pl.Series]:
    """Rule to the lines that a bundle app put into an order.

    A line whose name says bundle, in an order that also holds lines given away, is the parent; the
    lines given away are its components. Without such lines a bundle is a product like others. A
    parent at no price, beside lines that are sold, is a parent too.
    """
    paid = lines["price_minor"] * lines["quantity"] - lines["discount_minor"]
    free = (paid <= 0).fill_null(value=False)
    orders = lines["order"]
    with_parent = orders.is_in(orders.filter(named & ~free).unique().implode())
    with_free = orders.is_in(orders.filter(free & ~named).unique().implode())
    with_paid = orders.is_in(orders.filter(~free & ~named).unique().implode())
    return {
        "bundle_component": free & ~named & with_parent,
        "bundle_parent": named & ((~free & with_free) | (free & with_paid)),
    }


def first_rule(
    hits: Iterable[tuple[str, pl.Series]], rules: HygieneRules, height: int
) -> pl.Series:
    """The rule that takes each line, by the order of RULES; null when none does."""
    by_rule = {rule: hit for rule, hit in hits if rules.on(rule)}
    taken = pl.repeat(None, height, dtype=pl.String, eager=True)
    for rule in reversed(RULES):
        hit = by_rule.get(rule)
        if hit is not None and hit.any():
            taken = taken.set(hit, rule)
    return taken.alias("rule")
