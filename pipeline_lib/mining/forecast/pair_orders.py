"""Which orders hold which pair: an index to count with any weights."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

INSTANCES = 8_000_000  # as fast as more, in a third of the memory


@dataclass(frozen=True)
class Baskets:
    """Orders as arrays, in time order.

    Attributes:
        order: per line, the index of its order; ascending.
        product: per line, the index of its product; ascending within an order, none twice.
        day: per order, when it was placed, in days since any epoch; ascending.
        products: how many products there are.
    """

    order: Ints
    product: Ints
    day: Floats
    products: int


@dataclass(frozen=True)
class PairOrders:
    """Pairs ``left < right``, ascending; ``order[start[i]:start[i + 1]]`` hold pair ``i``."""

    left: Ints
    right: Ints
    start: Ints
    order: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.left)

    def weight_sums(self, weight: Floats) -> Floats:
        """Per pair, the sum of its orders' weights (``weight`` has one entry an order)."""
        if not len(self):
            return np.zeros(0)
        sums: Floats = np.add.reduceat(weight[self.order], self.start[:-1])
        return sums

    def counts(self) -> Floats:
        """Per pair, how many orders hold both."""
        return np.diff(self.start).astype(np.float64)

    def only(self, chosen: Ints) -> "PairOrders":
        """The pairs at these positions, in their order."""
        length = np.diff(self.start)[chosen]
        start = np.concatenate([[0], np.cumsum(length)])
        shift = np.repeat(self.start[chosen] - start[:-1], length)
        order = self.order[shift + np.arange(start[-1])]
        return PairOrders(self.left[chosen], self.right[chosen], start, order)


def product_weights(baskets: Baskets, weight: Floats) -> Floats:
    """Per product, the sum of the weights of the orders that hold it."""
    sums = np.bincount(baskets.product, weight[baskets.order], baskets.products)
    return sums.astype(np.float64)


def index_pairs(baskets: Baskets, *, min_orders: int, instances: int = INSTANCES) -> PairOrders:
    """Index the pairs that at least ``min_orders`` orders hold.

    Args:
        baskets: the orders.
        min_orders: pairs in fewer orders are left out; at least 1.
        instances: pair instances held in memory at once, 24 bytes each; the result is the same.

    Returns:
        Pairs by left, then right product; their orders ascending. Equal baskets give equal bytes.
    """
    seen = np.bincount(baskets.product, minlength=baskets.products)
    kept = (seen >= min_orders)[baskets.product]
    frequent = replace(baskets, order=baskets.order[kept], product=baskets.product[kept])
    mates = np.searchsorted(frequent.order, frequent.order, side="right")
    mates = mates - np.arange(len(mates)) - 1
    blocks = [
        _index(frequent, lines, mates[lines], min_orders)
        for lines in _blocks(frequent.product, mates, instances)
    ]
    key, length, order = (np.concatenate(part) for part in zip(*blocks, strict=True))
    left, right = np.divmod(key, max(baskets.products, 1))
    return PairOrders(left, right, np.concatenate([[0], np.cumsum(length)]), order)


def _blocks(product: Ints, mates: Ints, instances: int) -> list[Ints]:
    """Lines by product, in groups of whole products with few enough pair instances each."""
    lines = np.argsort(product, kind="stable")
    upto = np.cumsum(np.bincount(product, weights=mates))
    group = (upto // instances)[product[lines]]
    return np.split(lines, np.flatnonzero(np.diff(group)) + 1)


def _index(
    baskets: Baskets, lines: Ints, mates: Ints, min_orders: int
) -> tuple[Ints, Ints, NDArray[np.int32]]:
    """Keys, lengths and orders of the pairs whose left product is on these lines."""
    bits = max(len(baskets.day) - 1, 1).bit_length()
    first = np.repeat(lines, mates)
    step = np.arange(len(first)) - np.repeat(np.cumsum(mates) - mates, mates) + 1
    key = baskets.product[first] * baskets.products + baskets.product[first + step]
    packed = (key << bits) | baskets.order[first]
    packed.sort()
    key = packed >> bits
    start = np.flatnonzero(np.diff(key, prepend=-1))
    length = np.diff(start, append=len(key))
    keep = length >= min_orders
    held = packed[np.repeat(keep, length)] & ((1 << bits) - 1)
    return key[start[keep]], length[keep], held.astype(np.int32)
