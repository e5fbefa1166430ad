import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_lib.pricing.economics import incremental, stock


def product(price=1000, cost=400, orders=100, units=100, held=50, sku="A"):
    return {
        "sku": sku,
        "price_minor": price,
        "cost_minor": cost,
        "month_orders": orders,
        "month_units": units,
        "stock": held,
    }


def bundle(confidence=0.5, list_minor=2000, bundle_minor=1800, quantities=(1, 1)):
    return {
        "confidence": confidence,
        "list_minor": list_minor,
        "bundle_minor": bundle_minor,
        "quantities": list(quantities),
    }


def test_a_month_is_what_is_won_less_what_is_given_away():
    month = incremental(bundle(), [product(), product(sku="B")], 0.1)

    assert month.together == 50
    assert month.won == pytest.approx(5)
    assert month.given_away == 50 * 200
    assert month.revenue == 5 * 800 - 50 * 200
    assert month.profit == 5 * (800 - 400) - 50 * 200


def test_a_pack_adds_all_but_the_one_that_was_bought_anyway():
    month = incremental(
        bundle(confidence=0.2, list_minor=3000, bundle_minor=2700, quantities=(3,)),
        [product()],
        0.1,
    )

    assert month.won == pytest.approx(8)
    assert month.revenue == 8 * 1700 - 20 * 300
    assert month.profit == month.revenue - 8 * 800


def test_without_a_cost_there_is_a_revenue_and_no_profit():
    month = incremental(bundle(), [product(), product(cost=None)], 0.1)

    assert month.profit is None
    assert month.revenue == 5 * 800 - 50 * 200


@given(st.floats(0, 1), st.integers(0, 10_000), st.floats(0, 1))
def test_won_and_together_never_exceed_the_anchors_orders(confidence, orders, won_over):
    month = incremental(
        bundle(confidence=confidence), [product(orders=orders), product()], won_over
    )

    assert 0 <= month.together + month.won <= orders * (1 + 1e-9)


def test_the_scarcest_product_bounds_the_bundle_and_the_fastest_ends_it():
    tea, cup = product(held=30, units=90, sku="TEA"), product(held=7, units=0, sku="CUP")

    found = stock({"quantities": [2, 1]}, [tea, cup])

    assert (found.sellable, found.days, found.first_out) == (7, 10, "TEA")


def test_nothing_selling_leaves_the_days_open():
    found = stock({"quantities": [1]}, [product(units=0)])

    assert (found.sellable, found.days, found.first_out) == (50, None, "A")


def test_untracked_stock_says_nothing():
    found = stock({"quantities": [1]}, [product(held=None)])

    assert (found.sellable, found.days, found.first_out) == (None, None, None)
