from itertools import combinations

import numpy as np
from hypothesis import strategies as st

from pipeline_lib.portfolio.problem import PAD, Bundles, Rules

PRODUCTS, PLACES = 6, 3


@st.composite
def shops(draw, most=14):
    """Candidates on few products, so that limits bind."""
    count = draw(st.integers(1, most))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return bundles_of(random, count), Rules(
        size=draw(st.integers(1, 6)),
        most_of_a_product=draw(st.integers(1, 4)),
        least_of_an_objective=draw(st.integers(0, 2)),
    )


def bundles_of(random, count, products=PRODUCTS):
    items = np.array([random.choice(products, PLACES, replace=False) for _ in range(count)])
    units = random.integers(1, 3, items.shape)
    pairs = random.random(count) < 0.5
    items[pairs, 2], units[pairs, 2] = PAD, 0
    stock = random.integers(0, 40, products).astype(np.float64)
    stock[random.random(products) < 0.3] = np.nan
    return Bundles(
        revenue=random.integers(0, 30, count) * 10.0,
        margin=random.integers(-3, 15, count) * 10.0,
        risk=random.integers(0, 5, count) / 4,
        items=items,
        units=units,
        sales=random.integers(0, 40, count) / 4,
        stock=stock,
        objective=random.integers(0, 4, count),
    )


def fits(bundles, rules, chosen):
    """Slow twin of the limits: every product's sum, as given."""
    for product, stock in enumerate(bundles.stock):
        places = [(row, np.flatnonzero(bundles.items[row] == product)) for row in chosen]
        held = [(row, place[0]) for row, place in places if len(place)]
        sold = sum(bundles.sales[row] * bundles.units[row, place] for row, place in held)
        if len(held) > rules.most_of_a_product or sold > stock:
            return False
    return True


def covers(bundles, least, chosen):
    return all(
        (bundles.objective[chosen] == kind).sum() >= count for kind, count in enumerate(least)
    )


def every_set(bundles, rules, *, size, least):
    """Slow twin of the search: all portfolios that keep the rules."""
    return [
        chosen
        for chosen in map(list, combinations(range(len(bundles)), size))
        if fits(bundles, rules, chosen) and covers(bundles, least, chosen)
    ]
