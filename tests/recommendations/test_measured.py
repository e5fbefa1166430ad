from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_lib.frames import BasketItems, PlacedOrders
from pipeline_lib.recommendations.measured import (
    NOT_YET,
    SoldSet,
    measure_sets,
    sold_set,
    summarise,
)
from tests.recommendations.made_recommendations import (
    PRICING,
    bundle_of,
    evidence,
    product,
    recommendation,
)

MADE = datetime(2026, 1, 1, tzinfo=UTC)
PAIR = SoldSet((0, 1), (1, 1), MADE, 0.25, 400, 1000, 0, 600)


def shop(*orders):
    """Orders, each its days after the bundle was made and its items."""
    rows = [(n, MADE + timedelta(days=day), None) for n, (day, _) in enumerate(orders)]
    lines = [(n, item, count) for n, (_, held) in enumerate(orders) for item, count in held.items()]
    return (
        pl.DataFrame(rows, schema=PlacedOrders.schema, orient="row"),
        pl.DataFrame(lines, schema=BasketItems.schema, orient="row"),
    )


def both(count, day=3):
    return [(day, {0: 1, 1: 1})] * count


def alone(count, day=3):
    return [(day, {0: 1})] * count


def test_only_orders_after_a_bundle_was_made_count_for_it():
    (found,) = measure_sets([PAIR], *shop(*both(30, day=-3), *both(15), *alone(25)))

    assert (found.anchor_orders, found.orders, found.expected) == (40, 15, 10.0)
    assert found.incremental == 5.0
    assert found.conversion == 0.375
    assert found.revenue_minor == 5 * 1000
    assert found.profit_minor == 5 * 400


def test_a_fresh_bundle_shows_nothing():
    (found,) = measure_sets([PAIR], *shop(*both(500, day=-3), *both(19)))

    assert found is None
    assert summarise([found])["revenue_minor"] is None
    assert summarise([found])["note"] == NOT_YET


def test_fewer_orders_than_expected_are_a_loss_and_the_discount_is_on_all():
    cheaper = PAIR._replace(off_minor=100)

    (found,) = measure_sets([cheaper], *shop(*both(5), *alone(35)))

    assert found.incremental == -5.0
    assert found.revenue_minor == -5 * 1000 - 5 * 100
    assert found.low < -5 < found.high


def test_a_pack_counts_the_orders_of_so_many():
    pack = PAIR._replace(items=(0,), units=(3,))
    orders = [(1, {0: 3})] * 10 + [(1, {0: 2})] * 20

    (found,) = measure_sets([pack], *shop(*orders))

    assert (found.anchor_orders, found.orders) == (30, 10)


def test_without_a_cost_there_is_no_profit_in_the_sum_either():
    unknown = PAIR._replace(cost_minor=None)
    orders = shop(*both(15), *alone(25))

    found = measure_sets([PAIR, unknown], *orders)

    assert summarise(found)["profit_minor"] is None
    assert summarise(found)["revenue_minor"] == 2 * 5 * 1000
    assert summarise(found[:1])["profit_minor"] == 2000


def test_a_bundle_is_measured_by_its_record():
    bundle = bundle_of(
        recommendation(
            products=(
                product("TEA").replace(unit_price="5.00", unit_cost="2.00"),
                product("CUP").replace(quantity=2, unit_price="8.50", unit_cost="3.00"),
            ),
            pricing=PRICING.replace(list_price="22.00", bundle_price="20.00"),
            evidence=evidence(confidence=0.25, orders_each=(400, 90)),
            created_at=MADE,
        )
    )

    found = sold_set(bundle, {"TEA": 0, "CUP": 1}, minor=100)

    assert found == SoldSet((0, 1), (1, 2), MADE, 0.25, 400, 1700, 200, 600)
    assert sold_set(bundle, {"TEA": 0}, minor=100) is None


@given(st.integers(0, 60), st.integers(20, 60), st.floats(0, 1))
def test_the_figures_equal_a_recount(together, others, rate):
    orders = shop(*both(together), *alone(others))

    (found,) = measure_sets([PAIR._replace(attach_before=rate)], *orders)

    assert found.orders == together
    assert found.anchor_orders == together + others
    assert found.incremental == pytest.approx(together - rate * (together + others), abs=1e-3)
    assert found.low <= found.incremental <= found.high


def test_the_range_holds_what_nothing_happened_nine_times_in_ten():
    rng = np.random.default_rng(5)
    held = []
    for _ in range(400):
        before = rng.binomial(400, 0.25) / 400
        after = int(rng.binomial(200, 0.25))
        (found,) = measure_sets(
            [PAIR._replace(attach_before=before)], *shop(*both(after), *alone(200 - after))
        )
        held.append(found.low <= 0 <= found.high)

    assert 0.85 <= np.mean(held) <= 0.95
