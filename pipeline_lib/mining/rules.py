"""Association rules of counted sets, and how many there are at each support."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline_lib.frames import RuleColumns
from pipeline_lib.mining import measures
from pipeline_lib.mining.evidence import list_column
from pipeline_lib.mining.forecast.attach_rate import Z
from pipeline_lib.mining.itemsets import Itemsets, PairCounts, frequent

MIN_CONFIDENCE = 0.05
MOST_RULES = 20_000  # that are listed; the curve counts all
CONFIDENCES = (0.05, 0.10, 0.18, 0.30)  # of the curve: the listing's, and the ladder's


def rules_of_sets(found: Itemsets, *, min_confidence: float = MIN_CONFIDENCE) -> pl.DataFrame:
    """Every split of every set of two or three into what is bought and what is bought with it.

    Confidences are compared as counts, so that a rule at the very threshold is never lost to
    the rounding of a division.

    Args:
        found: sets with their counts, whose parts are all among them.
        min_confidence: rules below it are left out.

    Returns:
        Columns ``RuleColumns``, items as codes; most orders first, then most confident, then by
        items. ``support_low`` and ``confidence_low`` are Wilson's bounds (one-sided 95 %),
        ``lift_low`` is the lift that ``confidence_low`` leaves.
    """
    parts = [_split(found, size, chosen, min_confidence) for size, chosen in _splits(found)]
    whole = pl.concat([RuleColumns.empty(), *parts])
    return whole.sort(
        "orders", "confidence", "antecedent", "consequent", descending=[True, True, False, False]
    )


def rule_curve(counts: PairCounts) -> pl.DataFrame:
    """How many pairs and rules of two there are from each number of orders up.

    Args:
        counts: of all pairs.

    Returns:
        ``min_orders`` from 1, by tenths of a power of ten as far as there are pairs, ``pairs``,
        and ``rules_05`` … by least confidence in per cent; falling.
    """
    both = counts.pair_orders.astype(np.int64)
    places = [np.searchsorted(counts.item, end) for end in (counts.left(), counts.right())]
    ways = [counts.item_orders[place].astype(np.int64) for place in places]
    most = int(both.max(initial=1))
    steps = np.unique(np.ceil(10 ** np.arange(0, np.log10(most) + 0.1, 0.1)).astype(np.int64))
    columns = {"pairs": _from_each(both, steps)}
    for confidence in CONFIDENCES:
        kept = [both[_at_least(both, way, confidence)] for way in ways]
        columns[f"rules_{round(100 * confidence):02}"] = _from_each(np.concatenate(kept), steps)
    return pl.DataFrame({"min_orders": steps, **columns})


def pair_rules(counts: PairCounts, *, min_orders: int) -> pl.DataFrame:
    """The rules of two products from so many orders up, at most the ``MOST_RULES`` first."""
    return rules_of_sets(frequent(counts, min_orders=min_orders)).head(MOST_RULES)


def _splits(found: Itemsets) -> Iterator[tuple[int, tuple[int, ...]]]:
    for size in range(2, len(found.sets) + 1):
        for parts in range(1, size):
            yield from ((size, chosen) for chosen in combinations(range(size), parts))


def _split(
    found: Itemsets, size: int, chosen: tuple[int, ...], min_confidence: float
) -> pl.DataFrame:
    sets = found.sets[size - 1].astype(np.int64)
    both = found.counts[size - 1].astype(np.int64)
    rest = [column for column in range(size) if column not in chosen]
    left = _orders_of(found, sets[:, chosen])
    kept = _at_least(both, left, min_confidence)
    right = _orders_of(found, sets[:, rest])
    seen = {"both": both[kept], "left": left[kept], "right": right[kept]}
    items = {"antecedent": sets[kept][:, chosen], "consequent": sets[kept][:, rest]}
    columns = {name: list_column(side, pl.UInt32) for name, side in items.items()}
    return pl.DataFrame({**columns, **_measures_of(found.orders, **seen)}).cast(RuleColumns.schema)


def _measures_of(
    orders: int, *, both: NDArray[np.int64], left: NDArray[np.int64], right: NDArray[np.int64]
) -> dict[str, NDArray[np.float64]]:
    n, a, b = (counts.astype(np.float64) for counts in (both, left, right))
    total = float(orders)
    low = measures.wilson_low(hits=n, trials=a, z=Z)
    return {
        "orders": n,
        "support": measures.support(both=n, orders=total),
        "confidence": measures.confidence(both=n, left=a),
        "lift": measures.lift(both=n, left=a, right=b, orders=total),
        "leverage": measures.leverage(both=n, left=a, right=b, orders=total),
        "conviction": measures.conviction(both=n, left=a, right=b, orders=total),
        "support_low": measures.wilson_low(hits=n, trials=np.full_like(n, total), z=Z),
        "confidence_low": low,
        "lift_low": low * orders / np.maximum(b, 1),
    }


def _orders_of(found: Itemsets, sets: NDArray[np.int64]) -> NDArray[np.int64]:
    """The orders that hold each of these sets, all of which were found."""
    known = found.sets[sets.shape[1] - 1].astype(np.int64)
    width = int(max(known.max(initial=0), sets.max(initial=0))) + 1
    scale = width ** np.arange(sets.shape[1])[::-1]
    keys = known @ scale
    order = np.argsort(keys)
    at = np.searchsorted(keys[order], sets @ scale)
    orders: NDArray[np.int64] = found.counts[sets.shape[1] - 1].astype(np.int64)[order][at]
    return orders


def _at_least(
    both: NDArray[np.int64], left: NDArray[np.int64], confidence: float
) -> NDArray[np.bool_]:
    """Whether both / left >= confidence, for a confidence of whole hundredths."""
    enough: NDArray[np.bool_] = 100 * both >= round(100 * confidence) * left
    return enough


def _from_each(orders: NDArray[np.int64], steps: NDArray[np.int64]) -> NDArray[np.int64]:
    ordered = np.sort(orders)
    return len(ordered) - np.searchsorted(ordered, steps)
