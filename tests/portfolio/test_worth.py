import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_lib.portfolio.problem import PAD
from pipeline_lib.portfolio.worth import expected_margin, expected_revenue, shortage_risk

PAIR = {"items": np.array([[0, 1, PAD]]), "units": np.array([[1, 2, 0]])}


def enough(stock, mean):
    """Slow twin: the Poisson distribution term by term."""
    return sum(math.exp(-mean + n * math.log(mean) - math.lgamma(n + 1)) for n in range(stock + 1))


def risk(sales, stock, demand):
    return shortage_risk(
        **PAIR, sales=np.array([sales]), stock=np.array(stock), demand=np.array(demand)
    )[0]


@given(st.integers(0, 80), st.integers(0, 80), st.floats(5, 60), st.floats(5, 60))
def test_the_risk_is_the_chance_that_a_product_runs_out(left, right, first, second):
    exact = 1 - enough(left, first + 3) * enough(right, second + 6)

    assert risk(3.0, [float(left), float(right)], [first, second]) == pytest.approx(exact, abs=0.05)


@given(st.floats(0, 50), st.floats(0, 50), st.floats(0, 100))
def test_more_sales_never_risk_less(sales, more, demand):
    stock, others = [40.0, 30.0], [demand, 5.0]

    assert 0 <= risk(sales, stock, others) <= risk(sales + more, stock, others) + 1e-12 <= 1 + 1e-9


def test_unknown_stock_and_no_demand_risk_nothing():
    assert risk(500.0, [np.nan, np.nan], [100.0, 100.0]) == 0
    assert risk(0.0, [0.0, 0.0], [0.0, 0.0]) == 0


def test_revenue_and_margin_are_those_of_the_bundles_sold():
    sales, price, cost = np.array([2.0, 0.0]), np.array([100.0, 50.0]), np.array([60.0, 70.0])

    assert expected_revenue(sales=sales, price=price).tolist() == [200, 0]
    assert expected_margin(sales=sales, price=price, cost=cost).tolist() == [80, 0]


def test_where_a_cost_is_unknown_the_rate_of_the_rest_stands_in():
    sales, price = np.ones(3), np.array([100.0, 300.0, 50.0])

    margin = expected_margin(sales=sales, price=price, cost=np.array([40.0, 200.0, np.nan]))

    assert margin.tolist() == [60, 100, 20]


def test_without_any_cost_the_margin_decides_nothing():
    margin = expected_margin(sales=np.ones(2), price=np.ones(2), cost=np.full(2, np.nan))

    assert margin.tolist() == [0, 0]
