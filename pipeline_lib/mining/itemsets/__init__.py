"""Exact frequent itemsets and mergeable pair counts over integer-coded order lines."""

from pipeline_lib.mining.itemsets.found import Itemsets, TooManyItemsets
from pipeline_lib.mining.itemsets.mining import mine
from pipeline_lib.mining.itemsets.pair_counts import (
    PairCounts,
    added,
    frequent,
    pair_counts,
    subtracted,
)

__all__ = [
    "Itemsets",
    "PairCounts",
    "TooManyItemsets",
    "added",
    "frequent",
    "mine",
    "pair_counts",
    "subtracted",
]
