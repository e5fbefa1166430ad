"""Rankings of the past measured on orders not seen, ours beside the baselines; it tunes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

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
from pipeline_lib.mining.forecast.pair_orders import (
    Baskets,
    Ints,
    PairOrders,
    index_pairs,
    product_weights,
)
from pipeline_lib.mining.forecast.profile_choice import ProfileChoice, choose_profile
from pipeline_lib.mining.forecast.trend import forecast, weighted_leverage
from pipeline_lib.mining.measures import Floats
from pipeline_lib.mining.significance import Moments, chance_of_meeting
from pipeline_lib.ranking.baselines import BASELINES, Counted

CAPS: tuple[int | None, ...] = (1, 2, 3, None)
LEAST_ORDERS = 5
LEAST_LATER = 2  # orders that a pair is in later, to have a rate
FOLDS = 10
TELLING = 2.0  # standard errors that a difference must exceed to tell something
OURS = "ours"

Ceilings: TypeAlias = Mapping[tuple[int, int | None], float]


@dataclass(frozen=True)
class Cell:
    """What the best ``k`` pairs of one method, each product in at most ``cap``, did later.

    ``incremental``: orders with both products beyond what independence expects, summed;
    ``beyond_sizes``: beyond what a null expects that knows how large each order is;
    ``noise``: one standard error of ``incremental``;
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
    beyond_sizes: float
    noise: float
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


def against_best(cells: Sequence[Cell], ceilings: Ceilings) -> list[dict[str, Any]]:
    """For each size and cap: ours, the best baseline of that cell, its ratio and the ceiling's.

    ``tells`` is False where two standard errors of the difference hold it: the cell says nothing.
    """
    rows = []
    for ours in (cell for cell in cells if cell.method == OURS):
        rivals = [c for c in cells if c.method != OURS and (c.k, c.cap) == (ours.k, ours.cap)]
        best = max(rivals, key=lambda cell: cell.incremental)
        ceiling = ceilings[ours.k, ours.cap]
        rows.append(
            {
                **asdict(ours),
                "best": best.method,
                "of_best": best.incremental,
                "ratio": _ratio(ours.incremental, best.incremental),
                "tells": abs(ours.incremental - best.incremental)
                > TELLING * np.hypot(ours.noise, best.noise),
                "ceiling": ceiling,
                "of_ceiling": _ratio(ours.incremental, ceiling),
            }
        )
    return rows


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else np.inf


def known_rate_ceilings(past: Past, future: Future, *, sizes: Sequence[int]) -> Ceilings:
    """What a ranking would find that knew the rates of the test, though not its chances.

    Pairs are chosen by nine tenths of the later orders and measured on the tenth, ten times:
    what is left between ours and this is what a better forecast could win. A pair is one of
    those that were known before.
    """
    found = index_pairs(future.baskets, min_orders=LEAST_LATER)
    width = past.baskets.products
    known = np.isin(found.left * width + found.right, past.pairs.left * width + past.pairs.right)
    pairs = found.only(np.flatnonzero(known))
    total: dict[tuple[int, int | None], float] = {(k, cap): 0.0 for k in sizes for cap in CAPS}
    for fold in range(FOLDS):
        for key, gained in _fold(pairs, future.baskets, fold, sizes).items():
            total[key] += gained
    return {key: round(value, 3) for key, value in total.items()}


def _fold(
    pairs: PairOrders, baskets: Baskets, fold: int, sizes: Sequence[int]
) -> dict[tuple[int, int | None], float]:
    held = np.arange(len(baskets.day)) % FOLDS == fold
    score = weighted_leverage(baskets, pairs, (~held).astype(np.float64))
    tenth = held.astype(np.float64)
    single, both = product_weights(baskets, tenth), pairs.weight_sums(tenth)
    gained = both - single[pairs.left] * single[pairs.right] / max(float(tenth.sum()), 1.0)
    found = {}
    for cap in CAPS:
        walked = walk_down(pairs.left, pairs.right, score, k=max(sizes), cap=cap)
        found.update({(k, cap): float(gained[walked[:k]].sum()) for k in sizes})
    return found


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
        beyond_sizes=round(float((seen.both - _by_sizes(future, seen)).sum()), 3),
        noise=round(float(np.sqrt(seen.both.sum())), 3),
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


def _by_sizes(future: Future, seen: HeldOut) -> Floats:
    """Orders with both that a shuffle of the products over the orders' lines expects."""
    sizes = np.bincount(future.baskets.order)
    meeting = chance_of_meeting(Moments.of(sizes[sizes > 0].astype(np.int64)))
    return np.asarray(seen.left * seen.right * meeting)


def _calibration(past: Past, pairs: PairOrders, seen: HeldOut) -> float:
    """Of the way that is stated: from the product that fewer orders hold."""
    single = np.bincount(past.baskets.product, minlength=past.baskets.products).astype(np.float64)
    left, right = single[pairs.left], single[pairs.right]
    low = confidence_low(both=pairs.counts(), left=np.minimum(left, right), drift=past.drift)
    anchor = np.where(left <= right, seen.left, seen.right)
    return share_not_overstated(stated=low, both=seen.both, left=anchor)
