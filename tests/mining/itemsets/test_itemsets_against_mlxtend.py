import gzip
import io
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pipeline_lib.mining.itemsets import mine

ORDERS = Path("shared", "data", "online_retail", "orders_export_two_weeks.csv.gz")


def listed(itemsets):
    return [
        [(tuple(row), int(n)) for row, n in zip(sets.tolist(), counts, strict=True)]
        for sets, counts in zip(itemsets.sets, itemsets.counts, strict=True)
    ]


def two_weeks():
    file = next((up / ORDERS for up in Path(__file__).parents if (up / ORDERS).exists()), None)
    if file is None:
        pytest.skip(f"{ORDERS} is not here: the real orders are not mined")
    lines = pl.read_csv(
        io.BytesIO(gzip.decompress(file.read_bytes())),
        columns=["Name", "Lineitem quantity", "Lineitem sku"],
        schema_overrides={"Lineitem sku": pl.String},
    ).filter(pl.col("Lineitem quantity") > 0)
    codes = lines.select(pl.col("Name", "Lineitem sku").rank("dense") - 1)
    return codes["Name"].to_numpy(), codes["Lineitem sku"].to_numpy()


def peers_sets(function, basket, item, *, min_orders, max_size):
    """What mlxtend finds, in our order."""
    pandas = pytest.importorskip("pandas")
    table = np.zeros((int(basket.max()) + 1, int(item.max()) + 1), bool)
    table[basket, item] = True
    share = (min_orders - 0.5) / len(table)  # half an order below: shares are floats
    rows = function(pandas.DataFrame(table), min_support=share, max_len=max_size)
    found = [[] for _ in range(max_size)]
    for items, support in zip(rows["itemsets"], rows["support"], strict=True):
        row = tuple(sorted(int(code) for code in items))
        found[len(row) - 1].append((row, round(support * len(table))))
    return [sorted(rows, key=lambda row: (-row[1], row[0])) for rows in found]


@pytest.mark.parametrize("name", ["fpgrowth", "apriori"])
@pytest.mark.parametrize("seed", range(3))
def test_random_shops_give_what_mlxtend_gives(name, seed):
    peer = getattr(pytest.importorskip("mlxtend.frequent_patterns"), name)
    rng = np.random.default_rng(seed)
    key = np.unique(rng.integers(0, 80, 900) * 25 + (rng.random(900) ** 2 * 25).astype(int))
    basket, item = key // 25, key % 25

    found = mine(basket, item, min_orders=4, max_size=4)

    assert listed(found) == peers_sets(peer, basket, item, min_orders=4, max_size=4)


@pytest.mark.parametrize(("name", "min_orders"), [("fpgrowth", 18), ("apriori", 30)])
def test_two_weeks_of_real_orders_give_what_mlxtend_gives(name, min_orders):
    peer = getattr(pytest.importorskip("mlxtend.frequent_patterns"), name)
    basket, item = two_weeks()

    found = mine(basket, item, min_orders=min_orders, max_size=3)

    assert len(found.counts[2]) > 5
    assert listed(found) == peers_sets(peer, basket, item, min_orders=min_orders, max_size=3)
