"""Products bought together more often than chance, counted exactly; no objective, no price."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline_lib.domain.candidates.evidence import anchored, stated
from pipeline_lib.domain.candidates.significance import (
    FALSE_DISCOVERY_RATE,
    chance_of_meeting,
    p_values,
    q_values,
)
from pipeline_lib.domain.itemsets import Itemsets, TooManyItemsets, mine

Counts = NDArray[np.int64]

LEAST_ORDERS, MOST_LEAST_ORDERS = 2, 50  # the support, as a count of orders, stays within these
MOST_SETS = 1_000_000  # more sets are no help to anybody who chooses a hundred
STRONGEST = 2_000  # sets of a size that go on to the objectives
SOURCE = "co_purchase"


class Together(NamedTuple):
    """Pairs and sets of three with their evidence, and what was counted and tested on the way."""

    pairs: pl.DataFrame
    threes: pl.DataFrame
    counts: dict[str, int]


class Basis(NamedTuple):
    """What every set is judged by: orders of each item, all orders, chance of two lines to meet."""

    item_orders: Counts
    orders: int
    meeting: float


def least_orders(orders: int) -> int:
    """The support threshold of a shop, as a count of orders: grows as the root of all orders.

    20,000 orders ask for 10, which keeps the noise of a count at a third of the count.
    """
    return int(np.clip(round(np.sqrt(orders) / 14), LEAST_ORDERS, MOST_LEAST_ORDERS))


def mined(
    baskets: pl.DataFrame,
    *,
    orders: int,
    item_orders: Counts,
    said: Callable[[str, int], None],
) -> Together:
    """Count the sets of two and three, and keep those that chance does not explain.

    Args:
        baskets: columns BASKETS.
        orders: all orders.
        item_orders: the orders that hold each item, by code.
        said: told ``items``, ``pairs`` and ``triples`` and how many are found so far.

    Returns:
        Both frames as ``evidence.stated`` makes them, with ``source`` and ``q_value``, most
        orders above expectation first, then by code; at most ``STRONGEST`` of each. A pair is
        tested against all pairs of products that were sold; a set of three against the meeting
        of its most telling pair with the third product.
    """
    sizes = baskets.group_by("order").len()["len"].to_numpy().astype(np.int64)
    basis = Basis(item_orders, orders, chance_of_meeting(sizes))
    pairs = _frequent(baskets, size=2, least=least_orders(orders), said=said)
    threes = _frequent(baskets, size=3, least=least_orders(orders), said=said)
    sold = int((item_orders > 0).sum())
    frames = (
        _significant(pairs, 2, _expected_pairs(pairs, basis), basis, tests=sold * (sold - 1) // 2),
        _significant(
            threes, 3, _expected_threes(threes, basis), basis, tests=len(threes.counts[2])
        ),
    )
    told = {"pairs": len(pairs.counts[1]), "triples": len(threes.counts[2])}
    clear = {"significant_pairs": len(frames[0]), "significant_triples": len(frames[1])}
    strongest = [frame.head(STRONGEST) for frame in frames]
    return Together(*strongest, {**told, **clear})


def _frequent(
    baskets: pl.DataFrame, *, size: int, least: int, said: Callable[[str, int], None]
) -> Itemsets:
    """The sets that ``least`` orders hold, or twice as many as long as there are too many."""
    order, item = baskets["order"].to_numpy(), baskets["item"].to_numpy()
    while True:
        try:
            return mine(
                order, item, min_orders=least, max_size=size, max_itemsets=MOST_SETS, said=said
            )
        except TooManyItemsets:
            least *= 2


def _expected_pairs(found: Itemsets, basis: Basis) -> NDArray[np.float64]:
    return basis.item_orders[found.sets[1]].prod(axis=1, dtype=np.float64) * basis.meeting


def _expected_threes(found: Itemsets, basis: Basis) -> NDArray[np.float64]:
    """What the pair that explains most would give: orders of the pair times those of the third."""
    sets, pairs = found.sets[2].astype(np.int64), found.sets[1].astype(np.int64)
    width = len(basis.item_orders)
    keys = pairs[:, 0] * width + pairs[:, 1]
    order = np.argsort(keys)
    expected = np.zeros(len(sets))
    for left, right, third in ((0, 1, 2), (0, 2, 1), (1, 2, 0)):
        at = np.searchsorted(keys[order], sets[:, left] * width + sets[:, right])
        both = found.counts[1][order][at]
        given = both * basis.item_orders[sets[:, third]] * basis.meeting
        expected = np.maximum(expected, given)
    return expected


def _significant(
    found: Itemsets, size: int, expected: NDArray[np.float64], basis: Basis, *, tests: int
) -> pl.DataFrame:
    """The sets of one size that pass the test, by how many orders they are above expectation."""
    sets = found.sets[size - 1].astype(np.int64)
    together = found.counts[size - 1].astype(np.int64)
    q = q_values(p_values(together, expected), tests=tests)
    clear = np.flatnonzero(q <= FALSE_DISCOVERY_RATE)
    best = clear[np.argsort(-np.round(together - expected, 6)[clear], kind="stable")]
    roles = anchored(sets[best], basis.item_orders)
    frame = stated(roles, together[best], item_orders=basis.item_orders, orders=basis.orders)
    return frame.with_columns(
        pl.lit(SOURCE).alias("source"), pl.Series("q_value", q[best], dtype=pl.Float64)
    )
