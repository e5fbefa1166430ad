"""Small shops for the tests: orders as sets of products, in time order."""

import numpy as np
from hypothesis import strategies as st

from pipeline_lib.mining.forecast.pair_orders import Baskets

PRODUCTS = 6


def baskets_of(orders, days=None):
    lines = [(at, product) for at, order in enumerate(orders) for product in sorted(order)]
    order, product = np.array(lines, dtype=np.int64).reshape(-1, 2).T
    day = np.arange(len(orders)) if days is None else days
    return Baskets(order, product, np.asarray(day, dtype=np.float64), PRODUCTS)


orders = st.lists(st.sets(st.integers(0, PRODUCTS - 1), max_size=4), max_size=30)


def living_shop(days=150, seed=7):
    """Two steady pairs, and from day 100 a third one; six orders a day."""
    random = np.random.default_rng(seed)
    orders, when = [], []
    for day in range(days):
        for hour in range(6):
            pair = ({0, 1}, {2, 3}, {4, 5} if day >= 100 else {0, 3})[hour % 3]
            orders.append({p for p in pair if random.random() < 0.8})
            when.append(day + hour / 6)
    return baskets_of(orders, when)
