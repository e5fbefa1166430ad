import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pipeline_lib.exports import RULES
from pipeline_lib.frames import SetAside
from pipeline_lib.mining.set_aside import count_set_aside

LINE = st.tuples(
    st.integers(0, 5), st.sampled_from("abc"), st.sampled_from([None, "cancelled", "refunded"])
)


def partial_orders(lines):
    rows = [(f"#{order}", sku, rule, None) for order, sku, rule in lines]
    return pl.DataFrame(rows, schema=SetAside.schema, orient="row")


def test_an_order_that_lost_a_product_of_the_pair_is_told_by_its_rule():
    lines = [(0, "a", "cancelled"), (0, "b", "cancelled"), (1, "a", None), (1, "b", "refunded"),
             (2, "a", "refunded"), (2, "c", None)]  # fmt: skip

    assert count_set_aside(partial_orders(lines), [["a", "b"], ["a"], ["b", "c"]]) == [
        {"cancelled": 1, "refunded": 1}, {}, {},
    ]  # fmt: skip


@given(st.lists(LINE, max_size=25))
def test_the_count_is_that_of_a_count_by_hand(lines):
    by_hand = {}
    for order in {order for order, _, _ in lines}:
        rules = {sku: [r for o, s, r in lines if (o, s) == (order, sku)] for sku in "ab"}
        gone = [min(map(RULES.index, own)) for own in rules.values() if own and None not in own]
        if all(rules.values()) and gone:
            rule = RULES[min(gone)]
            by_hand[rule] = by_hand.get(rule, 0) + 1

    assert count_set_aside(partial_orders(lines), [["a", "b"]]) == [by_hand]
