"""Order lines typed, row by row, each with the reason why it cannot be read; knows no orders."""

from typing import NamedTuple

import polars as pl

from pipeline_lib.exports import cells, keys

NO_ORDER = "the order's number is missing"
NO_PRODUCT = "neither SKU nor name is given"
NO_QUANTITY = "the quantity is missing"
BAD_QUANTITY = "the quantity is no whole number"
NO_PRICE = "the price is missing"
BAD_PRICE = "the price is no amount"
BAD_DISCOUNT = "the discount is no amount"
MOST = 2**31 - 1
NO_OPTION = r"(?i)^(?:default(?: title)?|regular|standard|none|n/?a)$"
SHARES = {"line_discount_share": 1, "line_discount_percent": 100}


class TypedLines(NamedTuple):
    """Typed lines, and the distinct names and SKUs in them."""

    frame: pl.DataFrame
    names: pl.Series
    skus: pl.Series


def type_lines(frame: pl.DataFrame, ids: pl.Series, *, decimal: str, digits: int) -> TypedLines:
    """The lines' own cells, typed.

    Args:
        frame: where the file has them, ``sku``, ``variant_id``, ``name``, ``option`` as text and
            ``quantity``, ``price`` (of a unit) or ``line_total``, ``line_discount`` (money) or
            ``line_discount_share`` or ``line_discount_percent`` as text or numbers.
        ids: the lines' order numbers, trimmed.
        decimal: the file's decimal sign.
        digits: of the currency's minor unit.

    Returns:
        A row per row: ``order_id`` str, ``sku`` str, ``name`` str, ``quantity`` Int32 (1 where the
        file has no such column), ``price_minor`` Int64 (null where it has none),
        ``discount_minor`` Int64 and ``reason``, null where the line can be read.
    """
    frame = _with_options(frame)
    have = "name" in frame.columns
    name, names = keys.product_names(frame["name"] if have else _same("", frame.height))
    sku, skus = keys.sku_keys(frame)
    quantity = _quantity(frame, decimal)
    price = _price(frame, quantity, decimal, digits)
    discount = _discount(frame, price[0] * quantity, decimal, digits)
    reason = _reason(frame, sku, quantity, price, discount)
    blank = ids == ""
    read = {
        "order_id": ids,
        "sku": sku,
        "name": name,
        "quantity": quantity.cast(pl.Int32),
        "price_minor": price[0],
        "discount_minor": discount[0].fill_null(0),
        "reason": reason.set(blank, NO_ORDER) if blank.any() else reason,
    }
    return TypedLines(pl.DataFrame(read), names, skus)


def _same(text: str | None, height: int) -> pl.Series:
    return pl.repeat(text, height, dtype=pl.String, eager=True)


def _quantity(frame: pl.DataFrame, decimal: str) -> pl.Series:
    if "quantity" not in frame.columns:
        return pl.repeat(1, frame.height, dtype=pl.Int64, eager=True)
    read = cells.integers(frame["quantity"], decimal=decimal)
    return read.set((read.abs() > MOST).fill_null(value=False), None)


def _with_options(frame: pl.DataFrame) -> pl.DataFrame:
    """The lines, a name with the option that the line was sold in, where it does not say it."""
    if not {"name", "option"} <= set(frame.columns):
        return frame
    option, name = pl.col("option").str.strip_chars(), pl.col("name").str.strip_chars()
    said = cells.is_blank(option) | option.str.contains(NO_OPTION) | name.str.ends_with(option)
    whole = pl.when(said | cells.is_blank(name)).then("name").otherwise(name + " - " + option)
    return frame.with_columns(name=whole)


def _money(frame: pl.DataFrame, column: str, decimal: str, digits: int) -> pl.Series:
    if column not in frame.columns:
        return pl.repeat(None, frame.height, dtype=pl.Int64, eager=True)
    return cells.minor_units(frame[column], decimal=decimal, digits=digits)


def _price(
    frame: pl.DataFrame, quantity: pl.Series, decimal: str, digits: int
) -> tuple[pl.Series, str]:
    """What a unit costs, and the column that tells it: its price, else the line's total."""
    if "price" in frame.columns or "line_total" not in frame.columns:
        return _money(frame, "price", decimal, digits), "price"
    total = _money(frame, "line_total", decimal, digits)
    units = quantity.abs().set((quantity == 0).fill_null(value=False), 1).fill_null(1)
    each: pl.Series = (total.abs() / units).round(mode="half_away_from_zero").cast(pl.Int64)
    return each, "line_total"


def _discount(
    frame: pl.DataFrame, gross: pl.Series, decimal: str, digits: int
) -> tuple[pl.Series, str]:
    """What was taken off a line, and the column that tells it, as money or as a share."""
    for column, whole in SHARES.items():
        if column in frame.columns:
            share = (cells.numbers(frame[column], decimal=decimal).abs() / whole).clip(0, 1)
            off: pl.Series = (gross.fill_null(0) * share).round().cast(pl.Int64)
            return off, column
    return _money(frame, "line_discount", decimal, digits).abs(), "line_discount"


Read = tuple[pl.Series, str]  # the values, and the column that tells them


def _reason(
    frame: pl.DataFrame, sku: pl.Series, quantity: pl.Series, price: Read, discount: Read
) -> pl.Series:
    """Why each line cannot be read; of several reasons the first of this list."""
    reason = _same(None, frame.height)
    checks = (
        (_unread(frame, discount[1], discount[0]), None, BAD_DISCOUNT),
        (_unread(frame, price[1], price[0]), NO_PRICE, BAD_PRICE),
        (_unread(frame, "quantity", quantity), NO_QUANTITY, BAD_QUANTITY),
    )
    for (column, unread), missing, bad in checks:
        if unread.any():
            blank = cells.blanks(frame[column])
            reason = reason.set(unread & ~blank, bad)
            reason = reason.set(unread & blank, missing) if missing else reason
    return reason.set(sku.is_null(), NO_PRODUCT) if sku.null_count() else reason


def _unread(frame: pl.DataFrame, column: str, read: pl.Series) -> tuple[str, pl.Series]:
    if column not in frame.columns:
        return column, pl.repeat(value=False, n=frame.height, dtype=pl.Boolean, eager=True)
    return column, read.is_null()
