"""Product exports, old and new, joined catalogues and quick-install lists, to one row a SKU."""

from dataclasses import replace
from typing import BinaryIO

import polars as pl

from pipeline_lib.exports import cells, dates, rejects
from pipeline_lib.exports.batch import Batch, join_parts
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
    "product_id",
    "title",
    "vendor",
    "product_type",
    "category",
    "tags",
    "status",
    "gift_card",
    "created_at",
)
STATUSES = {
    "active": ("active", "actif", "aktiv", "activo", "attivo", "actief", "ativo", "公開", "有効"),
    "draft": (
        "draft",
        "brouillon",
        "entwurf",
        "borrador",
        "bozza",
        "concept",
        "rascunho",
        "下書き",
    ),
    "archived": (
        *("archived", "deleted", "archivé", "archiviert", "archivado", "archiviato"),
        *("gearchiveerd", "arquivado", "アーカイブ済み"),
    ),
}
CLAIM = pl.col("status").replace_strict({"active": 0, "draft": 2, "archived": 3}, default=1)
YES = ("true", "yes", "1", "y", "oui", "vrai", "ja", "wahr", "sí", "si", "verdadero")
TEXTS = (
    *("sku", "title", "handle", "product_id", "variant_id", "inventory_item_id", "product_type"),
    *("category", "vendor", "tags", "status", "gift_card"),
)
AMOUNTS = ("price_minor", "compare_at_minor", "cost_minor")
MONEY = {"price": "price", "compare_at": "compare-at price", "cost": "cost"}
GIFT = r"(?i)gift ?card|carte[- ]cadeau|geschenk(?:karte|gutschein)|tarjeta de regalo"


def read_products(stream: BinaryIO, export: ExportFormat, *, currency: str | None) -> Batch:
    """The export's products, one row a SKU.

    Args:
        stream: the file from its first byte, plain or gzip.
        export: of the same file; of kind ``products``, ``catalogue`` or ``quick_install``.
        currency: of the run, for the minor unit.

    Returns:
        One batch whose ``kept`` has, in the order of first appearance, the columns ``Products``;
        what is blank is null, and so are a price and a cost of 0, which nobody sells or buys at.
        ``sku`` is the key of order lines, ``written_sku`` the SKU as the shop writes it,
        ``product_key`` what all variants of one product share, ``status`` ``active``, ``draft``,
        ``archived`` or what else the file says. A SKU in several products is the active one's,
        then the draft's, then the archived one's, of equals the newest's. Where variants of that
        product share it the first stands for all, its ``variant`` null, its ``stock`` their sum.

    Raises:
        BadExport: more than half of the rows cannot be read, or the stream ends too early.
    """
    _, pieces = decompress(stream, export.file)
    digits = cells.exponent(currency)
    chunks = read_chunks(recode(pieces, export.dialect), _layout(export))
    parts = ((*_read(chunk, export, digits), chunk.rows) for chunk in chunks)
    return join_parts(export.file, parts, _settled)


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
    merged = _one_a_sku(named)
    aside = {
        IMAGE: int(is_image.sum()),
        NAMELESS: keyed.height - named.height,
        SHARED: named.height - merged.height,
    }
    return merged.select(keyed.columns), {rule: count for rule, count in aside.items() if count}


def _one_a_sku(named: pl.DataFrame) -> pl.DataFrame:
    """One row for each SKU, of the product that has the best claim to it."""
    claimed = named.with_row_index("place").sort(
        CLAIM, "created_at", "place", descending=[False, True, False], nulls_last=True
    )
    owners = claimed.unique("sku", keep="first", maintain_order=True).select("sku", "product_key")
    owned = claimed.join(owners, on=["sku", "product_key"], maintain_order="left")
    merged = owned.group_by("sku", maintain_order=True).agg(
        pl.when(pl.len() == 1).then(pl.col("variant").first()).alias("variant"),
        pl.when(pl.col("stock").count() > 0).then(pl.col("stock").sum()).alias("stock"),
        pl.exclude("sku", "variant", "stock").first(),
    )
    first = named.select("sku").unique(maintain_order=True)
    return first.join(merged, on="sku", maintain_order="left")


def _image(frame: pl.DataFrame) -> pl.Expr:
    """A row without SKU, price and options that does not begin a product only adds an image."""
    said = [f for f in ("sku", "variant_id", *OPTIONS) if f in frame.columns]
    blank = [is_blank(pl.col(field)) for field in said]
    priced = pl.col("price_minor").is_not_null()
    bare = pl.all_horizontal(*blank, ~priced)
    return bare & (~pl.col("first") | pl.lit("price" in frame.columns and bool(said)))


def _columns(frame: pl.DataFrame) -> pl.DataFrame:
    """The columns that are promised; what is blank is null."""
    texts = {name: _text(frame, name) for name in TEXTS}
    said_gift = texts["gift_card"].str.to_lowercase().is_in(YES).fill_null(value=False)
    gift = said_gift | texts["product_type"].str.contains(GIFT).fill_null(value=False)
    same = pl.concat_str(pl.lit("title:"), texts["title"].str.to_lowercase())
    named = pl.coalesce(texts["handle"], texts["product_id"], same, "key")
    return frame.select(
        pl.col("key").alias("sku"),
        texts["sku"].alias("written_sku"),
        texts["title"],
        pl.col("option").alias("variant"),
        texts["handle"],
        named.alias("product_key"),
        texts["product_id"],
        texts["variant_id"],
        texts["inventory_item_id"].str.split("/").list.last(),
        pl.coalesce(texts["product_type"], texts["category"]).alias("product_type"),
        texts["vendor"],
        texts["tags"],
        *(pl.when(pl.col(name) > 0).then(name).alias(name) for name in AMOUNTS),
        "stock",
        _status(texts["status"]).alias("status"),
        gift.alias("gift_card"),
        pl.col("instant").alias("created_at"),
    )


def _text(frame: pl.DataFrame, name: str) -> pl.Expr:
    """The trimmed cells of a column; null where blank, or where the file has no such column."""
    if name not in frame.columns:
        return pl.lit(None, pl.String).alias(name)
    cell = pl.col(name).str.strip_chars()
    return pl.when(~is_blank(cell)).then(cell).alias(name)


def _status(text: pl.Expr) -> pl.Expr:
    """The status in one language, else as it is written, in lower case."""
    lower = text.str.to_lowercase()
    known = pl.coalesce(
        *(pl.when(lower.is_in(words)).then(pl.lit(status)) for status, words in STATUSES.items())
    )
    return known.fill_null(lower)
