"""Held-out measures: what chosen pairs did in orders that no method had seen.

Counts are of the held-out orders alone. ``both``, ``left``, ``right``: orders that hold both
products of a pair, and each; ``orders``: all of them.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline_lib.mining.forecast.pair_orders import Baskets, Ints
from pipeline_lib.mining.measures import Floats, confidence


class HeldOut(NamedTuple):
    """Held-out counts per pair, and of how many orders."""

    both: Floats
    left: Floats
    right: Floats
    orders: float


def held_out(baskets: Baskets, left: Ints, right: Ints) -> HeldOut:
    """Count the pairs ``left[i], right[i]`` in these orders, all of them held out.

    A pair that no order holds counts 0. Suited to some hundreds of pairs, not to all.
    """
    by_product = np.argsort(baskets.product, kind="stable")
    edges = np.searchsorted(baskets.product[by_product], np.arange(baskets.products + 1))
    holding = baskets.order[by_product]
    orders = [holding[start:end] for start, end in pairwise(edges.tolist())]
    both = [
        len(np.intersect1d(orders[a], orders[b], assume_unique=True))
        for a, b in zip(left.tolist(), right.tolist(), strict=True)
    ]
    single = np.diff(edges).astype(np.float64)
    return HeldOut(
        np.array(both, dtype=np.float64), single[left], single[right], float(len(baskets.day))
    )


def incremental_orders(counts: HeldOut) -> Floats:
    """Co-purchases beyond independence: n(a, b) - n(a) n(b) / N; 0 without orders."""
    return counts.both - counts.left * counts.right / max(counts.orders, 1.0)


def share_at_least(*, both: Floats, orders: float) -> float:
    """Share of the pairs that at least ``orders`` held-out orders hold; 0 without pairs."""
    return float(np.mean(both >= orders)) if len(both) else 0.0


def distinct_products(left: Ints, right: Ints) -> int:
    """How many products the pairs have between them."""
    return len(np.union1d(left, right))


def catalogue_coverage(left: Ints, right: Ints, *, products: int) -> float:
    """Share of ``products`` sold that are in a pair; 0 without products."""
    return distinct_products(left, right) / products if products else 0.0


def revenue_covered(baskets: Baskets, revenue: Floats, left: Ints, right: Ints) -> float:
    """Share of the revenue that lies in lines of a pair bought together.

    Args:
        baskets: the held-out orders.
        revenue: per line of ``baskets``, its money in any one unit.
        left: the pairs' one product.
        right: the other.

    Returns:
        Revenue of the lines whose order holds the whole of a pair that the line's product is in,
        each line once, by all revenue. 0 without revenue.
    """
    covered = _beside(baskets, left, right) | _beside(baskets, right, left)
    total = float(revenue.sum())
    return float(revenue[covered].sum()) / total if total else 0.0


def _beside(baskets: Baskets, one: Ints, other: Ints) -> NDArray[np.bool_]:
    """Lines of a product in ``one`` whose order holds its mate in ``other`` too."""
    covered = np.zeros(len(baskets.order), dtype=np.bool_)
    for a, b in zip(one.tolist(), other.tolist(), strict=True):
        lines = np.flatnonzero(baskets.product == a)
        covered[lines] |= np.isin(baskets.order[lines], baskets.order[baskets.product == b])
    return covered


def share_not_overstated(*, stated: Floats, both: Floats, left: Floats) -> float:
    """Share of the pairs whose held-out rate P(b | a) is at least the ``stated`` one.

    Pairs whose left product was not sold have no rate and are left out; 1 when none has one.
    """
    sold = left > 0
    rate = confidence(both=both[sold], left=left[sold])
    return float(np.mean(rate >= stated[sold])) if sold.any() else 1.0
