"""Products bought together more often than chance, counted exactly; no objective, no price."""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline_lib.domain.candidates.evidence import anchored, stated
from pipeline_lib.domain.itemsets import Itemsets, TooManyItemsets, mine

LEAST_Z = 3.0  # standard deviations above what independence expects
LEAST_ORDERS, MOST_LEAST_ORDERS = 2, 50  # the support, as a count of orders, stays within these
MOST_SETS = 1_000_000  # more sets are no help to anybody who chooses a hundred
STRONGEST = 2_000  # sets of a size that go on to the objectives
SOURCE = "co_purchase"


class Together(NamedTuple):
    """Pairs and sets of three with their evidence, and how many were counted."""

    together: pl.DataFrame
    threes: pl.DataFrame
    pairs: int
    triples: int


def least_orders(orders: int) -> int:
    """The support threshold of a shop, as a count of orders: grows as the root of all orders.

    20,000 orders ask for 10, which keeps the noise of a count at a third of the count.
    """
    return int(np.clip(round(np.sqrt(orders) / 14), LEAST_ORDERS, MOST_LEAST_ORDERS))


def mined(baskets: pl.DataFrame, *, orders: int, item_orders: NDArray[np.int64]) -> Together:
    """Count the sets of two and three, and keep those well above expectation.

    Args:
        baskets: columns BASKETS.
        orders: all orders.
        item_orders: the orders that hold each item, by code.

    Returns:
        Both frames as ``evidence.stated`` makes them, with ``source``, most orders above
        expectation first, then by code; at most ``STRONGEST`` of each.
    """
    pairs = _frequent(baskets, size=2, least=least_orders(orders))
    threes = _frequent(baskets, size=3, least=least_orders(orders))
    return Together(
        _surprising(pairs, 2, item_orders, orders),
        _surprising(threes, 3, item_orders, orders),
        len(pairs.counts[1]),
        len(threes.counts[2]),
    )


def _frequent(baskets: pl.DataFrame, *, size: int, least: int) -> Itemsets:
    """The sets that ``least`` orders hold, or twice as many as long as there are too many."""
    order, item = baskets["order"].to_numpy(), baskets["item"].to_numpy()
    while True:
        try:
            return mine(order, item, min_orders=least, max_size=size, max_itemsets=MOST_SETS)
        except TooManyItemsets:
            least *= 2


def _surprising(
    found: Itemsets, size: int, item_orders: NDArray[np.int64], orders: int
) -> pl.DataFrame:
    """The sets of one size that are bought together well more often than chance has it."""
    sets = found.sets[size - 1].astype(np.int64)
    together = found.counts[size - 1].astype(np.int64)
    expected = orders * np.prod(item_orders[sets] / max(orders, 1), axis=1)
    excess = np.round(together - expected, 6)
    clear = np.flatnonzero(excess >= LEAST_Z * np.sqrt(expected))
    best = clear[np.argsort(-excess[clear], kind="stable")][:STRONGEST]
    roles = anchored(sets[best], item_orders)
    frame = stated(roles, together[best], item_orders=item_orders, orders=orders)
    return frame.with_columns(pl.lit(SOURCE).alias("source"))
