"""Product cells that stand once, filled down to a product's other rows; and its keys."""

from collections.abc import Sequence

import polars as pl

from pipeline_lib.exports import keys
from pipeline_lib.exports.cells import is_blank

DEFAULT = r"(?i)^(?:default title|default|titre par défaut|standardtitel|título predeterminado)$"
OPTIONS = ("option1_value", "option2_value", "option3_value")


def fill_down(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """The rows with each product's first cell where their own is blank, and ``first``.

    A product begins where a handle (or, where that is blank, a title) differs from the last one.

    Args:
        frame: text cells in the file's order.
        columns: those that are filled down, as far as the frame has them.

    Returns:
        The same rows; ``first`` says whether a row begins a product.
    """
    named = [column for column in ("handle", "title") if column in frame.columns]
    if not named:
        return frame.with_columns(first=pl.lit(value=True))
    starts = [_differs(column) for column in named]
    if len(named) == len(("handle", "title")):
        starts[1] = starts[1] & is_blank(pl.col("handle"))
    begins = frame.select(first=pl.any_horizontal(starts))["first"]
    begins = begins.set(pl.Series(range(len(begins))) == 0, value=True) if len(begins) else begins
    run = begins.cast(pl.UInt32).cum_sum() - 1
    have = [column for column in columns if column in frame.columns]
    heads = frame.filter(begins).select(have)[run]
    own = [
        pl.when(is_blank(pl.col(column)))
        .then(heads[column])
        .otherwise(pl.col(column))
        .alias(column)
        for column in have
    ]
    return frame.with_columns(*own, first=begins)


def _differs(column: str) -> pl.Expr:
    cell = pl.when(~is_blank(pl.col(column))).then(pl.col(column).str.strip_chars())
    before = cell.forward_fill().shift(1)
    return (cell != before).fill_null(cell.is_not_null() & before.is_null())


def variant_titles(frame: pl.DataFrame) -> pl.Series:
    """The option texts, ``Red / M``; null where a product has no options."""
    have = [column for column in (*OPTIONS, "variant") if column in frame.columns]
    texts = [pl.col(column).str.strip_chars() for column in have]
    said = [pl.when((text != "") & ~text.str.contains(DEFAULT)).then(text) for text in texts]
    if not said:
        return pl.repeat(None, frame.height, dtype=pl.String, eager=True)
    joined = pl.concat_str(said, separator=" / ", ignore_nulls=True)
    return frame.select(variant=pl.when(joined != "").then(joined))["variant"]


def product_keys(frame: pl.DataFrame, variant: pl.Series) -> pl.Series:
    """The SKU keys, made as for order lines, which name a product ``Title - Variant``."""
    have = [column for column in ("sku", "variant_id") if column in frame.columns]
    known = [frame[column] for column in ("title", "handle") if column in frame.columns]
    if not known and not have:
        return pl.repeat(None, frame.height, dtype=pl.String, eager=True).alias("sku")
    if not known:
        return keys.sku_keys(frame.select(have))[0]
    title = known[0].str.strip_chars()
    name = pl.when(variant.is_null() | (title == "")).then(title).otherwise(title + " - " + variant)
    return keys.sku_keys(frame.select(*have, name=name))[0]
