"""Products bought together more often than chance, counted exactly; no objective, no price."""

from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline_lib.mining.evidence import evidence_of_sets, with_anchor_first
from pipeline_lib.mining.itemsets import Itemsets, PairCounts, TooManyItemsets, frequent, mine
from pipeline_lib.mining.significance import (
    FALSE_DISCOVERY_RATE,
    Moments,
    chance_of_joining,
    chance_of_meeting,
    p_values,
    q_values,
)

Counts = NDArray[np.int64]
Said = Callable[[str, int], None]

LEAST_ORDERS, MOST_LEAST_ORDERS = 2, 50  # the support, as a count of orders, stays within these
MOST_SETS = 1_000_000  # more sets are no help to anybody who chooses a hundred
STRONGEST = 200_000  # sets of a size that go on, most above expectation first
MOST_FAILURES = 10  # in a row, then the circuit breaks (requirement 143)
SOURCE = "co_purchase"


class Basis(NamedTuple):
    """What sets are judged by: orders of each item, all orders, chances of lines to share one."""

    item_orders: Counts
    orders: int
    meeting: float
    joining: float

    @property
    def crowding(self) -> float:
        """How much more often two lines share an order than in orders of one size."""
        return self.meeting * max(self.orders, 1)


class Found(NamedTuple):
    """The sets that pass the test, at most ``STRONGEST``, and how many were counted and passed."""

    sets: pl.DataFrame
    counted: int
    significant: int


def basis_of(baskets: pl.DataFrame, *, items: int) -> Basis:
    """What the sets of these baskets (columns ``BasketItems``) are judged by."""
    sizes = baskets.group_by("order").len()["len"].to_numpy().astype(np.int64)
    item_orders = np.bincount(baskets["item"].to_numpy(), minlength=items)
    return judged_by(item_orders, orders=len(sizes), moments=Moments.of(sizes))


def judged_by(item_orders: Counts, *, orders: int, moments: Moments) -> Basis:
    """The basis of orders of which only the counts are known.

    Chance is the shuffled shop's or, where that expects more, plain independence of orders.
    """
    independent = 1 / max(orders, 1)
    return Basis(
        item_orders,
        orders,
        meeting=max(chance_of_meeting(moments), independent),
        joining=max(chance_of_joining(moments), independent),
    )


def counts_of(counts: PairCounts, *, items: int) -> Counts:
    """The orders that hold each item, by code."""
    orders = np.zeros(items, dtype=np.int64)
    orders[counts.item] = counts.item_orders
    return orders


def least_orders(orders: int) -> int:
    """The support threshold of a shop, as a count of orders: grows as the root of all orders.

    20,000 orders ask for 10, which keeps the noise of a count at a third of the count.
    """
    return int(np.clip(round(np.sqrt(orders) / 14), LEAST_ORDERS, MOST_LEAST_ORDERS))


def significant_pairs(counts: PairCounts, basis: Basis) -> Found:
    """Keep the pairs that chance does not explain.

    A pair is tested against all pairs of products that were sold, seen together or not.

    Args:
        counts: of all pairs.
        basis: of the same orders.

    Returns:
        Frames as ``evidence_of_sets`` makes them, with ``source``, ``q_value`` and
        ``times_chance`` (seen by what chance expects of the test), most orders above
        expectation first, then by code.
    """
    found = frequent(counts, min_orders=least_orders(basis.orders))
    expected = basis.item_orders[found.sets[1]].prod(axis=1, dtype=np.float64) * basis.meeting
    sold = int((basis.item_orders > 0).sum())
    return _significant(found, 2, expected, basis, tests=sold * (sold - 1) // 2)


def significant_threes(baskets: pl.DataFrame, basis: Basis, *, said: Said) -> Found:
    """Count the sets of three, and keep those that are more than a pair and a third product.

    Each is tested against the meeting of its most telling pair with the third product.

    Args:
        baskets: columns ``BasketItems``.
        basis: of the same baskets.
        said: told ``items``, ``pairs`` and ``triples`` and how many are found so far.

    Returns:
        As ``significant_pairs``.
    """
    found = _frequent(baskets, least=least_orders(basis.orders), said=said)
    expected = _expected_threes(found, basis)
    return _significant(found, 3, expected, basis, tests=len(expected))


def _frequent(baskets: pl.DataFrame, *, least: int, said: Said) -> Itemsets:
    """The sets of up to three in ``least`` orders, or twice as many while there are too many.

    Raises:
        TooManyItemsets: there still were after as many tries as requirement 143 allows.
    """
    order, item = baskets["order"].to_numpy(), baskets["item"].to_numpy()
    for _ in range(MOST_FAILURES):
        with suppress(TooManyItemsets):
            return mine(
                order, item, min_orders=least, max_size=3, max_itemsets=MOST_SETS, on_progress=said
            )
        least *= 2
    raise TooManyItemsets(min_orders=least, max_itemsets=MOST_SETS)


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
        given = both * basis.item_orders[sets[:, third]] * basis.joining
        expected = np.maximum(expected, given)
    return expected


def _significant(
    found: Itemsets, size: int, expected: NDArray[np.float64], basis: Basis, *, tests: int
) -> Found:
    """The sets of one size that pass the test, by how many orders they are above expectation."""
    sets = found.sets[size - 1].astype(np.int64)
    together = found.counts[size - 1].astype(np.int64)
    q = q_values(p_values(together, expected), tests=tests)
    clear = np.flatnonzero(q <= FALSE_DISCOVERY_RATE)
    by_excess = np.argsort(-np.round(together - expected, 6)[clear], kind="stable")
    best = clear[by_excess][:STRONGEST]
    roles = with_anchor_first(sets[best], basis.item_orders)
    frame = evidence_of_sets(
        roles, together[best], item_orders=basis.item_orders, orders=basis.orders
    )
    times = together[best] / np.maximum(expected[best], np.finfo(np.float64).tiny)
    tested = frame.with_columns(
        pl.lit(SOURCE).alias("source"),
        pl.Series("q_value", q[best], dtype=pl.Float64),
        pl.Series("times_chance", times, dtype=pl.Float64),
    )
    return Found(tested, len(sets), len(clear))
