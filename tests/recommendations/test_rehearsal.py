from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_lib.frames import OrderLines, Products
from pipeline_lib.mining.baskets import encode_shop, last_order
from pipeline_lib.mining.candidates.lines import Lines
from pipeline_lib.mining.products.enrichment import with_flags, with_kinds
from pipeline_lib.ranking.response import Response
from pipeline_lib.ranking.scores import AFFINITY
from pipeline_lib.recommendations.list_backtest import SHOWN, compare_lists
from pipeline_lib.recommendations.rehearsal import Exports, gain_in, make_list, rehearse

START = datetime(2025, 3, 1, tzinfo=UTC)
THINGS = ("Tea", "Cup", "Pot", "Honey", "Board", "Knife", "Lamp", "Rug")
SHADES = ("red", "blue", "green")
DAYS = 200


def made_lines(seed, *, orders=900, sets=12):
    """Orders of a made shop: planted pairs of things, and chance beside them."""
    rng = np.random.default_rng(seed)
    skus = [f"{thing}-{shade}" for thing in THINGS for shade in SHADES]
    pairs = [tuple(rng.choice(len(skus), 2, replace=False)) for _ in range(sets)]
    rows = []
    for number in range(orders):
        held = {int(rng.integers(len(skus)))}
        if rng.random() < 0.5:
            pair = pairs[int(rng.integers(sets))]
            held |= {int(item) for item in pair if rng.random() < 0.8}
        at = START + timedelta(days=DAYS * number / orders)
        rows += [
            {
                "order_id": f"#{number}",
                "ordered_at": at,
                "sku": skus[item],
                "name": skus[item].replace("-", " "),
                "quantity": int(rng.integers(1, 3)),
                "price_minor": 500 + 100 * (item % 7),
                "discount_minor": 0,
                "customer": f"c{rng.integers(200)}",
            }
            for item in sorted(held)
        ]
    return pl.DataFrame(rows, schema=OrderLines.schema), skus


def made_products(skus, seed):
    rng = np.random.default_rng(seed)
    blank = dict.fromkeys(Products.schema)
    rows = []
    for place, sku in enumerate(skus):
        price = 500 + 100 * (place % 7)
        unknown = rng.random() < 0.3
        rows.append(
            {
                **blank,
                "sku": sku,
                "written_sku": sku,
                "title": sku.replace("-", " "),
                "handle": sku.split("-")[0] if rng.random() < 0.4 else sku,
                "product_type": "Kitchen" if rng.random() < 0.5 else "",
                "price_minor": price,
                "cost_minor": None if unknown else int(price * rng.uniform(0.02, 0.9)),
                "stock": None if rng.random() < 0.3 else int(rng.integers(0, 900)),
                "status": "active",
            }
        )
    return pl.DataFrame(rows, schema=Products.schema)


def made_shop(seed):
    lines, skus = made_lines(seed)
    none = pl.DataFrame(schema={"sku": pl.String, "available": pl.Int64})
    shop = encode_shop(lines, made_products(skus, seed), none)
    return shop._replace(
        catalog=with_kinds(with_flags(shop.catalog, as_of=last_order(shop.orders)))
    )


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000))
def test_of_whatever_shop_the_list_is_one_that_a_merchant_is_not_ashamed_of(seed):
    shop = made_shop(seed)

    shown = make_list(shop, response=Response())

    lines, known = Lines(shop.catalog), shop.catalog.rows(named=True)
    gains = shown["gain_minor"].fill_null(1.0).to_list()
    assert all(gain > 0 for gain, clears in zip(gains, shown["clears"], strict=True) if not clears)
    assert not shown.height or sum(gains) > 0
    sets = [frozenset(items) for items in shown["items"].to_list()]
    assert len(set(sets)) == len(sets)
    for row in shown.rows(named=True):
        items = row["items"]
        assert not any(lines.are_variants(a, b) for a in items for b in items if a < b)
        for item, units in zip(items, row["quantities"], strict=True):
            stock = known[item]["stock"]
            assert stock is None or stock >= max(units, 0.5 * known[item]["month_units"])
        off = row["off_minor"]
        assert off == 0 or off >= 0.03 * row["list_minor"]
        costs = [known[item]["cost_minor"] for item in items]
        if None not in costs and off:
            assert row["bundle_minor"] >= sum(costs)
    for n in (20, 50):
        assert shown["series"].head(n).sum() <= 0.25 * min(n, len(shown))


def test_a_rehearsal_does_not_look_at_the_orders_to_come():
    lines, _ = made_lines(3)
    until = START + timedelta(days=150)
    none = Products.empty()
    before = lines.filter(pl.col("ordered_at") < until)

    whole, cut = (
        rehearse(Exports(part, none, until), response=Response()) for part in (lines, before)
    )

    assert len(whole.shown) > 0
    assert whole.shown.equals(cut.shown)


def test_a_held_out_gain_is_the_formula_on_later_counts():
    shop = made_shop(5)
    later = pl.DataFrame(
        {"order": [0, 0, 1, 2, 3], "item": [0, 3, 0, 0, 3], "quantity": [1] * 5},
        schema={"order": pl.UInt32, "item": pl.UInt32, "quantity": pl.Int32},
    )
    sets = pl.DataFrame({"items": [[0, 3]], "quantities": [[1, 1]]})
    response = Response()

    found = gain_in(later, sets, shop.catalog, response)[0]

    total = 0.0
    for added, orders, both in ((3, 3, 1), (0, 2, 1)):
        row = shop.catalog.row(added, named=True)
        cost, price = row["cost_minor"], row["price_minor"]
        margin = response.margin if not cost else 1 - cost / price
        stock = row["stock"]
        waits = 0.0 if stock is None else stock / max(row["month_units"], 0.5)
        margin = max(margin, 1 - np.exp(-response.dead_rate * waits))
        odds = (both / orders) / (1 - both / orders) * np.exp(response.theta)
        total += orders * (odds / (1 + odds) - both / orders) * margin * price
    assert found == pytest.approx(total)


def test_every_list_is_measured_on_the_same_month():
    lines, _ = made_lines(4, orders=1_500)
    exports = Exports(lines, Products.empty(), START + timedelta(days=160))

    cells = compare_lists(exports, sizes=(5, 10), response=Response())

    names = dict.fromkeys(cell.name for cell in cells)
    assert list(names)[:3] == [SHOWN, "shown, pair by pair", "shown by affinity"]
    assert {"leverage, half-life 30", "pair count, half-life 90"} <= set(names)
    assert all(cell.pairs >= 0 and 0 <= cell.series <= 1 for cell in cells)


def test_by_affinity_the_order_is_that_of_the_forecast():
    shop = made_shop(7)

    shown = make_list(shop, response=Response(), profile=AFFINITY)

    parts = shown["score_parts"].struct.unnest()
    assert parts["forecast"].to_list() == sorted(parts["forecast"], reverse=True)
