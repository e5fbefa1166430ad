import itertools
import json
from collections import Counter

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pipeline_lib.exports import assess_readiness, mapping_report

BASKETS = st.lists(st.sets(st.sampled_from("abcde"), min_size=1), max_size=40)


def lines(baskets, *, dated=True):
    rows = [(str(n), sku) for n, basket in enumerate(baskets) for sku in sorted(basket)]
    frame = pl.DataFrame(rows, schema={"order_id": pl.String, "sku": pl.String}, orient="row")
    at = pl.datetime(2024, 1, 1, time_zone="UTC", time_unit="us")
    days = pl.duration(days=pl.col("order_id").cast(pl.Int64))
    return frame.with_columns(
        ordered_at=at + days if dated else pl.lit(None, pl.Datetime("us", "UTC"))
    )


@given(BASKETS)
def test_readiness_counts_what_a_count_by_hand_gives(baskets):
    told = assess_readiness(lines(baskets), None)

    pairs = Counter(pair for one in baskets for pair in itertools.combinations(sorted(one), 2))
    assert told.orders == len(baskets)
    assert told.baskets == sum(len(one) > 1 for one in baskets)
    assert told.products == len(set().union(*baskets))
    assert told.pairs == sum(count >= 5 for count in pairs.values())
    assert told.pairs_at_least is False


def test_too_little_evidence_is_said_outright():
    told = assess_readiness(lines([{"a", "b"}] * 4), None)

    assert told.outcome == "too_little_evidence"
    assert any("no pair" in sentence for sentence in told.cannot)


def test_a_few_pairs_are_thin_and_many_are_ready():
    thin = assess_readiness(lines([{"a", "b"}] * 9), None)
    items = [f"p{n}" for n in range(8)]
    ready = assess_readiness(lines([set(items)] * 300), pl.DataFrame({"sku": items}))

    assert (thin.outcome, thin.pairs, thin.days) == ("thin", 1, 8)
    assert (ready.outcome, ready.pairs, ready.matched) == ("ready", 28, 1.0)
    assert ready.cannot == ()


def test_the_share_of_lines_whose_product_is_known_is_counted():
    told = assess_readiness(lines([{"a", "b"}] * 5), pl.DataFrame({"sku": ["a"]}))

    assert told.matched == 0.5
    assert any("50%" in sentence for sentence in told.cannot)


def test_no_dates_and_no_lines_are_said():
    assert assess_readiness(lines([{"a", "b"}] * 9, dated=False), None).days is None
    assert assess_readiness(lines([]), None).outcome == "too_little_evidence"


def test_so_many_pairs_are_counted_in_a_part_and_told_as_at_least():
    crowd = [{f"p{n}" for n in range(start, start + 150)} for start in (0, 1, 2)] * 150

    told = assess_readiness(lines(crowd), None)

    assert told.pairs_at_least is True
    assert any("at least" in sentence for sentence in told.can)


def test_the_report_says_what_each_column_became_and_what_is_missing(orders):
    told = orders("order_id,sku,qty,price,Shoe size\n1,a,1,3.50,44\n2,b,x,1.00,45\n3,c,1,2.00,46\n")

    report = mapping_report(told.format)

    assert [(one.column, one.field, one.sure) for one in report.columns] == [
        ("order_id", "order_id", 1.0), ("sku", "sku", 1.0), ("qty", "quantity", 0.67),
        ("price", "price", 1.0), ("Shoe size", None, 0.0),
    ]  # fmt: skip
    assert report.columns[3].sample == ("3.50", "1.00", "2.00")
    assert report.unused == ("Shoe size",)
    assert "ordered_at" in [one.field for one in report.missing]
    assert json.loads(report.model_dump_json())["kind"] == "order_lines"


def test_a_products_file_without_cost_says_what_that_costs(products):
    told = products("Handle,Title,Variant SKU,Variant Price,Status\na,A,A,1,active\n")

    said = {one.field: one.cost for one in mapping_report(told.format).missing}

    assert said["cost"] == "no unit cost: margins are estimated from discounts"


def test_a_quick_install_list_says_that_no_orders_are_in_it(products):
    told = products("product_id,name\n1,Tea\n")

    assert (
        "bought together"
        in {m.field: m.cost for m in mapping_report(told.format).missing}["orders"]
    )
