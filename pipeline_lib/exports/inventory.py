"""Inventory exports, a row or a column per location, to one row a SKU."""

from dataclasses import replace
from typing import BinaryIO

import polars as pl

from pipeline_lib.exports import cells, rejects
from pipeline_lib.exports.batch import Batch, join_parts
from pipeline_lib.exports.cells import is_blank
from pipeline_lib.exports.chunks import Chunk, read_chunks
from pipeline_lib.exports.dialect import decompress, recode
from pipeline_lib.exports.layout import Layout
from pipeline_lib.exports.product_rows import fill_down, product_keys, variant_titles
from pipeline_lib.exports.sniff import ExportFormat

OTHER = "other_location"
NAMELESS = "no_product"
WIDE = "location "
COUNTS = ("available", "on_hand", "incoming", "committed", "unavailable")
NOT_STOCKED = r"(?i)^\s*(?:not stocked|non stocké|nicht gelagert|sin existencias|no almacenado)\s*$"


def read_inventory(stream: BinaryIO, export: ExportFormat) -> Batch:
    """The export's stock, summed over locations.

    Args:
        stream: the file from its first byte, plain or gzip.
        export: of the same file; of kind ``inventory``.

    Returns:
        One batch whose ``kept`` has, in the order of first appearance: ``sku`` str (the key of
        order lines) or null where only the ``inventory_item_id`` str is known, ``available``,
        ``on_hand`` and ``incoming`` Int64. A location that does not
        stock a product counts 0; a number that the file never gives is null, but what is available
        is then what is on hand without the committed and the unavailable.

    Raises:
        BadExport: more than half of the rows cannot be read, or the stream ends too early.
    """
    _, pieces = decompress(stream, export.file)
    chunks = read_chunks(recode(pieces, export.dialect), _layout(export))
    parts = ((*_read(chunk, export), chunk.rows) for chunk in chunks)
    return join_parts(export.file, parts, _summed)


def _layout(export: ExportFormat) -> Layout:
    """The fields and, in the wide layout, a field per location."""
    layout = export.layout()
    wide = {f"{WIDE}{at}": at for at in export.matched.locations}
    return replace(layout, fields=layout.fields | wide)


def _read(chunk: Chunk, export: ExportFormat) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The chunk's rows with their counts typed, and those that cannot be read."""
    frame = chunk.frame
    reason = pl.repeat(None, frame.height, dtype=pl.String, eager=True)
    counted = {}
    for field in [f for f in frame.columns if f in COUNTS or f.startswith(WIDE)]:
        absent = frame.select(is_blank(pl.col(field)) | pl.col(field).str.contains(NOT_STOCKED))
        count = cells.integers(frame[field], decimal=export.decimal)
        reason = reason.set(
            count.is_null() & ~absent.to_series(), "a stock count is no whole number"
        )
        counted[field] = count.fill_null(0)
    reasons = dict(zip(frame["row"].filter(reason.is_not_null()), reason.drop_nulls(), strict=True))
    lost = rejects.rejected_rows(chunk, reasons, export.columns, filled={})
    return frame.with_columns(**counted, whole=reason.is_null()), lost


def _summed(rows: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, int]]:
    """Stock by SKU of the rows of a whole file, and the rows that became none of their own."""
    whole = fill_down(rows, ("handle", "title")).filter("whole")
    keyed = whole.select(
        sku=product_keys(whole, variant_titles(whole)),
        inventory_item_id=_item(whole),
        available=_available(whole),
        on_hand=_count(whole, "on_hand"),
        incoming=_count(whole, "incoming"),
    )
    named = keyed.filter(pl.any_horizontal(pl.col("sku", "inventory_item_id").is_not_null()))
    counts = pl.col("available", "on_hand", "incoming")
    kept = named.group_by("sku", "inventory_item_id", maintain_order=True).agg(
        pl.when(counts.count() > 0).then(counts.sum())
    )
    aside = {NAMELESS: keyed.height - named.height, OTHER: named.height - kept.height}
    return kept, {rule: count for rule, count in aside.items() if count}


def _item(frame: pl.DataFrame) -> pl.Expr:
    """The item's id without the words of a GID, where the file has no SKU for it."""
    if "inventory_item_id" not in frame.columns:
        return pl.lit(None, pl.String)
    bare = pl.col("inventory_item_id").str.strip_chars().str.split("/").list.last()
    named = [name for name in ("sku", "handle", "title") if name in frame.columns]
    blank = [is_blank(pl.col(name)) for name in named]
    return pl.when(*blank, ~is_blank(bare)).then(bare)


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
