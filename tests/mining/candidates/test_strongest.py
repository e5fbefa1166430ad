import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pipeline_lib.mining.candidates.strongest import MOST_OF_A_PRODUCT, strongest


def sets(rows):
    schema = {
        "items": pl.List(pl.UInt32),
        "gain_minor": pl.Float64,
        "orders_together": pl.Int64,
        "series": pl.Boolean,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_each_set_is_kept_once_and_the_best_first():
    rows = [([1, 2], 1.0, 5, False), ([2, 1], 3.0, 5, False), ([3, 4], 2.0, 5, False)]

    found = strongest(sets(rows), by="gain_minor", most=9)

    assert found["items"].to_list() == [[2, 1], [3, 4]]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(10, 19), st.booleans()), max_size=90))
def test_no_product_and_no_line_fills_the_list(pairs):
    rows = [([a, b], float(n), n, series) for n, (a, b, series) in enumerate(pairs)]

    found = strongest(sets(rows), by="gain_minor", most=20)

    assert len(found) <= 20
    assert found["series"].sum() <= 5
    uses = found.explode("items")["items"].value_counts()["count"]
    assert (uses.max() or 0) <= MOST_OF_A_PRODUCT
