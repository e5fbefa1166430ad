from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_lib.mining.itemsets import add_counts, count_pairs, frequent, mine, subtract_counts

LINES = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 9)), max_size=120)


def counted(lines):
    table = np.array(lines, np.int64).reshape(-1, 2)
    return count_pairs(table[:, 0], table[:, 1])


def content(counts):
    arrays = (counts.item, counts.item_orders, counts.pair, counts.pair_orders)
    return counts.orders, [(array.dtype, array.tolist()) for array in arrays]


@settings(max_examples=100)
@given(lines=LINES)
def test_every_product_and_pair_is_counted(lines):
    baskets = {basket: {i for b, i in lines if b == basket} for basket, _ in lines}
    singles = Counter(item for held in baskets.values() for item in held)
    pairs = Counter(pair for held in baskets.values() for pair in combinations(sorted(held), 2))

    counts = counted(lines)

    assert counts.orders == len(baskets)
    assert dict(zip(counts.item.tolist(), counts.item_orders.tolist(), strict=True)) == singles
    left, right = counts.left().tolist(), counts.right().tolist()
    assert list(zip(left, right, strict=True)) == sorted(pairs)
    assert counts.pair_orders.tolist() == [pairs[pair] for pair in sorted(pairs)]


@settings(max_examples=100)
@given(lines=LINES, cut=st.integers(0, 13))
def test_a_year_and_a_month_are_the_thirteen_months(lines, cut):
    year = [line for line in lines if line[0] < cut]
    month = [line for line in lines if line[0] >= cut]

    together = add_counts(counted(year), counted(month))

    assert content(together) == content(counted(lines))
    assert content(add_counts(counted(month), counted(year))) == content(together)


@settings(max_examples=100)
@given(lines=LINES, gone=st.sets(st.integers(0, 12)))
def test_what_a_deleted_customer_bought_was_never_counted(lines, gone):
    deleted = [line for line in lines if line[0] in gone]
    rest = [line for line in lines if line[0] not in gone]

    left = subtract_counts(counted(lines), counted(deleted))

    assert content(left) == content(counted(rest))


@settings(max_examples=50)
@given(lines=LINES, min_orders=st.integers(1, 5))
def test_thresholds_come_after_counting_and_change_nothing(lines, min_orders):
    table = np.array(lines, np.int64).reshape(-1, 2)

    kept = frequent(counted(lines), min_orders=min_orders)

    mined = mine(table[:, 0], table[:, 1], min_orders=min_orders, max_size=2)
    assert kept.orders == mined.orders
    for ours, theirs in zip((*kept.sets, *kept.counts), (*mined.sets, *mined.counts), strict=True):
        assert (ours.dtype, ours.tolist()) == (theirs.dtype, theirs.tolist())


@pytest.mark.parametrize("never", [[(5, 9)], [(5, 1), (5, 3)], [(5, 1), (6, 1)]])
def test_orders_that_were_never_counted_cannot_be_taken_away(never):
    counts = counted([(0, 1), (0, 2), (1, 3)])

    with pytest.raises(ValueError, match="orders were never counted: -1 would be left"):
        subtract_counts(counts, counted(never))
