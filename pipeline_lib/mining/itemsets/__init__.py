"""Exact frequent itemsets and mergeable pair counts over integer-coded order lines."""

from pipeline_lib.mining.itemsets.mining import mine
from pipeline_lib.mining.itemsets.pair_counts import (
    PairCounts,
    add_counts,
    count_pairs,
    frequent,
    subtract_counts,
)
from pipeline_lib.mining.itemsets.result import Itemsets, TooManyItemsets

__all__ = [
    "Itemsets",
    "PairCounts",
    "TooManyItemsets",
    "add_counts",
    "count_pairs",
    "frequent",
    "mine",
    "subtract_counts",
]
