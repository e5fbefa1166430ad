"""The shown list held against other lists on orders that none of them has seen."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations

import numpy as np
import polars as pl

from pipeline_lib.mining.baskets import CodedShop
from pipeline_lib.mining.candidates.lines import Lines
from pipeline_lib.mining.candidates.outlook import DAY_S, coded
from pipeline_lib.mining.forecast.heldout import held_out, incremental_orders
from pipeline_lib.mining.forecast.matching import walk_down
from pipeline_lib.mining.forecast.pair_orders import Baskets, Ints, index_pairs
from pipeline_lib.mining.forecast.profile_choice import choose_profile
from pipeline_lib.mining.forecast.trend import forecast
from pipeline_lib.mining.measures import Floats
from pipeline_lib.ranking.baselines import HALF_LIVES, Counted, fading_count, fading_leverage
from pipeline_lib.ranking.gate import (
    MOST_OF_A_PRODUCT,
    SERIES_SHARE,
    Contender,
    ListRules,
    choose_shown,
)
from pipeline_lib.ranking.response import Response
from pipeline_lib.ranking.scores import AFFINITY
from pipeline_lib.recommendations.rehearsal import Exports, Rehearsal, gain_in, rehearse

LEAST_ORDERS = 10  # pairs in fewer are on no baseline's list
TEST_DAYS = 30
MOST = 100
DEEP = 6_000  # pairs of highest score that a list under the quota is chosen from
SHOWN, SHOWN_PAIRS, BY_AFFINITY = "shown", "shown, pair by pair", "shown by affinity"
PAIRS, PAIRS_QUOTA = "affinity", "affinity, same quota"


@dataclass(frozen=True)
class ListCell:
    """What the first ``k`` of one list did in the later orders.

    ``gain``: what showing them at list price would have gained in a month, in minor units, by
    the attach rates of the later orders; ``incremental``: later orders with both products of its
    distinct ``pairs`` beyond independence; ``series``: the share of it of one line; ``baseline``:
    the most incremental orders of a fixed baseline's list of as many distinct pairs, each
    product in as many.
    """

    name: str
    k: int
    gain: float
    incremental: float
    pairs: int
    series: float
    baseline: float


def compare_lists(past: Exports, *, sizes: Sequence[int], response: Response) -> list[ListCell]:
    """Learn to a day, and measure the lists in the thirty days from it.

    Args:
        past: with the later orders too, which are what is measured on.
        sizes: how many of each list.
        response: what is believed of showing; the orders cannot tell.

    Returns:
        A cell a list and size: the shown list, the same pair by pair (the other colours of a
        pair on their own), the list by affinity; then pairs by affinity, with and without the
        shown list's quota, and by each fixed baseline, a product in at most two.
    """
    shown = rehearse(past, response=response)
    by_pairs = rehearse(past, response=response, keeps=ListRules(MOST, merges_lines=False))
    affine = rehearse(past, response=response, profile=AFFINITY)
    rivals = _Rivals(shown.shop, until_day=past.until.timestamp() / DAY_S)
    lists = {
        SHOWN: shown.shown,
        SHOWN_PAIRS: by_pairs.shown,
        BY_AFFINITY: affine.shown,
        **rivals.lists(),
    }
    later = later_baskets(past, shown)
    return [
        cell
        for name, frame in lists.items()
        for cell in _cells(name, frame, later, rivals, sizes, response)
    ]


def later_baskets(past: Exports, known: Rehearsal) -> pl.DataFrame:
    """The baskets (``BasketItems``) of the thirty days from ``past.until``, in known codes."""
    within = pl.col("ordered_at").is_between(
        past.until, past.until + timedelta(days=TEST_DAYS), closed="left"
    )
    return (
        past.lines.filter(within)
        .join(known.shop.catalog.select("sku", "item"), on="sku")
        .with_columns((pl.col("order_id").rank("dense") - 1).cast(pl.UInt32).alias("order"))
        .group_by("order", "item")
        .agg(pl.col("quantity").sum())
        .sort("order", "item")
    )


class _Rivals:
    """The lists of pairs that a shop could make of its counts alone."""

    def __init__(self, shop: CodedShop, *, until_day: float) -> None:
        self.shop = shop
        baskets = coded(shop)
        self._pairs = index_pairs(baskets, min_orders=LEAST_ORDERS)
        counted = Counted(baskets, self._pairs, until_day=until_day)
        self._scores: Mapping[str, Floats] = {
            f"{what}, half-life {days}": score(days)(counted)
            for days in HALF_LIVES
            for what, score in (("leverage", fading_leverage), ("pair count", fading_count))
        } | {"leverage": fading_leverage(np.inf)(counted), "pair count": counted.both}
        choice = choose_profile(baskets, self._pairs, until_day=until_day)
        self._affinity = forecast(baskets, self._pairs, until_day=until_day, profile=choice.profile)

    def lists(self) -> dict[str, pl.DataFrame]:
        """Each a frame of ``items``, ``quantities`` and ``series``, best first."""
        scores = {PAIRS: self._affinity, **self._scores}
        found = {name: self._list(self.best(one, MOST, 2)) for name, one in scores.items()}
        return {**found, PAIRS_QUOTA: self._list(self._under_the_quota())}

    def best(self, score: Floats, k: int, cap: int) -> list[int]:
        """The best pairs, each product in at most ``cap``."""
        rows = walk_down(self._pairs.left, self._pairs.right, score, k=k, cap=cap)
        return [int(row) for row in rows]

    def most_incremental(self, later: Baskets, *, k: int, cap: int) -> float:
        """The incremental orders of the best fixed baseline's list of that size and cap."""
        found = [0.0]
        for score in self._scores.values():
            rows = self.best(score, k, cap)
            found.append(_incremental(later, self._pairs.left[rows], self._pairs.right[rows]))
        return max(found)

    def _under_the_quota(self) -> list[int]:
        lines = Lines(self.shop.catalog)
        top = np.argsort(-self._affinity, kind="stable")[:DEEP].tolist()
        pairs = [(int(self._pairs.left[row]), int(self._pairs.right[row])) for row in top]
        contenders = [
            Contender(
                items=pair,
                bundle_type="FBT",
                objective="increase_aov",
                fit=1.0,
                value=float(self._affinity[row]),
                gain=None,
                series=lines.are_of_one_line(*pair),
            )
            for row, pair in zip(top, pairs, strict=True)
        ]
        keeps = ListRules(MOST, MOST_OF_A_PRODUCT, SERIES_SHARE, merges_lines=False)
        return [top[place] for place in choose_shown(contenders, lines, keeps).rows]

    def _list(self, rows: list[int]) -> pl.DataFrame:
        lines = Lines(self.shop.catalog)
        pairs = [[int(self._pairs.left[row]), int(self._pairs.right[row])] for row in rows]
        return pl.DataFrame(
            {
                "items": pairs,
                "quantities": [[1, 1]] * len(pairs),
                "series": [lines.are_of_one_line(*pair) for pair in pairs],
            },
            schema={
                "items": pl.List(pl.UInt32),
                "quantities": pl.List(pl.Int32),
                "series": pl.Boolean,
            },
        )


def _cells(  # noqa: PLR0913, PLR0917 - what one list is measured by
    name: str,
    frame: pl.DataFrame,
    later: pl.DataFrame,
    rivals: _Rivals,
    sizes: Sequence[int],
    response: Response,
) -> list[ListCell]:
    gain = gain_in(later, frame, rivals.shop.catalog, response)
    baskets = _as_baskets(later, products=len(rivals.shop.catalog))
    cells = []
    for k in sizes:
        first = frame.head(k)
        pairs = sorted({pair for items in first["items"].to_list() for pair in _pairs_of(items)})
        uses = Counter(item for pair in pairs for item in pair)
        left, right = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        cells.append(
            ListCell(
                name=name,
                k=k,
                gain=round(float(gain[:k].sum()), 2),
                incremental=round(_incremental(baskets, left, right), 3),
                pairs=len(pairs),
                series=float(first["series"].mean() or 0.0),  # type: ignore[arg-type]
                baseline=round(
                    rivals.most_incremental(
                        baskets, k=len(pairs), cap=max(uses.values(), default=1)
                    ),
                    3,
                ),
            )
        )
    return cells


def _incremental(later: Baskets, left: Ints, right: Ints) -> float:
    return float(incremental_orders(held_out(later, left, right)).sum())


def _pairs_of(items: list[int]) -> list[tuple[int, int]]:
    return [(min(pair), max(pair)) for pair in combinations(items, 2)]


def _as_baskets(later: pl.DataFrame, *, products: int) -> Baskets:
    orders = int(later["order"].n_unique())
    return Baskets(
        order=later["order"].to_numpy().astype(np.int64),
        product=later["item"].to_numpy().astype(np.int64),
        day=np.zeros(orders),
        products=products,
    )
