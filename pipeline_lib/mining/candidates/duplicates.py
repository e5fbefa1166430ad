"""When two candidates are the same bundle; which of the same is the better, not how good it is."""

from hashlib import sha256

import polars as pl


def bundle_key(bundle_type: str, objective: str, skus: list[str]) -> str:
    """The identity of a bundle: sha256 of its type, objective and sorted SKUs (requirement 167).

    The same products under another objective are another bundle.
    """
    return sha256(f"{bundle_type}:{objective}:{','.join(sorted(skus))}".encode()).hexdigest()


def distinct(candidates: pl.DataFrame, skus: pl.Series) -> pl.DataFrame:
    """Keep one candidate of each identity: the one with most orders behind it.

    Args:
        candidates: columns ``Candidates``.
        skus: SKU by item code.

    Returns:
        The kept rows with ``key``, in the order of ``candidates``. Those of equal evidence are
        told apart by their source's name, so that equal input gives equal output.
    """
    named = candidates["items"].to_list()
    table = skus.to_list()
    keys = [
        bundle_key(bundle_type, objective, [table[item] for item in items])
        for bundle_type, objective, items in zip(
            candidates["bundle_type"], candidates["objective"], named, strict=True
        )
    ]
    return (
        candidates.with_columns(pl.Series("key", keys, dtype=pl.String))
        .with_row_index("place")
        .sort("orders_together", "source", "place", descending=[True, False, False])
        .unique("key", keep="first", maintain_order=True)
        .sort("place")
        .drop("place")
    )
