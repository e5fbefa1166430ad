"""How many orders a set's pages will see, and how many of them hold the rest anyway; no money."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline_lib.frames import Candidates
from pipeline_lib.mining.baskets import CodedShop
from pipeline_lib.mining.candidates.outlook import Outlook, coded
from pipeline_lib.mining.forecast.pair_orders import Baskets, Ints, product_weights
from pipeline_lib.mining.forecast.trend import decay
from pipeline_lib.mining.measures import Floats

HALF_LIFE_DAYS = 45.0  # of the orders that an attach rate without a forecast is counted on
HELD, SEEN = 0.5, 5.0  # pseudo orders that shrink a rate counted on few
PAIR = 2
ONE_WAY = "BOGO"  # shown where its first product is bought
NAMES = ("orders", "attach", "seen")
MONTH_DAYS = 30.0


class Demand:
    """What a shop's recent orders tell of the pages that sets are shown on.

    Args:
        shop: catalogue, orders and baskets.
        ahead: the forecast of its pairs.
    """

    def __init__(self, shop: CodedShop, ahead: Outlook) -> None:
        baskets = coded(shop)
        until = float(baskets.day[-1]) + 1e-6 if len(baskets.day) else 0.0
        fade = decay(baskets.day, until_day=until, half_life=HALF_LIFE_DAYS)
        self._ahead = ahead
        self._month = float((baskets.day >= until - MONTH_DAYS).sum())
        self._seen = product_weights(baskets, fade)
        self._months = float(fade.sum()) / max(self._month, 1.0)
        self._held = _Held(baskets, fade)

    def together(self, demand: pl.Series) -> pl.Series:
        """The share of orders to come that holds each set, by its first page."""
        first = demand.list.first().struct
        return (first.field("orders") * first.field("attach")) / max(self._month, 1.0)

    def of(self, sets: pl.DataFrame) -> pl.Series:
        """The pages of each set: both of a pair, the first product's of any other.

        Args:
            sets: ``items``, the anchor first, ``quantities``, ``bundle_type`` and
                ``confidence``.

        Returns:
            Column ``demand`` of ``Candidates``: ``orders`` a month with the page's product, the
            share ``attach`` of them that holds the rest anyway, and how many orders ``seen`` (the
            older the less) that rests on. A BOGO is shown where its first product is bought.
        """
        items = sets["items"].to_list()
        of_two = [place for place, held in enumerate(items) if len(held) == PAIR]
        pairs = np.array([items[place] for place in of_two], dtype=np.int64).reshape(-1, PAIR)
        forecast = self._pair_pages(pairs)
        found = np.zeros((len(items), PAIR, len(NAMES)))
        found[of_two] = forecast
        told = set(np.array(of_two, dtype=np.int64)[forecast[:, 0, 1] > 0].tolist())
        for place, rate in enumerate(sets["confidence"].to_list()):
            if place not in told:
                ways = [items[place], items[place][::-1]][: 1 + (len(items[place]) == PAIR)]
                for page, way in enumerate(ways):
                    found[place, page] = self._one_page(way, rate)
        both = np.array([len(held) == PAIR for held in items], dtype=np.bool_)
        both &= (sets["bundle_type"] != ONE_WAY).to_numpy()
        return _as_column(found, both)

    def _pair_pages(self, pairs: Ints) -> Floats:
        """(n, 2, 3) orders, attach rate and orders seen of each pair's pages; 0 without a past."""
        together = self._ahead.together_of(pairs[:, 0], pairs[:, 1]) * self._month
        orders = self._ahead.popularity[pairs] * self._month
        attach = together[:, None] / np.maximum(orders, 1e-9)
        return np.stack([orders, attach, self._seen[pairs]], axis=2)

    def _one_page(self, items: list[int], confidence: float | None) -> tuple[float, ...]:
        seen = float(self._seen[items[0]])
        if len(items) == 1:  # of a pack, its share of all time
            rate = confidence or 0.0
        else:
            rate = (self._held.together(items) + HELD) / (seen + SEEN)
        return seen / max(self._months, 1e-9), rate, seen


def _as_column(pages: Floats, both: NDArray[np.bool_]) -> pl.Series:
    """The pages (n, 2, 3) as lists of structs: both of them, or the first alone."""
    page = [
        pl.DataFrame(dict(zip(NAMES, pages[:, at].T, strict=True))).to_struct(f"page{at}")
        for at in (0, 1)
    ]
    lists = pl.DataFrame(page).select(
        pl.when(pl.lit(pl.Series(both)))
        .then(pl.concat_list("page0", "page1"))
        .otherwise(pl.concat_list("page0"))
        .alias("demand")
    )
    return lists.to_series().cast(Candidates.demand.dtype)


class _Held:
    """The weights of the orders that hold products together."""

    def __init__(self, baskets: Baskets, weight: Floats) -> None:
        by_product = np.argsort(baskets.product, kind="stable")
        self._orders = baskets.order[by_product]
        self._starts = np.searchsorted(baskets.product[by_product], np.arange(baskets.products + 1))
        self._weight = weight

    def together(self, items: list[int]) -> float:
        """The summed weight of the orders that hold all of the items."""
        lists = sorted((self._of(item) for item in items), key=len)
        held = lists[0]
        for other in lists[1:]:
            held = np.intersect1d(held, other, assume_unique=True)
        return float(self._weight[held].sum())

    def _of(self, item: int) -> Ints:
        return self._orders[self._starts[item] : self._starts[item + 1]]
