"""The price at which each set gains most: the list price, unless a discount pays."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline_lib.mining.measures import Floats
from pipeline_lib.pricing.endings import prices_between, step_between
from pipeline_lib.pricing.pricing import LEAST_DISCOUNT
from pipeline_lib.ranking.gain import (
    Draws,
    Pages,
    Rows,
    draw,
    gains,
    worth_of_a_sale,
)
from pipeline_lib.ranking.response import Response

SURE = 0.70  # of the lattice must prefer a discount to none: the mean alone follows beta's tail
NODES = np.array([-1.0, 0.0, 1.0]) * np.sqrt(3.0)  # three-point Gauss-Hermite
WEIGHTS = np.array([1.0, 4.0, 1.0]) / 6


@dataclass(frozen=True)
class PriceRoom:
    """Between which prices n sets may lie, in minor units: arrays (n,).

    Attributes:
        listed: the sum of the list prices.
        floor: what no price may be under: the cost, and what the shop's other discounts take off
            on top; 0 where unknown.
        least: the least discount of the set's objective, as a share.
        most: its most.
    """

    listed: Rows
    floor: Rows
    least: Floats
    most: Floats


class BestOffers(NamedTuple):
    """The best price of n sets: ``off`` (n,) minor units of discount, gains (n, points) with it."""

    off: Floats
    points: Floats


def best_offers(
    pages: Pages, room: PriceRoom, response: Response, *, endings: Sequence[int], unit: int
) -> BestOffers:
    """Choose, for each set, no discount or the price that gains most.

    Tried are the prices with an ending of the shop, from 3 % or the objective's least discount to
    its most, by one step of the endings at the least. One is taken where it gains more than the
    list price in expectation and in SURE of the lattice.

    Args:
        pages: of the sets.
        room: what their prices keep.
        response: the shop's.
        endings: of the shop's prices.
        unit: after how many minor units they begin anew.
    """
    draws = draw(pages, response)
    off = np.zeros(len(pages))
    points = gains(pages, off, draws)
    rows, tried = _discounts(pages, room, response, endings=endings, unit=unit)
    if not len(rows):
        return BestOffers(off, points)
    top = _first_best(rows, tried, _roughly(pages.at(rows), tried, response))
    which, money = rows[top], tried[top]
    cut = gains(pages.at(which), money, draws.at(which))
    better = (cut.mean(axis=1) > points[which].mean(axis=1)) & (
        (cut > points[which]).mean(axis=1) >= SURE
    )
    off[which[better]], points[which[better]] = money[better], cut[better]
    return BestOffers(off, points)


def price_bounds(room: PriceRoom, row: int, *, step: int) -> tuple[int, int]:
    """The lowest and the highest price with a discount that the set may have; none if crossed."""
    listed = int(room.listed[row])
    low = max(int(np.ceil(listed * (1 - room.most[row]) - 1e-9)), int(room.floor[row]), 1)
    high = listed * (1 - max(float(room.least[row]), LEAST_DISCOUNT))
    return low, min(int(high + 1e-9), listed - step)


def _discounts(
    pages: Pages, room: PriceRoom, response: Response, *, endings: Sequence[int], unit: int
) -> tuple[Rows, Floats]:
    """The discounts worth trying: rows of sets, ascending, and minor units off."""
    step = step_between(endings, unit=unit)
    rows: list[int] = []
    off: list[int] = []
    for row in np.flatnonzero(_may_pay(pages, response)).tolist():
        low, high = price_bounds(room, row, step=step)
        prices = prices_between(low, high, endings=endings, unit=unit)
        rows += [row] * len(prices)
        off += [int(room.listed[row]) - price for price in prices]
    return np.array(rows, dtype=np.int64), np.array(off, dtype=np.float64)


def _may_pay(pages: Pages, response: Response) -> NDArray[np.bool_]:
    """Whether the smallest discount could pay, with beta one standard deviation steeper.

    At the margin one pays iff |beta| times the summed margins of what is added exceeds 1 and what
    showing alone wins; it spares most sets the search.
    """
    steep = abs(response.beta) + response.beta_sd
    margins = np.where(pages.orders > 0, worth_of_a_sale(pages, response), 0.0)
    return np.asarray(steep * margins.sum(axis=1) > 1.0)


def _roughly(pages: Pages, off: Floats, response: Response) -> Floats:
    """The gains with all but beta at their means, and beta at three nodes: enough to choose by."""
    beta = response.beta + response.beta_sd * NODES
    draws = Draws(
        theta=np.full(len(NODES), response.theta),
        beta=beta,
        orders=pages.orders[:, :, None],
        attach=np.clip(pages.attach, 0.0, 1.0)[:, :, None],
        value=worth_of_a_sale(pages, response)[:, :, None],
    )
    return np.asarray(gains(pages, off, draws) @ WEIGHTS)


def _first_best(rows: Rows, off: Floats, gain: Floats) -> Rows:
    """For each row the place of its best discount, the smaller of equals."""
    order = np.lexsort((off, -gain, rows))
    return order[np.unique(rows[order], return_index=True)[1]]
