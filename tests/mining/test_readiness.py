import itertools
from collections import Counter
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_lib.exports import HygieneRules
from pipeline_lib.frames import OrderLines, Products, StockLevels
from pipeline_lib.mining.readiness import prepare_shop
from pipeline_lib.reports import Unlisted
from tests.conftest import products_of

BASKETS = st.lists(st.sets(st.sampled_from("abcde"), min_size=1), max_size=40)


def lines(baskets, *, dated=True, price=1000):
    start = datetime(2024, 1, 1, tzinfo=UTC)
    rows = [
        {
            "order_id": str(n), "ordered_at": start + timedelta(days=n) if dated else None,
            "sku": sku, "name": f"{sku} thing", "quantity": 1, "price_minor": price,
            "discount_minor": 0, "customer": None,
        }
        for n, basket in enumerate(baskets)
        for sku in sorted(basket)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=OrderLines.schema)


def assess(sold, products=None):
    listed = Products.empty() if products is None else products
    return prepare_shop(sold, listed, StockLevels.empty(), rules=HygieneRules()).readiness


@given(BASKETS)
def test_readiness_counts_what_a_count_by_hand_gives(baskets):
    told = assess(lines(baskets))

    pairs = Counter(pair for one in baskets for pair in itertools.combinations(sorted(one), 2))
    assert told.orders == sum(len(one) > 0 for one in baskets)
    assert told.baskets == sum(len(one) > 1 for one in baskets)
    assert told.products == len(set().union(*baskets))
    assert told.pairs == sum(count >= 5 for count in pairs.values())
    assert told.pairs_at_least is False


def test_too_little_evidence_is_said_outright():
    told = assess(lines([{"a", "b"}] * 4))

    assert told.outcome == "too_little_evidence"
    assert any("no pair" in sentence for sentence in told.cannot)


def test_a_few_pairs_are_thin_and_many_are_ready():
    thin = assess(lines([{"a", "b"}] * 9))
    items = [f"p{n}" for n in range(8)]
    ready = assess(lines([set(items)] * 300), products_of(*({"sku": one} for one in items)))

    assert (thin.outcome, thin.pairs, thin.days) == ("thin", 1, 8)
    assert (ready.outcome, ready.pairs, ready.matched) == ("ready", 28, 1.0)
    assert ready.cannot == ()


def test_the_share_of_lines_whose_product_is_known_is_counted():
    told = assess(lines([{"a", "b"}] * 5), products_of({"sku": "a"}))

    assert told.matched == 0.5
    assert any("50%" in sentence for sentence in told.cannot)


def test_no_dates_and_no_lines_are_said():
    assert assess(lines([{"a", "b"}] * 9, dated=False)).days is None
    assert assess(lines([])).outcome == "too_little_evidence"


def test_so_many_pairs_are_counted_in_a_part_and_told_as_at_least():
    crowd = [{f"p{n}" for n in range(start, start + 150)} for start in (0, 1, 2)] * 150

    told = assess(lines(crowd))

    assert told.pairs_at_least is True
    assert any("at least" in sentence for sentence in told.can)


UNPRICED = products_of({"sku": "a", "price_minor": None})
VARIANTS = products_of({"sku": "a", "product_key": "p"}, {"sku": "b", "product_key": "p"})


@pytest.mark.parametrize(
    ("sold", "products", "said"),
    [
        (lines([{"a", "b"}] * 9, price=None), None, "No product has a price"),
        (lines([{"a", "b"}] * 9, price=None), UNPRICED, "No product has a price"),
        (lines([{"a"}] * 9), None, "one product only"),
        (lines([]), None, "No product is in the files"),
        (lines([]), products_of({"sku": "a", "status": "draft"}), "is active"),
        (lines([]), VARIANTS, "variants of one product"),
    ],
)  # fmt: skip
def test_what_stands_in_the_way_of_any_bundle_is_named_with_what_helps(sold, products, said):
    ready = assess(sold, products)

    assert said in ready.obstacle
    assert "send" in ready.obstacle
    assert ready.cannot[0] == ready.obstacle
    assert ready.can == ()


def test_products_alone_promise_bundles_by_likeness():
    ready = assess(lines([]), products_of({"sku": "a"}, {"sku": "b"}))

    assert ready.obstacle is None
    assert any("alike" in sentence for sentence in ready.can)


def test_sold_products_without_a_listing_are_told_by_name_with_their_share():
    ready = assess(lines([{"a", "b"}] * 3 + [{"a", "c"}]), products_of({"sku": "a"}))

    assert ready.unlisted == (
        Unlisted(name="b thing", share=0.375),
        Unlisted(name="c thing", share=0.125),
    )
