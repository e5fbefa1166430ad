import polars as pl

from pipeline_lib.mining.candidates.lookalikes import beside_known, same_company
from tests.mining.products.test_embeddings import PAIRS


def pairs(rows):
    return pl.DataFrame(
        {"items": rows, "orders_together": [7] * len(rows)},
        schema={"items": pl.List(pl.UInt32), "orders_together": pl.Int64},
    )


def test_a_pair_that_was_not_counted_is_found_by_its_company():
    found = same_company(pairs([list(p) for p in PAIRS if p != (0, 1)]), items=10, most=5)

    assert found.row(0)[:2] == (0, 1)
    assert found["similarity"].min() >= 0.7
    counted = {p for p in PAIRS if p != (0, 1)}
    assert not counted & set(found.select("left", "right").iter_rows())


def test_no_pairs_give_no_company():
    assert same_company(pairs([]), items=3, most=5).is_empty()


def test_a_new_product_takes_its_look_alikes_best_partner():
    alike = pl.DataFrame({"left": [1, 4], "right": [9, 5], "similarity": [0.8, 0.9]})

    found = beside_known(alike, pairs([[1, 3], [2, 1]]), pl.Series([9, 4, 5]))

    assert found.rows() == [(3, 9, 0.8)]
