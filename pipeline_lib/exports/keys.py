"""Names for what has none, and hashes for who must not be known; stores neither."""

from hashlib import blake2b

import polars as pl

from pipeline_lib.exports.cells import is_blank, sku_key

UNNAMED = "unspecified"
MADE = "no-sku-"  # lower case: no shop's SKU key can equal a made one
ID_END = 10  # characters of a variant id that a made key keeps


def hash_customers(customers: pl.Series, key: bytes) -> pl.Series:
    """Customers as 64-bit keyed BLAKE2b in hex, case and outer spaces aside; blank is null.

    Args:
        customers: e-mail addresses or customer numbers, as text.
        key: 1 to 64 bytes; another key gives other hashes.
    """
    plain = customers.str.strip_chars().str.to_lowercase().cast(pl.Binary)
    keyed = blake2b(key=key, digest_size=8)  # copied: the key's chunk is worked in once
    codes: list[bytes | None] = []
    for one in plain.to_list():  # in line: a call costs as much as the hash
        if one:
            begun = keyed.copy()
            begun.update(one)
            codes.append(begun.digest())
        else:
            codes.append(None)
    return pl.Series("customer", codes, pl.Binary).bin.encode("hex")


def product_names(cells: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Product names, trimmed, a blank one ``unspecified``; and each distinct one, once or more."""
    once = cells.unique()
    plain = once.str.strip_chars()
    plain = plain.set(plain == "", UNNAMED)
    return _replaced(cells, once, plain), plain


def sku_keys(frame: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """The key of each line's product: its SKU, else its variant's id, else one made of its name.

    Args:
        frame: text columns ``sku``, ``variant_id`` and ``name``, each where the file has it.

    Returns:
        ``sku``; null where all three are blank. The same name always makes the same key. And each
        distinct key, once or more.
    """
    have = frame.columns
    sku, once = _spelt(frame["sku"]) if "sku" in have else (_none(frame.height), None)
    made = sku.null_count()
    if "variant_id" in have and made:
        sku = sku.fill_null(frame.select(id_key(pl.col("variant_id"))).to_series())
    if "name" in have and sku.null_count():
        sku = sku.fill_null(_made_of_names(frame["name"], only=sku.is_null()))
    return sku.alias("sku"), sku.unique() if made or once is None else once


def id_key(cell: pl.Expr) -> pl.Expr:
    """The key that is made of a variant's id, a bare number or a GID; null where it is blank."""
    bare = cell.str.strip_chars().str.split("/").list.last()
    return pl.when(~is_blank(bare)).then(pl.lit(MADE) + bare.str.tail(ID_END))


def name_key(name: str) -> str:
    """The key that is made of a product's name, in lower case with single spaces."""
    return MADE + blake2b(name.encode(), digest_size=5).hexdigest()


def _none(height: int) -> pl.Series:
    return pl.repeat(None, height, dtype=pl.String, eager=True)


def _spelt(skus: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The SKUs in their one spelling, and the distinct ones; each is worked out once."""
    once = skus.unique()
    spelt = once.to_frame("cell").select(sku_key(pl.col("cell"))).to_series()
    return _replaced(skus, once, spelt), spelt


def _replaced(cells: pl.Series, once: pl.Series, plain: pl.Series) -> pl.Series:
    """The cells with each distinct one as its plain form; the same series where all are plain."""
    other = once.ne_missing(plain)
    return cells.replace(once.filter(other), plain.filter(other)) if other.any() else cells


def _made_of_names(cells: pl.Series, *, only: pl.Series) -> pl.Series:
    plain = cells.str.strip_chars().str.to_lowercase().str.replace_all(r"\s+", " ")
    made = {name: name_key(name) for name in plain.filter(only).unique() if name}
    return plain.replace_strict(made, default=None, return_dtype=pl.String)
