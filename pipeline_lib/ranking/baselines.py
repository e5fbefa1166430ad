"""The scores that a ranking has to beat, each as others use it; none of them is ours."""

from collections.abc import Callable, Mapping

import numpy as np

from pipeline_lib.mining import measures
from pipeline_lib.mining.forecast.pair_orders import Baskets, PairOrders, product_weights
from pipeline_lib.mining.forecast.trend import decay, weighted_leverage
from pipeline_lib.mining.measures import Floats
from pipeline_lib.mining.products.embeddings import embed_products

HALF_LIVES = (30, 60, 90)  # days in which an order comes to count half
SEED = 0
BLOCK = 200_000  # pairs whose vectors are compared at once


class Counted:
    """A shop's pairs with their counts, for scores that know nothing but counts."""

    def __init__(self, baskets: Baskets, pairs: PairOrders, *, until_day: float) -> None:
        single = product_weights(baskets, np.ones(len(baskets.day)))
        self.baskets, self.pairs, self.until_day = baskets, pairs, until_day
        self.both = pairs.counts()
        self.left, self.right = single[pairs.left], single[pairs.right]
        self.orders = float(len(baskets.day))

    def fade(self, half_life: float) -> Floats:
        """The weight of each order, halved for every ``half_life`` days of age."""
        return decay(self.baskets.day, until_day=self.until_day, half_life=half_life)

    def lift(self) -> Floats:
        """Of all pairs; the measure of its name."""
        return measures.lift(both=self.both, left=self.left, right=self.right, orders=self.orders)

    def confidence(self) -> Floats:
        """The higher of both ways."""
        ways = (measures.confidence(both=self.both, left=one) for one in (self.left, self.right))
        return np.maximum(*ways)


def lift_from(least: int) -> Callable[[Counted], Floats]:
    """Lift, of pairs in at least so many orders; the others come last."""
    return lambda shop: np.where(shop.both >= least, shop.lift(), -1.0)


def fading_leverage(half_life: float) -> Callable[[Counted], Floats]:
    """Leverage of orders that count half for every so many days of age."""
    return lambda shop: weighted_leverage(shop.baskets, shop.pairs, shop.fade(half_life))


def fading_count(half_life: float) -> Callable[[Counted], Floats]:
    """Orders with both, each counting half for every so many days of age."""
    return lambda shop: shop.pairs.weight_sums(shop.fade(half_life))


def item2vec(shop: Counted) -> Floats:
    """Cosine of the products' embeddings (module ``embeddings``)."""
    pairs = shop.pairs
    vectors = embed_products(
        pairs.left, pairs.right, shop.both.astype(np.int64), items=shop.baskets.products
    )
    blocks = [
        np.einsum(
            "ij,ij->i", vectors[pairs.left[at : at + BLOCK]], vectors[pairs.right[at : at + BLOCK]]
        )
        for at in range(0, len(pairs), BLOCK)
    ]
    return np.concatenate([np.zeros(0), *blocks])


def seeds_weights(shop: Counted) -> Floats:
    """0.35 confidence + 0.25 lift over the largest: what orders alone tell of the fixed weights."""
    lift = shop.lift()
    return 0.35 * shop.confidence() + 0.25 * lift / max(float(lift.max(initial=0.0)), 1e-12)


def random(shop: Counted) -> Floats:
    """Any order, the same every time."""
    return np.random.default_rng(SEED).random(len(shop.pairs))


BASELINES: Mapping[str, Callable[[Counted], Floats]] = {
    "pair count": lambda shop: shop.both,
    "lift, 10 orders": lift_from(10),
    "lift, 50 orders": lift_from(50),
    "confidence x lift": lambda shop: shop.confidence() * shop.lift(),
    "cosine": lambda shop: measures.cosine(both=shop.both, left=shop.left, right=shop.right),
    "jaccard": lambda shop: measures.jaccard(both=shop.both, left=shop.left, right=shop.right),
    "log-likelihood ratio": lambda shop: measures.log_likelihood_ratio(
        both=shop.both, left=shop.left, right=shop.right, orders=shop.orders
    ),
    "leverage": lambda shop: measures.leverage(
        both=shop.both, left=shop.left, right=shop.right, orders=shop.orders
    ),
    **{f"leverage, half-life {days}": fading_leverage(days) for days in HALF_LIVES},
    **{f"pair count, half-life {days}": fading_count(days) for days in HALF_LIVES},
    "item2vec": item2vec,
    "seeds": seeds_weights,
    "random": random,
}
