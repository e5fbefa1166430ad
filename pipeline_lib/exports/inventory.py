"""Inventory exports, a row or a column per location, to one row a SKU."""

from dataclasses import replace
from typing import BinaryIO

import polars as pl

from pipeline_lib.exports import cells, rejects
from pipeline_lib.exports.batch import Batch, Tally
from pipeline_lib.exports.block import Block, Layout
from pipeline_lib.exports.blocks import blocks
from pipeline_lib.exports.cells import is_blank
from pipeline_lib.exports.dialect import plain_bytes, utf8
from pipeline_lib.exports.filled import filled, product_keys, variants
from pipeline_lib.exports.survey import Survey

OTHER = "other_location"
NAMELESS = "no_product"
WIDE = "location "
COUNTS = ("available", "on_hand", "incoming", "committed", "unavailable")
NOT_STOCKED = r"(?i)^\s*(?:not stocked|non stocké|nicht gelagert|sin existencias|no almacenado)\s*$"


def read_inventory(stream: BinaryIO, survey: Survey) -> Batch:
    """The export's stock, summed over locations.

    Args:
        stream: the file from its first byte, plain or gzip.
        survey: of the same file; of kind ``inventory``.

    Returns:
        One batch whose ``kept`` has, in the order of first appearance: ``sku`` str (the key of
        order lines), ``available``, ``on_hand`` and ``incoming`` Int64. A location that does not
        stock a product counts 0; a number that the file never gives is null, but what is available
        is then what is on hand without the committed and the unavailable.

    Raises:
        BadExport: more than half of the rows cannot be read, or the stream ends too early.
    """
    _, pieces = plain_bytes(stream, survey.file)
    good, bad, rows = [], [], 0
    for block in blocks(utf8(pieces, survey.dialect), _layout(survey)):
        typed, rejected = _read(block, survey)
        good.append(typed)
        bad.append(rejected)
        rows += block.rows
    kept, set_aside = _summed(pl.concat(good))
    batch = Batch(kept, pl.concat(bad), set_aside, rows)
    tally = Tally(survey.file)
    tally.add(batch)
    tally.close()
    return batch


def _layout(survey: Survey) -> Layout:
    """The fields and, in the wide layout, a field per location."""
    layout = survey.layout()
    wide = {f"{WIDE}{at}": at for at in survey.matched.locations}
    return replace(layout, fields=layout.fields | wide)


def _read(block: Block, survey: Survey) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The block's rows with their counts typed, and those that cannot be read."""
    frame = block.frame
    reason = pl.repeat(None, frame.height, dtype=pl.String, eager=True)
    counted = {}
    for field in [f for f in frame.columns if f in COUNTS or f.startswith(WIDE)]:
        absent = frame.select(is_blank(pl.col(field)) | pl.col(field).str.contains(NOT_STOCKED))
        count = cells.integers(frame[field], decimal=survey.decimal)
        reason = reason.set(
            count.is_null() & ~absent.to_series(), "a stock count is no whole number"
        )
        counted[field] = count.fill_null(0)
    reasons = dict(zip(frame["row"].filter(reason.is_not_null()), reason.drop_nulls(), strict=True))
    lost = rejects.rejected(block, reasons, survey.columns, filled={})
    return frame.with_columns(**counted, whole=reason.is_null()), lost


def _summed(rows: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, int]]:
    """Stock by SKU of the rows of a whole file, and the rows that became none of their own."""
    whole = filled(rows, ("handle", "title")).filter("whole")
    keyed = whole.select(
        sku=product_keys(whole, variants(whole)),
        available=_available(whole),
        on_hand=_count(whole, "on_hand"),
        incoming=_count(whole, "incoming"),
    )
    named = keyed.filter(pl.col("sku").is_not_null())
    counts = pl.col("available", "on_hand", "incoming")
    kept = named.group_by("sku", maintain_order=True).agg(
        pl.when(counts.count() > 0).then(counts.sum())
    )
    aside = {NAMELESS: keyed.height - named.height, OTHER: named.height - kept.height}
    return kept, {rule: count for rule, count in aside.items() if count}


def _count(frame: pl.DataFrame, field: str) -> pl.Expr:
    return pl.col(field) if field in frame.columns else pl.lit(None, pl.Int64)


def _available(frame: pl.DataFrame) -> pl.Expr:
    wide = [column for column in frame.columns if column.startswith(WIDE)]
    if wide:
        return pl.sum_horizontal(wide)
    if "available" in frame.columns:
        return pl.col("available")
    bound = [_count(frame, field).fill_null(0) for field in ("committed", "unavailable")]
    return pl.col("on_hand") - pl.sum_horizontal(bound)
