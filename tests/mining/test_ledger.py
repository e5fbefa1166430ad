import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_lib.frames import StockLevels
from pipeline_lib.mining.baskets import encode_shop
from pipeline_lib.mining.ledger import (
    add_ledgers,
    counts_in_codes_of,
    ledger_of,
    restore_ledger,
    subtract_ledger,
)
from tests.conftest import lines_of, products_of

orders = st.lists(
    st.dictionaries(st.sampled_from("ABCDEF"), st.just(1), min_size=1, max_size=4),
    min_size=1,
    max_size=12,
)


def shop(rows):
    return encode_shop(lines_of(*rows), products_of(), StockLevels.empty())


def told(ledger):
    """What a ledger says, by SKU, whatever its codes."""
    pairs = zip(ledger.counts.left(), ledger.counts.right(), ledger.counts.pair_orders, strict=True)
    singles = zip(ledger.counts.item, ledger.counts.item_orders, strict=True)
    return (
        ledger.facts(),
        {ledger.skus[code]: int(count) for code, count in singles},
        {(ledger.skus[a], ledger.skus[b]): int(count) for a, b, count in pairs},
    )


@settings(max_examples=30)
@given(orders, orders)
def test_adding_a_file_gives_exactly_the_counts_of_both(first, second):
    both = add_ledgers(ledger_of(shop(first)), ledger_of(shop(second)))

    assert told(both) == told(ledger_of(shop([*first, *second])))


@settings(max_examples=30)
@given(orders, orders)
def test_taking_orders_out_leaves_exactly_the_others(first, second):
    rest = subtract_ledger(ledger_of(shop([*first, *second])), ledger_of(shop(second)))

    assert told(rest) == told(ledger_of(shop(first)))


def test_what_was_never_counted_cannot_be_taken_out():
    with pytest.raises(ValueError, match="never counted"):
        subtract_ledger(ledger_of(shop([{"A": 1}])), ledger_of(shop([{"A": 1, "B": 1}])))
    with pytest.raises(ValueError, match="never counted"):
        subtract_ledger(
            ledger_of(shop([{"A": 1}, {"B": 1}])), ledger_of(shop([{"A": 1}, {"A": 1}]))
        )


def test_what_is_kept_can_be_restored():
    ledger = ledger_of(shop([{"A": 1, "B": 1}, {"B": 1, "C": 1}, {"B": 1, "A": 1}]))

    again = restore_ledger(ledger.items(), ledger.pairs(), ledger.facts())

    assert told(again) == told(ledger)


def test_counts_come_in_the_codes_of_a_catalogue_that_knows_some_of_the_products():
    ledger = ledger_of(shop([{"A": 1, "B": 1, "C": 1}] * 2))
    catalog = pl.DataFrame({"sku": ["B", "C", "D"], "item": [0, 1, 2]})

    counts = counts_in_codes_of(ledger, catalog)

    assert list(zip(counts.left(), counts.right(), counts.pair_orders, strict=True)) == [(0, 1, 2)]
    assert counts.orders == 2
