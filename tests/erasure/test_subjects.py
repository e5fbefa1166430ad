import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pipeline_lib.erasure.subjects import orders_of, without_orders
from pipeline_lib.records.webhooks import Subject

rows = st.lists(
    st.tuples(st.sampled_from(["#1", "#2", "#3", "4"]), st.sampled_from(["a", "b", None])),
    max_size=12,
)


def lines(told):
    schema = {"order_id": pl.String, "customer": pl.String}
    return pl.DataFrame(told, schema=schema, orient="row")


@given(rows)
def test_an_order_is_a_subjects_when_any_of_its_lines_is(told):
    by_hand = sorted({order for order, customer in told if customer == "a" or order == "4"})

    assert orders_of(lines(told), Subject(customers=("a",), orders=("4",))) == by_hand


@given(rows)
def test_what_is_left_are_the_lines_of_all_other_orders_in_their_order(told):
    gone = orders_of(lines(told), Subject(customers=("a",)))

    left = without_orders(lines(told), gone).rows()

    assert left == [row for row in told if row[0] not in gone]
    assert "a" not in [customer for _, customer in left]


def test_a_line_without_a_customer_is_nobodys():
    assert orders_of(lines([("#1", None)]), Subject()) == []
