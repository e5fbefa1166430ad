import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mlxtend.frequent_patterns import association_rules, fpgrowth

from pipeline_lib.mining.itemsets import count_pairs, mine
from pipeline_lib.mining.rules import CONFIDENCES, pair_rules, rule_curve, rules_of_sets

baskets = st.lists(st.sets(st.integers(0, 6), min_size=1, max_size=5), min_size=3, max_size=20)


def arrays(sets):
    lines = [(order, item) for order, items in enumerate(sets) for item in sorted(items)]
    return tuple(np.array(column) for column in zip(*lines, strict=True))


@settings(max_examples=40)
@given(baskets)
def test_rules_and_measures_are_those_of_the_reference(sets):
    found = rules_of_sets(mine(*arrays(sets), min_orders=1, max_size=3), min_confidence=0.05)

    items = sorted(set().union(*sets))
    table = pd.DataFrame([{item: item in one for item in items} for one in sets])
    frequent = fpgrowth(table, min_support=1e-9, use_colnames=True, max_len=3)
    with np.errstate(all="ignore"):  # it divides by nothing where a product is in every order
        expected = association_rules(frequent, metric="support", min_threshold=0.0)
    reference = {
        (tuple(sorted(row.antecedents)), tuple(sorted(row.consequents))): row
        for row in expected.itertuples()
        if row.confidence >= 0.05 - 1e-12
    }
    ours = {
        (tuple(row["antecedent"]), tuple(row["consequent"])): row
        for row in found.iter_rows(named=True)
    }
    assert set(ours) == set(reference)
    for key, row in ours.items():
        names = ["support", "confidence", "lift", "leverage", "conviction"]
        if row["confidence"] == row["lift"]:  # the consequent is in every order
            names.remove("conviction")
        for name in names:
            assert row[name] == pytest.approx(getattr(reference[key], name), abs=1e-9)


def test_a_rule_at_the_very_threshold_is_kept():
    sets = [{0, 1}] + [{0}] * 19

    found = rules_of_sets(mine(*arrays(sets), min_orders=1, max_size=2), min_confidence=0.05)

    assert [row["antecedent"] for row in found.iter_rows(named=True)] == [[1], [0]]


def test_bounds_lie_below_what_they_bound():
    sets = [{0, 1}] * 6 + [{0}] * 3 + [{1}] * 5

    row = rules_of_sets(mine(*arrays(sets), min_orders=1, max_size=2)).row(0, named=True)

    assert 0 < row["support_low"] < row["support"]
    assert 0 < row["confidence_low"] < row["confidence"]
    assert 0 < row["lift_low"] < row["lift"]


@settings(max_examples=30)
@given(baskets)
def test_the_curve_counts_what_listing_at_each_support_would_list(sets):
    counts = count_pairs(*arrays(sets))
    for row in rule_curve(counts).iter_rows(named=True):
        listed = pair_rules(counts, min_orders=row["min_orders"])
        assert row["pairs"] == int((counts.pair_orders >= row["min_orders"]).sum())
        for confidence in CONFIDENCES:
            kept = listed.filter(pl.col("confidence") >= confidence - 1e-12)
            assert row[f"rules_{round(100 * confidence):02}"] == len(kept)


def test_no_pairs_give_no_rules():
    counts = count_pairs(*arrays([{0}, {1}]))

    assert pair_rules(counts, min_orders=1).is_empty()
    assert rule_curve(counts)["pairs"].to_list() == [0]
