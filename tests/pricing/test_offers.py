import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_lib.pricing.offers import PriceRoom, best_offers, price_bounds
from pipeline_lib.ranking.gain import Pages, draw, gains
from pipeline_lib.ranking.response import Response

SHOWN = Response()


def pages(orders, attach, price, margin, cover=None):
    """One set a row, two pages a set."""
    shape = np.ones((len(orders), 2))
    return Pages(
        orders=np.array(orders, dtype=float),
        attach=np.array(attach, dtype=float),
        seen=shape * 200,
        price=np.array(price, dtype=float),
        margin=shape * np.array(margin, dtype=float).reshape(-1, 1),
        cover=shape * np.nan if cover is None else shape * np.array(cover).reshape(-1, 1),
    )


def room(listed, *, floor=None, least=0.05, most=0.20):
    whole = np.array(listed, dtype=np.int64)
    return PriceRoom(
        whole,
        np.zeros_like(whole) if floor is None else np.array(floor, dtype=np.int64),
        np.full(len(whole), least),
        np.full(len(whole), most),
    )


def best(shop, prices, endings=(0, 50, 95, 99)):
    return best_offers(shop, prices, SHOWN, endings=endings, unit=100)


def test_at_a_usual_margin_the_list_price_gains_most():
    shop = pages([[100, 80]], [[0.3, 0.4]], [[1000, 1200]], [0.45])

    found = best(shop, room([2200]))

    assert found.off[0] == 0
    assert found.points[0].mean() > 0


def test_where_nearly_all_is_margin_a_discount_is_taken_and_gains_more():
    shop = pages([[100, 0]], [[0.02, 0.0]], [[1000, 0]], [0.95])
    prices = room([1500])

    found = best(shop, prices)

    assert found.off[0] > 0
    none = gains(shop, np.zeros(1), draw(shop, SHOWN))[0].mean()
    assert found.points[0].mean() > none
    tried = range(1200, 1426)
    every = [
        gains(shop, np.array([1500.0 - price]), draw(shop, SHOWN))[0].mean()
        for price in tried
        if price % 100 in {0, 50, 95, 99}
    ]
    assert found.points[0].mean() == pytest.approx(max(every), rel=2e-3)


def test_dead_stock_is_sold_under_its_cost_of_waiting():
    fresh = pages([[100, 0]], [[0.02, 0.0]], [[1000, 0]], [0.45], [2.0])
    dead = pages([[100, 0]], [[0.02, 0.0]], [[1000, 0]], [0.45], [60.0])

    assert best(fresh, room([1500])).off[0] == 0
    assert best(dead, room([1500], least=0.10, most=0.40)).off[0] > 0


@given(
    st.integers(100, 50_000),
    st.floats(0, 1),
    st.sampled_from([(0.05, 0.2), (0.1, 0.4), (0.0, 0.1)]),
    st.floats(0.01, 0.6),
    st.floats(0.05, 0.98),
    st.sets(st.integers(0, 99), min_size=1, max_size=4),
)
def test_no_discount_is_too_small_too_large_or_under_the_floor(
    listed, share, caps, attach, margin, endings
):
    least, most = caps
    floor = int(listed * share)
    shop = pages([[50, 20]], [[attach, attach]], [[listed / 2, listed / 2]], [margin])

    found = best(
        shop, room([listed], floor=[floor], least=least, most=most), endings=sorted(endings)
    )

    off = found.off[0]
    price = listed - off
    assert off == 0 or (
        off >= 0.03 * listed
        and max(least, 0.03) * listed - 1e-6 <= off <= most * listed + 1e-6
        and price >= floor
        and price % 100 in endings
    )
    none = gains(shop, np.zeros(1), draw(shop, SHOWN))[0].mean()
    assert found.points[0].mean() >= none - 1e-9


def test_the_bounds_leave_a_step_of_the_endings_at_the_least():
    assert price_bounds(room([1025]), 0, step=50) == (820, 973)
    assert price_bounds(room([1025]), 0, step=100) == (820, 925)
