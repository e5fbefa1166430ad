"""Rules that set whole orders aside by their state; lines have rules of their own."""

import polars as pl

from pipeline_lib.exports import cells

CANCELLED = (
    r"^(?:wc-)?(?:order )?(?:void|voided|cancel+ed|failed|trash|declined"
    r"|annul[ée]e?|storniert|cancelad[oa]|anulad[oa]|annullat[oa]|geannuleerd|キャンセル.*)$"
)
REFUNDED = (
    r"^(?:wc-)?(?:fully )?(?:refund|refunded|return|returned|rembours[ée]e?|(?:zur[üu]ck)?erstattet"
    r"|reembolsad[oa]|devolvid[oa]|rimborsat[oa]|terugbetaald|返金.*)$"
)
VOID = r"^(?:true|yes|void|voided)$"
TESTS = {  # column to what it says of an order that is a test
    "tags": r"(?i)(?:^|,)\s*test(?:[- _]?order)?\s*(?:,|$)",
    "payment": r"(?i)\bbogus\b|^test",
    "source": r"^test$",
}


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
    state, back = _any(heads, "financial_status", CANCELLED, REFUNDED)
    if "cancelled_at" in have:
        state |= ~cells.blanks(heads["cancelled_at"])
    found["cancelled"] = state
    found["refunded"] = back | _refunded(heads, decimal)
    tests = [_any(heads, column, pattern)[0] for column, pattern in TESTS.items()]
    found["test_order"] = tests[0] | tests[1] | tests[2]
    return {rule: hit for rule, hit in found.items() if hit.any()}


def line_state_rules(states: pl.Series) -> dict[str, pl.Series]:
    """Rule to the lines that it takes by their own state.

    Args:
        states: as text, of each line.
    """
    heads = states.to_frame("state")
    cancelled, back = _any(heads, "state", f"{CANCELLED}|{VOID}", REFUNDED)
    return {rule: hit for rule, hit in (("cancelled", cancelled), ("refunded", back)) if hit.any()}


def _none(height: int) -> pl.Series:
    return pl.repeat(value=False, n=height, dtype=pl.Boolean, eager=True)


def _any(heads: pl.DataFrame, column: str, *patterns: str) -> list[pl.Series]:
    """For each pattern, which orders have a cell in that column that matches it."""
    if column not in heads.columns:
        return [_none(heads.height) for _ in patterns]
    once = heads[column].unique()
    plain = once.str.strip_chars().str.to_lowercase()
    return [_in(heads[column], once.filter(plain.str.contains(one))) for one in patterns]


def _in(values: pl.Series, wanted: pl.Series) -> pl.Series:
    return values.is_in(wanted.implode()) if len(wanted) else _none(len(values))


def _refunded(heads: pl.DataFrame, decimal: str) -> pl.Series:
    """Which orders were paid back in full."""
    if not {"refunded", "total"} <= set(heads.columns):
        return _none(heads.height)
    total = cells.numbers(heads["total"], decimal=decimal)
    back = cells.numbers(heads["refunded"], decimal=decimal)
    return ((total > 0) & (back >= total)).fill_null(value=False)
