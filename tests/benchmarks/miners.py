"""Our miner and its peers behind one face: prepare, mine, read; measures nothing.

Peers are imported in ``prepare``, so that one that is not installed is absent and no more.
"""

import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from pipeline_lib.mining.itemsets import Itemsets, mine

DENSE_CELLS = 200_000_000


class Miner(NamedTuple):
    """A tool: its input made of order lines, its search, and what it found as plain rows."""

    prepare: Callable[[np.ndarray, np.ndarray], Any]
    mine: Callable[[Any, int, int], Any]
    read: Callable[[Any, int], dict[int, np.ndarray]]


def ours_input(basket, item):
    few = np.arange(6) // 3, np.arange(6) % 3
    mine(*few, min_orders=1)  # loads the compiled loops, as importing the peers loads theirs
    return basket, item


def ours_tables(found: Itemsets, _most):
    pairs = enumerate(zip(found.sets, found.counts, strict=True), start=1)
    return {size: np.column_stack([sets, counts]) for size, (sets, counts) in pairs}


def tables(sets: Iterable[tuple[Iterable[Any], float]], most: int) -> dict[int, np.ndarray]:
    """Sets and their counts as int32 tables by size: codes ascending, then the count."""
    rows: dict[int, list[int]] = {size: [] for size in range(1, most + 1)}
    for items, count in sets:
        row = sorted(map(int, items))
        if len(row) <= most:
            rows[len(row)] += [*row, int(count)]
    return {size: np.array(flat, np.int32).reshape(-1, size + 1) for size, flat in rows.items()}


def ours(threads: int) -> Miner:
    return Miner(
        ours_input,
        lambda lines, least, most: mine(*lines, min_orders=least, max_size=most, threads=threads),
        ours_tables,
    )


def lists(basket, item):
    cuts = np.flatnonzero(np.diff(basket)) + 1
    return [codes.tolist() for codes in np.split(item, cuts)]


def fim_input(basket, item):
    import fim

    return fim, lists(basket, item)


def fim_miner(algorithm: str) -> Miner:
    def search(given, least, most):
        fim, baskets = given
        return getattr(fim, algorithm)(baskets, supp=-least, zmin=1, zmax=most, report="a")

    return Miner(fim_input, search, tables)


def matrix(basket, item):
    from scipy.sparse import csr_matrix

    start = np.concatenate([[0], np.flatnonzero(np.diff(basket)) + 1, [len(basket)]])
    shape = (len(start) - 1, int(item.max()) + 1)
    return csr_matrix((np.ones(len(item), np.uint8), item, start), shape=shape)


def rusket_input(basket, item):
    import rusket

    return rusket, matrix(basket, item)


def rusket_miner(algorithm: str) -> Miner:
    def search(given, least, most):
        rusket, baskets = given
        share = (least - 0.5) / baskets.shape[0]
        found = getattr(rusket, algorithm)(baskets, min_support=share, max_len=most)
        return found, baskets.shape[0]

    def sets(result):
        found, orders = result
        for items, share in zip(found["itemsets"].tolist(), found["support"], strict=True):
            yield items, round(share * orders)

    return Miner(rusket_input, search, lambda found, most: tables(sets(found), most))


def mlxtend_input(basket, item):
    import pandas as pd
    from mlxtend.frequent_patterns import fpgrowth

    baskets = matrix(basket, item).astype(bool)
    if baskets.shape[0] * baskets.shape[1] <= DENSE_CELLS:
        return fpgrowth, pd.DataFrame(baskets.toarray())
    names = [str(code) for code in range(baskets.shape[1])]
    return fpgrowth, pd.DataFrame.sparse.from_spmatrix(baskets, columns=names)


def mlxtend_mine(given, least, most):
    fpgrowth, table = given
    return fpgrowth(table, min_support=(least - 0.5) / len(table), max_len=most), len(table)


def mlxtend_sets(result):
    found, orders = result
    for items, share in zip(found["itemsets"], found["support"], strict=True):
        yield items, round(share * orders)


def efficient_input(basket, item):
    from efficient_apriori import itemsets_from_transactions

    return itemsets_from_transactions, [tuple(codes) for codes in lists(basket, item)]


def efficient_mine(given, least, most):
    search, baskets = given
    return search(baskets, (least - 0.5) / len(baskets), max_length=most)[0]


def efficient_sets(found):
    for sets in found.values():
        yield from sets.items()


def pami_input(basket, item):
    from PAMI.frequentPattern.basic import FPGrowth

    path = Path(tempfile.mkdtemp()) / "baskets.tsv"
    path.write_text("".join("\t".join(map(str, row)) + "\n" for row in lists(basket, item)))
    return FPGrowth.FPGrowth, path


def pami_mine(given, least, _most):
    miner, path = given
    search = miner(str(path), least, "\t")
    search.mine()
    return search.getPatterns()


MINERS: dict[str, Miner] = {
    "ours": ours(2),
    "ours, 1 thread": ours(1),
    "pyfim eclat": fim_miner("eclat"),
    "pyfim fpgrowth": fim_miner("fpgrowth"),
    "rusket fpgrowth": rusket_miner("fpgrowth"),
    "rusket eclat": rusket_miner("eclat"),
    "mlxtend fpgrowth": Miner(
        mlxtend_input, mlxtend_mine, lambda found, most: tables(mlxtend_sets(found), most)
    ),
    "PAMI FPGrowth": Miner(pami_input, pami_mine, lambda found, most: tables(found.items(), most)),
    "efficient-apriori": Miner(
        efficient_input, efficient_mine, lambda found, most: tables(efficient_sets(found), most)
    ),
}
