"""What the pairs of a shop are likely to do next, as columns of their evidence; it chooses none."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline_lib.mining.baskets import CodedShop
from pipeline_lib.mining.forecast.attach_rate import measure_drift
from pipeline_lib.mining.forecast.pair_orders import Baskets, Ints, PairOrders, index_pairs
from pipeline_lib.mining.forecast.profile_choice import choose_profile
from pipeline_lib.mining.forecast.trend import MOVING, STEADY, forecast, popularity_now
from pipeline_lib.mining.measures import Floats
from pipeline_lib.reports import ForecastRecord

LEAST_ORDERS = 5  # pairs in fewer orders have no past to forecast from
MOST_ATTACHED = 0.98  # of the rarer product's orders: a forecast leaves some without the other
DAY_S = 86_400


@dataclass(frozen=True)
class Outlook:
    """A shop's pairs with their forecast, and how it was made.

    ``score`` has an entry for each of ``pairs``: incremental co-purchases per order to expect.
    ``together`` too: the share of orders to come that holds both, chance's part among them.
    ``popularity`` has one for each product: the share of orders that holds it now.
    ``drift`` is the share of its confidence bound that a bundle of this shop keeps, as its own
    past shows. ``record`` says which profile was chosen, and by what.
    """

    pairs: PairOrders
    score: Floats
    together: Floats
    popularity: Floats
    drift: float
    items: int
    record: ForecastRecord

    def of(self, left: Ints, right: Ints) -> Floats:
        """The forecast of these pairs, whichever way round; 0 for those without a past."""
        return self._of(self.score, left, right)

    def together_of(self, left: Ints, right: Ints) -> Floats:
        """The share of orders to come that holds both of these; 0 for those without a past."""
        return self._of(self.together, left, right)

    def _of(self, value: Floats, left: Ints, right: Ints) -> Floats:
        keys = self.pairs.left * self.items + self.pairs.right
        wanted = np.minimum(left, right) * self.items + np.maximum(left, right)
        at = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
        if not len(keys):
            return np.zeros(len(wanted))
        return np.where(keys[at] == wanted, value[at], 0.0)


def outlook(shop: CodedShop) -> Outlook:
    """Forecast every pair that is in enough orders, by the profile that the shop's past favours."""
    baskets = coded(shop)
    until = float(baskets.day[-1]) + 1e-6 if len(baskets.day) else 0.0
    pairs = index_pairs(baskets, min_orders=LEAST_ORDERS)
    choice = choose_profile(baskets, pairs, until_day=until)
    score = forecast(baskets, pairs, until_day=until, profile=choice.profile)
    kept = measure_drift(baskets, pairs, until_day=until, profile=choice.profile)
    record = ForecastRecord(
        profile=choice.profile.name,
        shares=dict(choice.shares),
        windows=choice.windows,
        drift=kept,
    )
    now = popularity_now(baskets, until_day=until)
    together = _together(baskets, pairs, now, until_day=until)
    return Outlook(pairs, score, together, now, kept, baskets.products, record)


def _together(baskets: Baskets, pairs: PairOrders, now: Floats, *, until_day: float) -> Floats:
    """The mean of both profiles' forecasts, and what chance gives at today's popularities.

    Where money is expected of all orders with both, not of those beyond chance alone, the mean
    of a long and a short memory errs less than either.
    """
    both = [forecast(baskets, pairs, until_day=until_day, profile=one) for one in (MOVING, STEADY)]
    left, right = now[pairs.left], now[pairs.right]
    ahead = np.maximum(both, 0.0).mean(axis=0) + left * right
    return np.asarray(np.minimum(ahead, MOST_ATTACHED * np.minimum(left, right)))


def coded(shop: CodedShop) -> Baskets:
    """The shop's baskets as arrays; its orders are in time order already."""
    return Baskets(
        order=shop.baskets["order"].to_numpy().astype(np.int64),
        product=shop.baskets["item"].to_numpy().astype(np.int64),
        day=shop.orders["ordered_at"].dt.epoch("s").fill_null(0).to_numpy() / DAY_S,
        products=len(shop.catalog),
    )


def foreseen(sets: pl.DataFrame, ahead: Outlook) -> pl.DataFrame:
    """The sets with ``forecast``, and a ``confidence_low`` that later orders keep.

    A pair has its own forecast; a larger set is taken to go on as it did, by its orders above
    expectation per order. What has no expectation (a pack of one product) has no forecast.

    Args:
        sets: as ``evidence_of_sets`` makes them.
        ahead: of the same shop.
    """
    total = pl.col("orders_total").clip(lower_bound=1)
    excess = (pl.col("orders_together") - pl.col("expected_together")) / total
    two = pl.col("items").list.len() == 2  # noqa: PLR2004 - a pair
    ends = [sets["items"].list.get(at, null_on_oob=True).fill_null(0) for at in (0, 1)]
    left, right = (end.to_numpy().astype(np.int64) for end in ends)
    own = pl.Series("own", ahead.of(left, right), dtype=pl.Float64)
    return sets.with_columns(
        pl.when(two)
        .then(own)
        .otherwise(excess)
        .fill_null(0.0)
        .clip(lower_bound=0.0)
        .alias("forecast"),
        pl.col("confidence_low") * ahead.drift,
    )
