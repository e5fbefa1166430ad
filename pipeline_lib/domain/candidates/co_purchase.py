"""Products bought together more often than chance, counted exactly; no objective, no price."""

from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline_lib.domain.candidates.evidence import anchored, stated
from pipeline_lib.domain.candidates.significance import (
    FALSE_DISCOVERY_RATE,
    chance_of_joining,
    chance_of_meeting,
    p_values,
    q_values,
)
from pipeline_lib.domain.itemsets import Itemsets, TooManyItemsets, mine

Counts = NDArray[np.int64]
Said = Callable[[str, int], None]

LEAST_ORDERS, MOST_LEAST_ORDERS = 2, 50  # the support, as a count of orders, stays within these
MOST_SETS = 1_000_000  # more sets are no help to anybody who chooses a hundred
STRONGEST = 10_000  # sets of a size that go on to the objectives
MOST_FAILURES = 10  # in a row, then the circuit breaks (requirement 143)
SOURCE = "co_purchase"


class Basis(NamedTuple):
    """What sets are judged by: orders of each item, all orders, chances of lines to share one."""

    item_orders: Counts
    orders: int
    meeting: float
    joining: float


class Found(NamedTuple):
    """The sets that pass the test, at most ``STRONGEST``, and how many were counted and passed."""

    sets: pl.DataFrame
    counted: int
    significant: int


def basis_of(baskets: pl.DataFrame, *, items: int) -> Basis:
    """What the sets of these baskets (columns BASKETS) are judged by.

    Chance is the shuffled shop's or, where that expects more, plain independence of orders.
    """
    sizes = baskets.group_by("order").len()["len"].to_numpy().astype(np.int64)
    item_orders = np.bincount(baskets["item"].to_numpy(), minlength=items)
    independent = 1 / max(len(sizes), 1)
    return Basis(
        item_orders,
        len(sizes),
        meeting=max(chance_of_meeting(sizes), independent),
        joining=max(chance_of_joining(sizes), independent),
    )


def least_orders(orders: int) -> int:
    """The support threshold of a shop, as a count of orders: grows as the root of all orders.

    20,000 orders ask for 10, which keeps the noise of a count at a third of the count.
    """
    return int(np.clip(round(np.sqrt(orders) / 14), LEAST_ORDERS, MOST_LEAST_ORDERS))


def significant_pairs(baskets: pl.DataFrame, basis: Basis, *, said: Said) -> Found:
    """Count all pairs, and keep those that chance does not explain.

    A pair is tested against all pairs of products that were sold, seen together or not.

    Args:
        baskets: columns BASKETS.
        basis: of the same baskets.
        said: told ``items`` and ``pairs`` and how many are found so far.

    Returns:
        Frames as ``evidence.stated`` makes them, with ``source`` and ``q_value``, most orders
        above expectation first, then by code.
    """
    found = _frequent(baskets, size=2, least=least_orders(basis.orders), said=said)
    expected = basis.item_orders[found.sets[1]].prod(axis=1, dtype=np.float64) * basis.meeting
    sold = int((basis.item_orders > 0).sum())
    return _significant(found, 2, expected, basis, tests=sold * (sold - 1) // 2)


def significant_threes(baskets: pl.DataFrame, basis: Basis, *, said: Said) -> Found:
    """Count the sets of three, and keep those that are more than a pair and a third product.

    Each is tested against the meeting of its most telling pair with the third product.

    Args:
        baskets: columns BASKETS.
        basis: of the same baskets.
        said: told ``items``, ``pairs`` and ``triples`` and how many are found so far.

    Returns:
        As ``significant_pairs``.
    """
    found = _frequent(baskets, size=3, least=least_orders(basis.orders), said=said)
    expected = _expected_threes(found, basis)
    return _significant(found, 3, expected, basis, tests=len(expected))


def _frequent(baskets: pl.DataFrame, *, size: int, least: int, said: Said) -> Itemsets:
    """The sets that ``least`` orders hold, or twice as many as long as there are too many.

    Raises:
        TooManyItemsets: there still were after as many tries as requirement 143 allows.
    """
    order, item = baskets["order"].to_numpy(), baskets["item"].to_numpy()
    for _ in range(MOST_FAILURES):
        with suppress(TooManyItemsets):
            return mine(
                order, item, min_orders=least, max_size=size, max_itemsets=MOST_SETS, said=said
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
    roles = anchored(sets[best], basis.item_orders)
    frame = stated(roles, together[best], item_orders=basis.item_orders, orders=basis.orders)
    tested = frame.with_columns(
        pl.lit(SOURCE).alias("source"), pl.Series("q_value", q[best], dtype=pl.Float64)
    )
    return Found(tested, len(sets), len(clear))
