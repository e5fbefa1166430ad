"""The scores that a ranking has to beat, each as others use it; none of them is ours."""

from collections.abc import Callable, Mapping

import numpy as np

from pipeline_lib.mining import measures
from pipeline_lib.mining.forecast.pair_orders import Baskets, PairOrders, product_weights
from pipeline_lib.mining.forecast.trend import decay, weighted_leverage
from pipeline_lib.mining.measures import Floats
from pipeline_lib.mining.products.embeddings import embed_products

HALF_LIFE_DAYS = 60.0
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


def recency_weighted_leverage(shop: Counted) -> Floats:
    """Leverage of orders that count half for every sixty days of age."""
    fade = decay(shop.baskets.day, until_day=shop.until_day, half_life=HALF_LIFE_DAYS)
    return weighted_leverage(shop.baskets, shop.pairs, fade)


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
    """0.35 confidence + 0.25 lift over the largest: what of requirement 160 orders alone tell."""
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
    "recency-weighted leverage": recency_weighted_leverage,
    "item2vec": item2vec,
    "seeds": seeds_weights,
    "random": random,
}
