"""What sets of three did in orders not seen, beside the back-test of pairs; it ranks no pair."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline_lib.mining.baskets import CodedShop
from pipeline_lib.mining.candidates.co_purchase import basis_of, significant_threes
from pipeline_lib.mining.evidence import count_sets


@dataclass(frozen=True)
class Larger:
    """The ``k`` sets of three most above expectation, in later orders.

    ``copurchases``: orders with all three, summed; ``incremental``: those beyond what
    independence of the three expects; ``share_ge5``: share of the sets in five orders or more.
    """

    k: int
    copurchases: int
    incremental: float
    share_ge5: float


def threes_held_out(shop: CodedShop, later: pl.DataFrame, *, sizes: Sequence[int]) -> list[Larger]:
    """Measure the significant sets of three of a shop's past on its later baskets.

    Args:
        shop: the past.
        later: columns ``BasketItems``, in the past's item codes.
        sizes: how many sets to take, strongest first.
    """
    basis = basis_of(shop.baskets, items=len(shop.catalog))
    found = significant_threes(shop.baskets, basis, said=lambda _what, _count: None).sets
    sets = found["items"].head(max(sizes)).list.to_array(3).to_numpy().reshape(-1, 3)
    together = count_sets(later, sets.astype(np.int64))
    single = np.bincount(later["item"].to_numpy(), minlength=len(shop.catalog))
    orders = max(later["order"].n_unique(), 1)
    expected = orders * np.prod(single[sets] / orders, axis=1)
    return [
        Larger(
            k=k,
            copurchases=int(together[:k].sum()),
            incremental=round(float((together - expected)[:k].sum()), 3),
            share_ge5=float(np.mean(together[:k] >= 5)) if len(together) else 0.0,  # noqa: PLR2004
        )
        for k in sizes
    ]
