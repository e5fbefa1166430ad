"""Rules that set whole orders aside by their state; lines have rules of their own."""

import polars as pl

from pipeline_lib.domain.exports import cells

CANCELLED = (
    r"^(?:wc-)?(?:void|voided|cancel+ed|failed|trash"
    r"|annul[ée]e?|storniert|cancelad[oa]|anulad[oa])$"
)
REFUNDED = r"^(?:wc-)?(?:refunded|rembours[ée]e?|(?:zur[üu]ck)?erstattet|reembolsad[oa])$"
TEST_TAG = r"(?i)(?:^|,)\s*test(?:[- _]?order)?\s*(?:,|$)"
TEST_PAYMENT = r"(?i)\bbogus\b|^test"


def order_rules(heads: pl.DataFrame, *, currency: str | None, decimal: str) -> dict[str, pl.Series]:
    """Rule to the orders that it takes, for each rule whose columns the file has.

    Args:
        heads: the orders' cells as text.
        currency: of the run; an order in another, named one is set aside.
        decimal: the file's decimal sign.
    """
    have = set(heads.columns)
    found: dict[str, pl.Series] = {}
    if "currency" in have and currency:
        once = heads["currency"].unique(maintain_order=True)
        named = once.str.strip_chars().str.to_uppercase()
        found["other_currency"] = _in(heads["currency"], once.filter(~named.is_in([currency, ""])))
    state = _any(heads, financial_status=CANCELLED)
    if "cancelled_at" in have:
        state |= ~cells.blanks(heads["cancelled_at"])
    found["cancelled"] = state
    found["refunded"] = _any(heads, financial_status=REFUNDED) | _refunded(heads, decimal)
    found["test_order"] = _any(heads, tags=TEST_TAG, payment=TEST_PAYMENT, source=r"^test$")
    return {rule: hit for rule, hit in found.items() if hit.any()}


def _none(height: int) -> pl.Series:
    return pl.repeat(value=False, n=height, dtype=pl.Boolean, eager=True)


def _any(heads: pl.DataFrame, **patterns: str) -> pl.Series:
    """Which orders have a cell that matches its column's pattern."""
    hit = _none(heads.height)
    for column, pattern in patterns.items():
        if column in heads.columns:
            once = heads[column].unique(maintain_order=True)
            found = once.filter(once.str.strip_chars().str.to_lowercase().str.contains(pattern))
            hit |= _in(heads[column], found)
    return hit


def _in(values: pl.Series, wanted: pl.Series) -> pl.Series:
    return values.is_in(wanted.implode()) if len(wanted) else _none(len(values))


def _refunded(heads: pl.DataFrame, decimal: str) -> pl.Series:
    """Which orders were paid back in full."""
    if not {"refunded", "total"} <= set(heads.columns):
        return _none(heads.height)
    total = cells.numbers(heads["total"], decimal=decimal)
    back = cells.numbers(heads["refunded"], decimal=decimal)
    return ((total > 0) & (back >= total)).fill_null(value=False)
