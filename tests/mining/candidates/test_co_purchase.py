import numpy as np
import polars as pl
import pytest

from pipeline_lib.exports import HygieneRules, read_orders, sniff_export
from pipeline_lib.mining.candidates.co_purchase import (
    basis_of,
    least_orders,
    significant_pairs,
    significant_threes,
)
from pipeline_lib.mining.itemsets import count_pairs
from tests.shops import ABSENT, SHARED


def quiet(_what, _count):
    pass


def counts(frame):
    return count_pairs(frame["order"].to_numpy(), frame["item"].to_numpy())


def baskets(rows):
    frame = pl.DataFrame(rows, schema=["order", "item"], orient="row")
    return frame.unique().sort("order", "item")


def shuffled(frame, seed):
    """Products permuted over the lines: sizes and popularity stay, all affinity goes."""
    items = np.random.default_rng(seed).permutation(frame["item"].to_numpy())
    return frame.with_columns(item=items).unique(["order", "item"]).sort("order", "item")


def found(frame, items):
    basis = basis_of(frame, items=items)
    pairs = significant_pairs(counts(frame), basis)
    threes = significant_threes(frame, basis, said=quiet)
    return pairs.significant, threes.significant


def test_a_shop_without_affinity_has_next_to_no_findings():
    random = np.random.default_rng(5)
    popular = 1 / np.arange(1, 81)
    rows = [
        (order, int(item))
        for order in range(6_000)
        for item in random.choice(80, size=random.integers(1, 9), p=popular / popular.sum())
    ]

    pairs, threes = found(baskets(rows), 80)

    assert pairs <= 3
    assert threes <= 3


def test_an_affinity_in_noise_is_found_and_comes_first():
    random = np.random.default_rng(6)
    rows = [(order, int(item)) for order in range(3_000) for item in random.integers(0, 60, 3)]
    rows += [(order, item) for order in range(0, 3_000, 60) for item in (60, 61)]

    frame = baskets(rows)
    pairs = significant_pairs(counts(frame), basis_of(frame, items=62))

    assert sorted(pairs.sets["items"][0]) == [60, 61]
    assert pairs.sets["q_value"][0] < 1e-6


def test_a_pair_beside_a_popular_third_is_no_set_of_three():
    random = np.random.default_rng(7)
    rows = [(order, item) for order in range(0, 4_000, 4) for item in (0, 1)]
    rows += [(order, 2) for order in range(4_000) if random.random() < 0.5]

    pairs, threes = found(baskets(rows), 3)

    assert pairs == 1
    assert threes == 0


@pytest.mark.parametrize(("orders", "least"), [(0, 2), (1_000, 2), (20_000, 10), (10**7, 50)])
def test_the_support_grows_with_the_root_of_the_orders(orders, least):
    assert least_orders(orders) == least


@pytest.mark.slow
@pytest.mark.skipif(not SHARED.exists(), reason=ABSENT)
def test_on_a_shuffled_online_retail_hardly_any_finding_is_left():
    file = SHARED / "orders_export.csv.gz"
    with file.open("rb") as stream:
        known = sniff_export(stream, file=file.name)
    with file.open("rb") as stream:
        batches = read_orders(stream, known, rules=HygieneRules(), customer_key=b"k")
        lines = pl.concat([batch.kept.select("order_id", "sku") for batch in batches])
    coded = lines.select(
        pl.col("order_id").rank("dense").alias("order"), pl.col("sku").rank("dense").alias("item")
    )
    frame = coded.unique().sort("order", "item")
    items = int(frame["item"].max()) + 1

    before = found(frame, items)
    after = found(shuffled(frame, 1), items)

    assert before[0] > 10_000
    assert after[0] <= 0.05 * before[0]
    assert after[1] <= 0.05 * before[1]
