"""Pairs that the orders hardly tell of: kept by the same company, or new beside what is known."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline_lib.mining.products.embeddings import embed_products

LEAST_COSINE = 0.7  # requirement 157
ENOUGH = 200  # products at a time, so that the similarities of a large shop fit in memory
ALIKE = {"left": pl.Int64, "right": pl.Int64, "similarity": pl.Float64}
COMPANY, NEWCOMER = "embedding", "likeness"


def same_company(pairs: pl.DataFrame, *, items: int, most: int) -> pl.DataFrame:
    """Pair products that are bought with the same others, though not (enough) with each other.

    Args:
        pairs: ``items`` (lists of two codes) and ``orders_together`` of the pairs that were
            counted; none of them comes back.
        items: how many items there are.
        most: how many pairs at the most.

    Returns:
        ``left`` < ``right`` and ``similarity`` (the cosine of their embeddings, at least 0.7),
        most alike first, then by code.
    """
    known = pairs["items"].list.to_array(2).to_numpy().reshape(-1, 2).astype(np.int64)
    known.sort(axis=1)
    vectors = embed_products(
        known[:, 0], known[:, 1], pairs["orders_together"].to_numpy(), items=items
    )
    held = np.unique(known)
    near = [_near(vectors, held[at : at + ENOUGH], held) for at in range(0, len(held), ENOUGH)]
    frame = pl.concat([pl.DataFrame(schema=ALIKE), *near])
    counted = pl.DataFrame({"left": known[:, 0], "right": known[:, 1]})
    return (
        frame.join(counted, on=["left", "right"], how="anti")
        .sort("similarity", "left", "right", descending=[True, False, False])
        .head(most)
    )


def beside_known(alike: pl.DataFrame, pairs: pl.DataFrame, new: pl.Series) -> pl.DataFrame:
    """Pair each new product with what its look-alike is bought with.

    Args:
        alike: ``left``, ``right``, ``similarity`` of look-alikes.
        pairs: ``items`` (lists of two codes), strongest first.
        new: codes of the products with little or no history.

    Returns:
        ``left`` < ``right`` and ``similarity`` of the new product to its look-alike, most alike
        first, then by code; each new product with one partner.
    """
    fresh = new.implode()
    turned = alike.rename({"left": "right", "right": "left"}).select(alike.columns)
    both = pl.concat([alike, turned])
    newcomers = both.filter(pl.col("left").is_in(fresh) & ~pl.col("right").is_in(fresh))
    first, second = (pairs["items"].list.get(at).alias("partner") for at in (0, 1))
    ways = pl.concat(
        [
            pl.DataFrame([first.alias("right"), second]),
            pl.DataFrame([second.alias("right"), first]),
        ]
    ).unique("right", keep="first", maintain_order=True)
    found = newcomers.join(ways, on="right", maintain_order="left")
    return (
        found.sort("similarity", "left", "partner", descending=[True, False, False])
        .unique("left", keep="first", maintain_order=True)
        .select(
            pl.min_horizontal("left", "partner").alias("left"),
            pl.max_horizontal("left", "partner").alias("right"),
            "similarity",
        )
    )


def _near(
    vectors: NDArray[np.float64], rows: NDArray[np.int64], held: NDArray[np.int64]
) -> pl.DataFrame:
    cosine = vectors[rows] @ vectors[held].T
    at, other = np.nonzero((cosine >= LEAST_COSINE) & (rows[:, None] < held[None, :]))
    near = (rows[at], held[other], cosine[at, other].round(9))
    return pl.DataFrame(dict(zip(ALIKE, near, strict=True)), schema=ALIKE)
