import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_lib.pricing.endings import (
    learn_endings,
    prices_between,
    step_between,
    whole_unit,
)


def test_the_endings_of_a_shop_are_those_that_its_prices_have():
    prices = [199, 299, 499, 999] * 10 + [1450] * 5 + [1337]

    assert learn_endings(prices, unit=100) == (99, 50)


def test_a_shop_without_a_habit_ends_its_prices_in_whole_units():
    assert learn_endings([101, 202, 303], unit=100) == (0,)
    assert learn_endings([], unit=100) == (0,)


@pytest.mark.parametrize(
    ("endings", "step"), [((99,), 100), ((0, 50), 50), ((95, 99), 4), ((0,), 100)]
)
def test_a_step_is_the_least_distance_between_two_such_prices(endings, step):
    assert step_between(endings, unit=100) == step


def test_prices_between_have_an_ending_and_the_dearest_comes_first():
    assert prices_between(1000, 1200, endings=(99, 50), unit=100) == [1199, 1150, 1099, 1050]
    assert prices_between(1000, 1040, endings=(99, 50), unit=100) == []


@pytest.mark.parametrize(("currency", "unit"), [("GBP", 100), ("JPY", 100), ("KWD", 1000)])
def test_endings_begin_anew_after_a_whole_unit(currency, unit):
    assert whole_unit(currency) == unit


@given(
    st.integers(1, 100_000),
    st.integers(0, 50_000),
    st.lists(st.integers(0, 99), min_size=1, max_size=9, unique=True),
)
def test_every_price_tried_lies_between_and_ends_as_the_shop_does(low, width, endings):
    found = prices_between(low, low + width, endings=endings, unit=100)

    assert found == sorted(set(found), reverse=True)
    assert len(found) <= 24
    assert all(low <= price <= low + width and price % 100 in endings for price in found)
    every = [p for p in range(low, low + min(width, 2_000) + 1) if p % 100 in endings]
    if width <= 2_000 and every:
        assert found[0] == max(every)
        assert found[-1] == min(every) or len(every) > 24
