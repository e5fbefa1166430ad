from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline_lib.mining.forecast.pair_orders import index_pairs, product_weights
from tests.mining.made_baskets import PRODUCTS, baskets_of, orders


def by_hand(shop, min_orders):
    found = {}
    for at, order in enumerate(shop):
        for pair in combinations(sorted(order), 2):
            found.setdefault(pair, []).append(at)
    return {pair: held for pair, held in sorted(found.items()) if len(held) >= min_orders}


def as_dict(pairs):
    return {
        (int(left), int(right)): pairs.order[pairs.start[at] : pairs.start[at + 1]].tolist()
        for at, (left, right) in enumerate(zip(pairs.left, pairs.right, strict=True))
    }


@given(orders, st.integers(1, 3))
def test_each_pair_is_indexed_with_the_orders_that_hold_it(shop, min_orders):
    pairs = index_pairs(baskets_of(shop), min_orders=min_orders)

    assert list(as_dict(pairs).items()) == list(by_hand(shop, min_orders).items())


@given(orders, st.integers(1, 4))
def test_small_blocks_index_the_same(shop, instances):
    whole = index_pairs(baskets_of(shop), min_orders=1)

    blocks = index_pairs(baskets_of(shop), min_orders=1, instances=instances)

    assert as_dict(blocks) == as_dict(whole)


@given(orders, st.data())
def test_weights_add_up_over_the_orders_of_a_pair_and_of_a_product(shop, data):
    weight = np.array(
        data.draw(st.lists(st.integers(0, 9), min_size=len(shop), max_size=len(shop)))
    )
    baskets = baskets_of(shop)
    pairs = index_pairs(baskets, min_orders=1)

    weighted = pairs.weight_sums(weight.astype(np.float64))
    single = product_weights(baskets, weight.astype(np.float64))

    assert weighted.tolist() == [sum(weight[held]) for held in as_dict(pairs).values()]
    assert single.tolist() == [
        sum(w for w, order in zip(weight, shop, strict=True) if product in order)
        for product in range(PRODUCTS)
    ]


@given(orders)
def test_some_pairs_keep_their_orders(shop):
    pairs = index_pairs(baskets_of(shop), min_orders=1)
    every_other = np.arange(0, len(pairs), 2)

    kept = pairs.only(every_other)

    assert as_dict(kept) == dict(list(as_dict(pairs).items())[::2])
    assert kept.counts().tolist() == pairs.counts()[every_other].tolist()
