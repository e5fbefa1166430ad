import os
import subprocess
import sys
from collections import Counter
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_lib.mining.itemsets import TooManyItemsets, mine

LINES = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 9)), max_size=120)


def arrays(lines):
    table = np.array(lines, np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def by_hand(lines, *, min_orders, max_size):
    """Every subset of every basket, counted one by one."""
    baskets = {basket: set() for basket, _ in lines}
    for basket, item in lines:
        baskets[basket].add(item)
    found = []
    for size in range(1, max_size + 1):
        seen = Counter(s for held in baskets.values() for s in combinations(sorted(held), size))
        enough = [(s, n) for s, n in seen.items() if n >= min_orders]
        found.append(sorted(enough, key=lambda row: (-row[1], row[0])))
    return found


def listed(itemsets):
    return [
        [(tuple(row), int(n)) for row, n in zip(sets.tolist(), counts, strict=True)]
        for sets, counts in zip(itemsets.sets, itemsets.counts, strict=True)
    ]


@settings(max_examples=200)
@given(lines=LINES, min_orders=st.integers(1, 5), max_size=st.integers(1, 4))
def test_every_set_is_found_with_its_count_and_in_total_order(lines, min_orders, max_size):
    found = mine(*arrays(lines), min_orders=min_orders, max_size=max_size)

    assert listed(found) == by_hand(lines, min_orders=min_orders, max_size=max_size)
    assert found.orders == len({basket for basket, _ in lines})


@settings(max_examples=50)
@given(lines=LINES, threads=st.integers(1, 4), seed=st.integers(0, 99))
def test_neither_the_order_of_the_lines_nor_the_threads_change_a_byte(lines, threads, seed):
    basket, item = arrays(lines)
    shuffled = np.random.default_rng(seed).permutation(len(lines))

    found = mine(basket, item, min_orders=2, max_size=4)
    again = mine(basket[shuffled], item[shuffled], min_orders=2, max_size=4, threads=threads)

    assert [a.tobytes() for a in (*found.sets, *found.counts)] == [
        a.tobytes() for a in (*again.sets, *again.counts)
    ]


def test_nothing_in_gives_every_size_empty():
    nothing = np.array([], np.int32)

    found = mine(nothing, nothing, min_orders=1, max_size=4)

    assert [sets.shape for sets in found.sets] == [(0, 1), (0, 2), (0, 3), (0, 4)]
    assert [sets.dtype for sets in (*found.sets, *found.counts)] == [np.dtype(np.int32)] * 8
    assert (found.orders, len(found)) == (0, 0)


def test_thirty_identical_baskets_of_forty_products_are_harmless():
    basket, item = np.repeat(np.arange(30), 40), np.tile(np.arange(40), 30)

    found = mine(basket, item, min_orders=30, max_size=4)

    assert [len(counts) for counts in found.counts] == [40, 780, 9_880, 91_390]
    assert {int(n) for counts in found.counts for n in counts} == {30}


def test_more_sets_than_allowed_are_refused_and_not_cut_short():
    basket, item = np.repeat(np.arange(30), 40), np.tile(np.arange(40), 30)

    with pytest.raises(TooManyItemsets, match="more than 10659 sets are in 2 orders or more"):
        mine(basket, item, min_orders=2, max_itemsets=780 + 9_880 - 1)

    assert len(mine(basket, item, min_orders=2, max_itemsets=780 + 9_880)) == 40 + 780 + 9_880


def test_a_rare_product_with_hundreds_of_partners_is_counted_like_any():
    partners = [(basket, 1 + basket * 60 + n) for basket in range(10) for n in range(60)]
    alone = [(10 + n * 600 + item, item) for n in range(10) for item in range(1, 601)]
    lines = [(basket, 0) for basket in range(10)] + partners + alone

    found = mine(*arrays(lines), min_orders=1, max_size=3)

    assert listed(found) == by_hand(lines, min_orders=1, max_size=3)


def test_a_basket_of_thousands_of_products_is_sorted_right():
    item = np.random.default_rng(6).permutation(3_000)

    found = mine(np.zeros(3_000, np.int64), item, min_orders=1, max_size=2)

    assert [len(counts) for counts in found.counts] == [3_000, 3_000 * 2_999 // 2]


def test_read_only_columns_of_any_width_are_accepted():
    basket, item = np.array([7, 7, 9, 9], np.uint16), np.array([1, 0, 0, 1], np.int8)
    basket.flags.writeable = item.flags.writeable = False

    found = mine(basket, item, min_orders=2)

    assert listed(found) == [[((0,), 2), ((1,), 2)], [((0, 1), 2)], []]


def test_the_caller_hears_rising_numbers_that_end_at_what_is_found():
    said = []
    basket, item = np.repeat(np.arange(30), 40), np.tile(np.arange(40), 30)

    mine(basket, item, min_orders=2, on_progress=lambda what, found: said.append((what, found)))

    assert said[0] == ("items", 40)
    for what, last in (("pairs", 780), ("triples", 9_880)):
        numbers = [found for name, found in said if name == what]
        assert numbers == sorted(numbers)
        assert numbers[-1] == last


@pytest.mark.parametrize("wrong", [{"min_orders": 0}, {"min_orders": 1, "max_size": 5}])
def test_thresholds_that_mean_nothing_are_refused(wrong):
    with pytest.raises(ValueError, match=r"min_orders \d, max_size \d"):
        mine(np.array([0]), np.array([0]), **wrong)


@pytest.mark.parametrize(
    ("basket", "item", "problem"),
    [
        ([0], [0, 1], "1 baskets, 2 items"),
        ([0, 0], [0, -3], "item -3 is not from 0 to 134217727"),
        ([0, 0], [0, 4_500_000_536_365], "item 4500000536365 is not from 0 to 134217727"),
    ],
)
def test_lines_that_mean_nothing_are_refused(basket, item, problem):
    with pytest.raises(ValueError, match=problem):
        mine(np.array(basket), np.array(item), min_orders=1)


def run_python(code, **environment):
    """What a fresh interpreter prints."""
    root = str(Path(__file__).parents[2])
    env = {**os.environ, "PYTHONPATH": root, **environment}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_importing_the_miner_does_not_load_the_compiler():
    assert (
        run_python("import sys, pipeline_lib.mining.itemsets; print('numba' in sys.modules)")
        == "False"
    )


def test_a_deployment_that_nobody_can_write_to_still_mines():
    code = """
import numpy as np
from pipeline_lib.mining.itemsets import mine
print(mine(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), min_orders=2).counts[1])
"""

    nowhere = {"NUMBA_CACHE_LOCATOR_CLASSES": "_IPythonCacheLocator"}  # finds no place for files
    assert run_python(code, **nowhere) == "[2]"
