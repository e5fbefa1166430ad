import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_lib.pricing.economics import month_of, stock
from pipeline_lib.ranking.gain import Pages
from pipeline_lib.ranking.response import Response


def product(price=1000, cost=400, orders=100, units=100, held=50, sku="A"):
    return {
        "sku": sku,
        "price_minor": price,
        "cost_minor": cost,
        "month_orders": orders,
        "month_units": units,
        "stock": held,
    }


def pages(*, orders, attach, price=1000.0, margin=0.6):
    """The two pages of one pair."""
    both = np.full((1, 2), 1.0)
    return Pages(
        orders=np.array([orders], dtype=float),
        attach=np.array([attach], dtype=float),
        seen=both * 100,
        price=both * price,
        margin=both * margin,
        cover=both * np.nan,
    )


def test_a_month_at_list_price_wins_orders_and_gives_nothing_away():
    month = month_of(pages(orders=[100, 50], attach=[0.2, 0.4]), np.zeros(1), Response())

    odds = [rate / (1 - rate) * np.exp(0.15) for rate in (0.2, 0.4)]
    won = 100 * (odds[0] / (1 + odds[0]) - 0.2) + 50 * (odds[1] / (1 + odds[1]) - 0.4)
    assert month.together[0] == pytest.approx(20)
    assert month.won[0] == pytest.approx(won)
    assert month.won_over[0] == pytest.approx(won / (80 + 30))
    assert month.given_away[0] == 0
    assert month.revenue[0] == pytest.approx(won * 1000)


def test_a_discount_is_given_once_to_those_who_needed_none():
    month = month_of(pages(orders=[100, 50], attach=[0.2, 0.4]), np.array([100.0]), Response())

    assert month.given_away[0] == pytest.approx(20 * 100)
    assert month.revenue[0] == pytest.approx(month.won[0] * 900 - 2000)


@given(st.floats(0, 1), st.integers(0, 10_000), st.integers(0, 900))
def test_won_and_together_never_exceed_the_orders_of_the_pages(attach, orders, off):
    month = month_of(
        pages(orders=[orders, 0], attach=[attach, 0.0]), np.array([float(off)]), Response()
    )

    assert 0 <= month.together[0] + month.won[0] <= orders * (1 + 1e-9)


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
