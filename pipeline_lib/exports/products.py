"""Product exports, old and new, joined catalogues and quick-install lists, to one row a SKU."""

from dataclasses import replace
from typing import BinaryIO

import polars as pl

from pipeline_lib.exports import cells, dates, rejects
from pipeline_lib.exports.batch import Batch, Tally
from pipeline_lib.exports.cells import is_blank
from pipeline_lib.exports.chunks import Chunk, read_chunks
from pipeline_lib.exports.dialect import decompress, recode
from pipeline_lib.exports.layout import Layout
from pipeline_lib.exports.product_rows import OPTIONS, fill_down, product_keys, variant_titles
from pipeline_lib.exports.sniff import ExportFormat

UNREAD = frozenset({"description", "image", "published"})
IMAGE = "image_row"
NAMELESS = "no_product"
SHARED = "shared_sku"
FILL = (
    "handle",
    "title",
    "vendor",
    "product_type",
    "category",
    "tags",
    "status",
    "gift_card",
    "created_at",
)
YES = ("true", "yes", "1", "y", "oui", "vrai", "ja", "wahr", "sí", "si", "verdadero")
MONEY = {"price": "price", "compare_at": "compare-at price", "cost": "cost"}
GIFT = r"(?i)gift ?card|carte[- ]cadeau|geschenk(?:karte|gutschein)|tarjeta de regalo"


def read_products(stream: BinaryIO, export: ExportFormat, *, currency: str | None) -> Batch:
    """The export's products, one row a SKU.

    Args:
        stream: the file from its first byte, plain or gzip.
        export: of the same file; of kind ``products``, ``catalogue`` or ``quick_install``.
        currency: of the run, for the minor unit.

    Returns:
        One batch whose ``kept`` has, in the order of first appearance: ``sku`` str (the key of
        order lines), ``written_sku`` (as the shop writes it),
        ``title``, ``variant`` str or null,
        ``handle``, ``product_type``, ``vendor``, ``tags`` str, ``price_minor``,
        ``compare_at_minor``, ``cost_minor``, ``stock`` Int64 or null, ``status`` str, ``gift_card``
        bool, ``created_at`` Datetime("us", "UTC") or null. Where variants share a SKU the first one
        stands for all, its ``variant`` null and its ``stock`` their sum.

    Raises:
        BadExport: more than half of the rows cannot be read, or the stream ends too early.
    """
    _, pieces = decompress(stream, export.file)
    digits = cells.exponent(currency)
    good, bad, rows = [], [], 0
    for chunk in read_chunks(recode(pieces, export.dialect), _layout(export)):
        typed, rejected = _read(chunk, export, digits)
        good.append(typed)
        bad.append(rejected)
        rows += chunk.rows
    kept, set_aside = _settled(pl.concat(good))
    batch = Batch(kept, pl.concat(bad), set_aside, rows)
    tally = Tally(export.file)
    tally.add(batch)
    tally.close()
    return batch


def _layout(export: ExportFormat) -> Layout:
    """The fields that make a product; long texts and images are not read."""
    layout = export.layout()
    used = {field: at for field, at in layout.fields.items() if field not in UNREAD}
    return replace(layout, fields=used)


def _read(chunk: Chunk, export: ExportFormat, digits: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The chunk's rows with their numbers typed, and those that cannot be read."""
    frame = chunk.frame
    typed: list[pl.Series] = []
    reason = pl.repeat(None, frame.height, dtype=pl.String, eager=True)
    for field, said in MONEY.items():
        values = _money(frame, field, export.decimal, digits)
        typed.append(values.alias(f"{field}_minor"))
        reason = reason.set(_unread(frame, field, values), f"the {said} is no amount")
    stock = "stock" if "stock" in frame.columns else "available"
    values = _integers(frame, stock, export.decimal)
    typed.append(values.alias("stock"))
    reason = reason.set(_unread(frame, stock, values), "the stock is no whole number")
    reasons = dict(zip(frame["row"].filter(reason.is_not_null()), reason.drop_nulls(), strict=True))
    lost = rejects.rejected_rows(chunk, reasons, export.columns, filled={})
    text = frame.drop("stock", strict=False)
    at = _created(frame, export)
    return text.with_columns(*typed, instant=at, whole=reason.is_null()), lost


def _money(frame: pl.DataFrame, field: str, decimal: str, digits: int) -> pl.Series:
    if field not in frame.columns:
        return pl.repeat(None, frame.height, dtype=pl.Int64, eager=True)
    return cells.minor_units(frame[field], decimal=decimal, digits=digits)


def _integers(frame: pl.DataFrame, field: str, decimal: str) -> pl.Series:
    if field not in frame.columns:
        return pl.repeat(None, frame.height, dtype=pl.Int64, eager=True)
    return cells.integers(frame[field], decimal=decimal)


def _created(frame: pl.DataFrame, export: ExportFormat) -> pl.Series:
    if "created_at" not in frame.columns:
        return pl.repeat(None, frame.height, dtype=pl.Datetime("us", "UTC"), eager=True)
    return dates.instants(frame["created_at"], day_first=export.day_first)


def _unread(frame: pl.DataFrame, field: str, values: pl.Series) -> pl.Series:
    if field not in frame.columns:
        return pl.repeat(value=False, n=frame.height, dtype=pl.Boolean, eager=True)
    return frame.select(~is_blank(pl.col(field))).to_series() & values.is_null()


def _settled(rows: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, int]]:
    """Products of the rows of a whole file, one a SKU, and the rows that became none."""
    whole = fill_down(rows, FILL).filter("whole")  # a lost first row still names the others
    is_image = whole.select(_image(whole)).to_series()
    sold = whole.filter(~is_image)
    variant = variant_titles(sold)
    keyed = _columns(sold.with_columns(key=product_keys(sold, variant), option=variant))
    named = keyed.filter(pl.col("sku").is_not_null())
    merged = named.group_by("sku", maintain_order=True).agg(
        pl.when(pl.len() == 1).then(pl.col("variant").first()).alias("variant"),
        pl.when(pl.col("stock").count() > 0).then(pl.col("stock").sum()).alias("stock"),
        pl.exclude("sku", "variant", "stock").first(),
    )
    aside = {
        IMAGE: int(is_image.sum()),
        NAMELESS: keyed.height - named.height,
        SHARED: named.height - merged.height,
    }
    return merged.select(keyed.columns), {rule: count for rule, count in aside.items() if count}


def _image(frame: pl.DataFrame) -> pl.Expr:
    """A row without SKU, price and options that does not begin a product only adds an image."""
    said = [f for f in ("sku", "variant_id", *OPTIONS) if f in frame.columns]
    blank = [is_blank(pl.col(field)) for field in said]
    priced = pl.col("price_minor").is_not_null()
    bare = pl.all_horizontal(*blank, ~priced)
    return bare & (~pl.col("first") | pl.lit("price" in frame.columns and bool(said)))


def _columns(frame: pl.DataFrame) -> pl.DataFrame:
    """The columns that are promised, text trimmed."""

    def text(field: str) -> pl.Expr:
        known = field in frame.columns
        return (pl.col(field).str.strip_chars() if known else pl.lit("")).alias(field)

    written = text("sku").alias("written_sku")
    flag = text("gift_card").str.to_lowercase().is_in(YES) | text("product_type").str.contains(GIFT)
    typed = text("product_type") != ""
    return frame.select(
        pl.col("key").alias("sku"),
        pl.when(written != "").then(written).alias("written_sku"),
        text("title"),
        pl.col("option").alias("variant"),
        text("handle"),
        pl.when(typed).then(text("product_type")).otherwise(text("category")),
        text("vendor"),
        text("tags"),
        "price_minor",
        "compare_at_minor",
        "cost_minor",
        "stock",
        text("status").str.to_lowercase(),
        flag.alias("gift_card"),
        pl.col("instant").alias("created_at"),
    )
