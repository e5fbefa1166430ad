from collections import Counter

import numpy as np
import pytest

from pipeline_lib.mining.forecast.pair_orders import Baskets, index_pairs
from pipeline_lib.mining.forecast.profile_choice import choose_profile
from pipeline_lib.mining.forecast.trend import MOVING, STEADY, forecast
from tests.mining.made_baskets import baskets_of

DAYS, A_DAY, PRODUCTS = 180, 20, 300


def fashion_shop():
    """Each product sells with its neighbour for some weeks, then the next ones come."""
    random = np.random.default_rng(3)
    newest = np.arange(DAYS * A_DAY) * (PRODUCTS - 60) // (DAYS * A_DAY)
    first = newest + random.integers(0, 50, len(newest))
    order = np.repeat(np.arange(len(first)), 2)
    product = np.stack([first, first + 1], axis=1).ravel()
    return Baskets(order, product, np.arange(len(first)) / A_DAY, PRODUCTS)


def test_a_past_too_short_to_rehearse_is_steady_with_equal_shares():
    baskets = baskets_of([{0, 1}] * 40)
    pairs = index_pairs(baskets, min_orders=5)

    choice = choose_profile(baskets, pairs, until_day=40.0)

    assert choice == (STEADY, (("steady", 0.5), ("moving", 0.5)), 0)


def test_a_shop_whose_products_come_and_go_is_moving():
    baskets = fashion_shop()
    pairs = index_pairs(baskets, min_orders=5)

    choice = choose_profile(baskets, pairs, until_day=180.0)

    assert choice.profile == MOVING
    assert choice.windows == 3


def test_shares_are_what_each_profiles_pairs_gained():
    baskets = fashion_shop()
    pairs = index_pairs(baskets, min_orders=5)

    choice = choose_profile(baskets, pairs, until_day=180.0)

    windows = [shares_by_hand(baskets, pairs, cut) for cut in (150.0, 120.0, 90.0)]
    assert [share for _, share in choice.shares] == pytest.approx(np.mean(windows, axis=0))


def shares_by_hand(baskets, pairs, cut):
    """Both profiles' shares of the gain in the 30 days from ``cut``, mean of the sixteen cells."""
    shop = [set() for _ in baskets.day]
    for order, product in zip(baskets.order.tolist(), baskets.product.tolist(), strict=True):
        shop[order].add(product)
    past = [order for order, day in zip(shop, baskets.day, strict=True) if day < cut]
    window = [o for o, day in zip(shop, baskets.day, strict=True) if cut <= day < cut + 30]
    ends = list(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True))
    known = [at for at, pair in enumerate(ends) if sum(set(pair) <= order for order in past) >= 5]
    scores = [forecast(baskets, pairs, until_day=cut, profile=p) for p in (STEADY, MOVING)]
    cells = [
        [gained_by_hand(best[:k], window) for best in walks]
        for walks in ([walk_by_hand(ends, known, s, cap) for s in scores] for cap in (1, 2, 3, 999))
        for k in (20, 50, 100, 200)
    ]
    shares = [np.array(cell) / np.abs(cell).sum() if any(cell) else [0.5, 0.5] for cell in cells]
    return np.mean(shares, axis=0)


def walk_by_hand(ends, known, score, cap):
    """Known pairs by score, without those that have a product in ``cap`` better ones."""
    uses, chosen = {}, []
    for at in sorted(known, key=lambda at: (-score[at], at)):
        if all(uses.get(end, 0) < cap for end in ends[at]):
            chosen.append(ends[at])
            uses.update({end: uses.get(end, 0) + 1 for end in ends[at]})
    return chosen


def gained_by_hand(chosen, window):
    """Incremental co-purchases of these pairs."""
    held = Counter(product for order in window for product in order)
    both = Counter(tuple(sorted(order)) for order in window)
    return sum(both[a, b] - held[a] * held[b] / len(window) for a, b in chosen)


def test_orders_to_come_do_not_change_the_choice():
    baskets = fashion_shop()
    past = baskets.order < 120 * A_DAY
    known = Baskets(
        baskets.order[past], baskets.product[past], baskets.day[: 120 * A_DAY], PRODUCTS
    )

    alone = choose_profile(known, index_pairs(known, min_orders=5), until_day=120.0)
    pairs = index_pairs(known, min_orders=5)
    with_future = choose_profile(baskets, pairs, until_day=120.0)

    assert alone == with_future
