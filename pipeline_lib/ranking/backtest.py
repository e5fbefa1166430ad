"""Rankings of the past measured on orders not seen, ours beside the baselines; it tunes nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from pipeline_lib.mining.forecast.attach_rate import confidence_low, measure_drift
from pipeline_lib.mining.forecast.heldout import (
    HeldOut,
    catalogue_coverage,
    distinct_products,
    held_out,
    incremental_orders,
    revenue_covered,
    share_at_least,
    share_not_overstated,
)
from pipeline_lib.mining.forecast.matching import choose_pairs, walk_down
from pipeline_lib.mining.forecast.pair_orders import Baskets, Ints, PairOrders, index_pairs
from pipeline_lib.mining.forecast.profile_choice import ProfileChoice, choose_profile
from pipeline_lib.mining.forecast.trend import forecast
from pipeline_lib.mining.measures import Floats
from pipeline_lib.ranking.baselines import BASELINES, Counted

CAPS: tuple[int | None, ...] = (1, 2, 3, None)
LEAST_ORDERS = 5
OURS = "ours"


@dataclass(frozen=True)
class Cell:
    """What the best ``k`` pairs of one method, each product in at most ``cap``, did later.

    ``incremental``: orders with both products beyond what independence expects, summed;
    ``copurchases``: orders with both, summed; ``share_ge5`` and ``share_ge20``: share of the pairs
    in at least so many later orders; ``products``: distinct ones; ``coverage``: their share of
    the products sold before; ``revenue`` and ``margin``: share of the later revenue, and margin
    (None without costs), in lines bought with their pair; ``calibration``: share of the pairs whose
    later attach rate is at least the stated ``confidence_low`` (ours alone).
    """

    method: str
    k: int
    cap: int | None
    incremental: float
    copurchases: int
    share_ge5: float
    share_ge20: float
    products: int
    coverage: float
    revenue: float
    margin: float | None
    calibration: float | None


@dataclass(frozen=True)
class Past:
    """The training side: pairs with our score, and how it was made."""

    baskets: Baskets
    pairs: PairOrders
    until_day: float
    choice: ProfileChoice
    score: Floats
    drift: float


@dataclass(frozen=True)
class Future:
    """The held-out side: baskets, and each of their lines' revenue and margin (None: unknown)."""

    baskets: Baskets
    revenue: Floats
    margin: Floats | None


def trained(baskets: Baskets, *, until_day: float) -> Past:
    """Learn from the orders before ``until_day``, which must be all that are given."""
    pairs = index_pairs(baskets, min_orders=LEAST_ORDERS)
    choice = choose_profile(baskets, pairs, until_day=until_day)
    score = forecast(baskets, pairs, until_day=until_day, profile=choice.profile)
    kept = measure_drift(baskets, pairs, until_day=until_day, profile=choice.profile)
    return Past(baskets, pairs, until_day, choice, score, kept)


def backtested(past: Past, future: Future, *, sizes: Sequence[int]) -> Iterator[Cell]:
    """Measure every method at every size and cap: ours first, then the baselines."""
    for cap in CAPS:
        for k in sizes:
            chosen = choose_pairs(past.pairs.left, past.pairs.right, past.score, k=k, cap=cap)
            yield _cell(OURS, chosen, past, future, k=k, cap=cap)
    counted = Counted(past.baskets, past.pairs, until_day=past.until_day)
    for name, baseline in BASELINES.items():
        value = baseline(counted)
        for cap in CAPS:
            walked = walk_down(past.pairs.left, past.pairs.right, value, k=max(sizes), cap=cap)
            for k in sizes:
                yield _cell(name, walked[:k], past, future, k=k, cap=cap)


def against_best(cells: Sequence[Cell]) -> list[dict[str, Any]]:
    """For each size and cap: ours, the best baseline of that cell, and their ratio."""
    rows = []
    for ours in (cell for cell in cells if cell.method == OURS):
        rivals = [c for c in cells if c.method != OURS and (c.k, c.cap) == (ours.k, ours.cap)]
        best = max(rivals, key=lambda cell: cell.incremental)
        ratio = ours.incremental / best.incremental if best.incremental > 0 else np.inf
        rows.append(
            {**asdict(ours), "best": best.method, "of_best": best.incremental, "ratio": ratio}
        )
    return rows


def _cell(  # noqa: PLR0913 - the last two are said by name
    method: str, chosen: Ints, past: Past, future: Future, *, k: int, cap: int | None
) -> Cell:
    pairs = past.pairs.only(chosen)
    seen = held_out(future.baskets, pairs.left, pairs.right)
    margin = future.margin
    return Cell(
        method=method,
        k=k,
        cap=cap,
        incremental=round(float(incremental_orders(seen).sum()), 3),
        copurchases=int(seen.both.sum()),
        share_ge5=share_at_least(both=seen.both, orders=5),
        share_ge20=share_at_least(both=seen.both, orders=20),
        products=distinct_products(pairs.left, pairs.right),
        coverage=catalogue_coverage(pairs.left, pairs.right, products=past.baskets.products),
        revenue=revenue_covered(future.baskets, future.revenue, pairs.left, pairs.right),
        margin=None
        if margin is None
        else revenue_covered(future.baskets, margin, pairs.left, pairs.right),
        calibration=_calibration(past, pairs, seen) if method == OURS else None,
    )


def _calibration(past: Past, pairs: PairOrders, seen: HeldOut) -> float:
    """Of the way that is stated: from the product that fewer orders hold."""
    single = np.bincount(past.baskets.product, minlength=past.baskets.products).astype(np.float64)
    left, right = single[pairs.left], single[pairs.right]
    low = confidence_low(both=pairs.counts(), left=np.minimum(left, right), drift=past.drift)
    anchor = np.where(left <= right, seen.left, seen.right)
    return share_not_overstated(stated=low, both=seen.both, left=anchor)
