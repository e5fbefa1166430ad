"""Joins what files call the same thing by: lines to products, stock to products, file to file."""

from dataclasses import dataclass

import polars as pl

from pipeline_lib.exports.keys import MADE, id_key, name_key

OWN = "sku"


@dataclass(frozen=True)
class ProductLinks:
    """The SKUs of a shop's products, and what else order lines may call them.

    Attributes:
        skus: the products' own keys.
        others: another key (of a variant's id, a product's id, a name) to the SKU that it means;
            none that could mean two.
    """

    skus: pl.Series
    others: pl.DataFrame

    @classmethod
    def of(cls, products: pl.DataFrame) -> "ProductLinks":
        """The links of a catalogue, columns ``Products``."""
        name = pl.coalesce(pl.col("title") + " - " + pl.col("variant"), pl.col("title"))
        plain = name.str.to_lowercase().str.replace_all(r"\s+", " ").str.strip_chars()
        bare = pl.col("product_id").str.split("/").list.last().str.to_uppercase()
        ids = pl.col("variant_id").str.split("/").list.last().str.to_uppercase()
        called = [
            products.select(id_key(pl.col("variant_id")).alias("key"), OWN),
            products.select(ids.alias("key"), OWN),
            products.select(bare.alias("key"), OWN),
            products.select(plain.alias("key"), OWN).with_columns(
                pl.col("key").map_elements(name_key, return_dtype=pl.String)
            ),
        ]
        known = products["sku"].implode()
        sole = (
            pl.concat(called)
            .drop_nulls()
            .unique()
            .filter(~pl.col("key").is_in(known), pl.len().over("key") == 1)
        )
        return cls(products["sku"], sole.rename({OWN: "meant"}).sort("key"))

    def with_listed_skus(self, lines: pl.DataFrame) -> pl.DataFrame:
        """The lines, each with the SKU of the product that it means; same rows, same order."""
        if self.others.is_empty():
            return lines
        strange = ~lines["sku"].is_in(self.skus.implode())
        if not strange.any():
            return lines
        meant = lines.select("sku").join(
            self.others, left_on="sku", right_on="key", how="left", maintain_order="left"
        )["meant"]
        return lines.with_columns(sku=pl.coalesce(meant, pl.col("sku")))


def join_products(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """The products of several files, each once.

    A product is the same by its SKU or by its variant's id. The first file's words stand; what it
    leaves open, the next one's do. One without a title is called by its handle or its SKU.

    Args:
        parts: columns ``Products``, a SKU once in each.
    """
    whole = pl.concat(
        [_by_variant(part, parts[:at]) for at, part in enumerate(parts)], how="vertical"
    )
    order = whole.select("sku").unique(maintain_order=True)
    filled = [
        pl.col(name).drop_nulls().first().alias(name) for name in whole.columns if name != OWN
    ]
    merged = whole.group_by(OWN, maintain_order=True).agg(filled)
    named = pl.coalesce("title", "handle", "written_sku", "sku").alias("title")
    joined = order.join(merged, on=OWN, maintain_order="left").select(whole.columns)
    return joined.with_columns(named)


def _by_variant(part: pl.DataFrame, before: list[pl.DataFrame]) -> pl.DataFrame:
    """The rows of a file that has no SKUs of its own, with those of the files before it."""
    if not before:
        return part
    known = (
        pl.concat([one.select("variant_id", meant="sku") for one in before])
        .drop_nulls()
        .unique("variant_id", keep="first", maintain_order=True)
    )
    made = pl.col("sku").str.starts_with(MADE)
    linked = part.join(known, on="variant_id", how="left", maintain_order="left")
    sku = pl.when(made).then(pl.coalesce("meant", "sku")).otherwise("sku")
    return linked.with_columns(sku=sku).drop("meant").unique(OWN, keep="first", maintain_order=True)


def link_stock(stock: pl.DataFrame, products: pl.DataFrame) -> pl.DataFrame:
    """Stock by SKU, what was counted by an inventory item's id too.

    Args:
        stock: what ``read_inventory`` keeps.
        products: columns ``Products``, which know their items.

    Returns:
        ``sku`` and ``available``, a SKU once.
    """
    items = products.select("inventory_item_id", meant="sku").drop_nulls()
    items = items.unique("inventory_item_id", keep="first", maintain_order=True)
    linked = stock.join(items, on="inventory_item_id", how="left", maintain_order="left")
    return (
        linked.select(sku=pl.coalesce("sku", "meant"), available="available")
        .filter(pl.col("sku").is_not_null())
        .group_by("sku", maintain_order=True)
        .agg(pl.when(pl.col("available").count() > 0).then(pl.col("available").sum()))
    )
