"""What an offer is expected to earn in a month, with its range; it chooses no price and no set.

An offer is a set that is shown on the pages of its products; a buyer of one may add the others:

    gain(d) = sum over pages of N (q1(d) - q0) (m - d)  -  K d

N orders of the page's product in a month, q0 the share of them that holds the rest anyway, q1 the
share when the set is offered at d money off (module ``response``), m the margin of what is added,
K the orders that hold the set anyway: the money given to them is counted once, though they are
seen from each page. N, q0, the margin and the response are uncertain: expectation and range are
taken over one fixed lattice, so that equal input gives equal numbers.
"""

from dataclasses import dataclass
from functools import cache
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline_lib.mining.measures import Floats
from pipeline_lib.ranking.response import Response, attach_rate_when_shown

Rows = NDArray[np.int64]

PAGES = 2  # of a set at the most: a pair is shown on both, a larger set on its rarest product's
POINTS = 512
LOW, HIGH = 0.10, 0.90  # quantiles of the range
LEAST_PRICE_LEFT = 1e-3  # of the added products' price, where a logarithm still is a number
NOTHING_HELD = 0.5  # orders with and without the rest, where none was seen


@dataclass(frozen=True)
class Pages:
    """The pages of n sets: arrays (n, PAGES); a page that does not show the set has orders 0.

    Attributes:
        orders: orders a month that hold the page's product.
        attach: share of them that holds the rest without an offer, 0 to 1.
        seen: orders that this share was counted on; fewer leave more doubt.
        price: list price of the rest, in minor units.
        margin: share of that price that is left after cost; NaN where a cost is unknown.
        cover: months that the stock of the scarcest of the rest lasts; NaN where unknown.
    """

    orders: Floats
    attach: Floats
    seen: Floats
    price: Floats
    margin: Floats
    cover: Floats

    def at(self, rows: Rows) -> "Pages":
        """Those of the sets at these rows, in their order."""
        return Pages(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    def __len__(self) -> int:
        return len(self.orders)


class Draws(NamedTuple):
    """What is uncertain, at each point of the lattice.

    ``theta`` and ``beta`` (points,) are the shop's and the same for all its sets; the others are
    (n, PAGES, points).
    """

    theta: Floats
    beta: Floats
    orders: Floats
    attach: Floats
    value: Floats

    def at(self, rows: Rows) -> "Draws":
        """Those of the sets at these rows."""
        parts = (part[rows] for part in (self.orders, self.attach, self.value))
        return Draws(self.theta, self.beta, *parts)


class Spread(NamedTuple):
    """An expectation with its range, arrays (n,) in minor units."""

    expected: Floats
    low: Floats
    high: Floats


def draw(pages: Pages, response: Response) -> Draws:
    """Lay the lattice over what is uncertain.

    Pages of all sets share their shocks of demand, which move with the season and the shop's
    traffic; an attach rate is as sure as the orders it was counted on.
    """
    z = lattice()
    attach = np.clip(pages.attach, 1e-6, 1 - 1e-6)
    orders_sd = np.sqrt(response.orders_sd**2 + 1 / np.maximum(pages.orders, 1))[:, :, None]
    doubt = 1 / np.maximum(pages.seen * attach * (1 - attach), NOTHING_HELD)
    attach_sd = np.sqrt(response.attach_sd**2 + doubt)[:, :, None]
    odds = (attach / (1 - attach))[:, :, None] * np.exp(attach_sd * z[:, 3] - attach_sd**2 / 4)
    guessed = np.where(np.isnan(pages.margin), response.margin_sd, 0.0)[:, :, None]
    return Draws(
        theta=response.theta + response.theta_sd * z[:, 0],
        beta=response.beta + response.beta_sd * z[:, 1],
        orders=pages.orders[:, :, None] * np.exp(orders_sd * z[:, 2] - orders_sd**2 / 2),
        attach=odds / (1 + odds),
        value=np.clip(worth_of_a_sale(pages, response)[:, :, None] + guessed * z[:, 4], -1.0, 0.99),
    )


def means(pages: Pages, response: Response) -> Draws:
    """One point with everything at its mean: what ranks as well, at a 500th of the time."""
    return Draws(
        theta=np.array([response.theta]),
        beta=np.array([response.beta]),
        orders=pages.orders[:, :, None],
        attach=np.clip(pages.attach, 0.0, 1.0)[:, :, None],
        value=worth_of_a_sale(pages, response)[:, :, None],
    )


def gains(pages: Pages, off: Floats, draws: Draws) -> Floats:
    """(n, points) the gain a month of each set with so much money off (n,), in minor units."""
    price, money = np.maximum(pages.price, 1e-9)[:, :, None], off[:, None, None]
    left = np.clip(1 - money / price, LEAST_PRICE_LEFT, 1.0)
    shown = attach_rate_when_shown(
        draws.attach, price_left=left, theta=draws.theta, beta=draws.beta
    )
    won = (draws.orders * (shown - draws.attach) * (draws.value * price - money)).sum(axis=1)
    held = (draws.orders * draws.attach).max(axis=1)  # the same orders, seen from either page
    return np.asarray(won - off[:, None] * held)


def gain_at_list_price(pages: Pages, response: Response) -> Floats:
    """(n,) the gain a month of showing each set at its list price, all at their means.

    NaN where no page has orders: of what nobody bought nothing can be said.
    """
    gain = gains(pages, np.zeros(len(pages)), means(pages, response))[:, 0]
    return np.where(is_seen(pages), gain, np.nan)


def orders_with_the_set(pages: Pages, off: Floats, response: Response) -> Floats:
    """(n,) orders a month that hold each set when it is offered with so much money off."""
    left = np.clip(1 - off[:, None] / np.maximum(pages.price, 1e-9), LEAST_PRICE_LEFT, 1.0)
    shown = attach_rate_when_shown(
        pages.attach, price_left=left, theta=response.theta, beta=response.beta
    )
    return np.asarray((pages.orders * shown).max(axis=1).round(9))


def is_seen(pages: Pages) -> NDArray[np.bool_]:
    """(n,) whether a page of the set has orders."""
    return np.asarray(pages.orders.sum(axis=1) > 0)


def spread_of(points: Floats) -> Spread:
    """Expectation and range of each row of ``points`` (n, points)."""
    if not len(points):
        return Spread(np.zeros(0), np.zeros(0), np.zeros(0))
    low, high = np.quantile(points, (LOW, HIGH), axis=1)
    return Spread(points.mean(axis=1), low, high)


def worth_of_a_sale(pages: Pages, response: Response) -> Floats:
    """What a sale of the added products is worth, as a share of their price.

    A unit that is sold is bought again at its cost, unless stock lasts so long that waiting eats
    more than the cost: then it is worth what it would bring at the end, and its sale the rest.
    """
    margin = np.where(np.isnan(pages.margin), response.margin, pages.margin)
    return np.asarray(np.maximum(margin, 1 - _price_at_the_end(pages, response)))


def clears(pages: Pages, response: Response) -> NDArray[np.bool_]:
    """(n,) whether a page of the set sells what would otherwise wait until it is worth less."""
    margin = np.where(np.isnan(pages.margin), response.margin, pages.margin)
    dead = 1 - _price_at_the_end(pages, response) > margin
    return np.asarray((dead & (pages.orders > 0)).any(axis=1))


def _price_at_the_end(pages: Pages, response: Response) -> Floats:
    """What is left of a price when the stock at hand is sold; all of it where none is known."""
    return np.asarray(np.exp(-response.dead_rate * np.nan_to_num(pages.cover, nan=0.0)))


@cache
def lattice(dimensions: int = 5, points: int = POINTS) -> Floats:
    """(points, dimensions) standard normal points that fill space evenly.

    The R sequence (M. Roberts, "The unreasonable effectiveness of quasirandom sequences", 2018)
    through the normal quantile, mirrored so that the mean is exact.
    """
    root = 2.0
    for _ in range(40):
        root = (1 + root) ** (1 / (dimensions + 1))
    steps = root ** -np.arange(1.0, dimensions + 1)
    unit = (0.5 + np.arange(1, points // 2 + 1)[:, None] * steps) % 1
    quantile = np.linspace(-5, 5, 4001)
    share = [NormalDist().cdf(one) for one in quantile]
    found = np.interp(unit, share, quantile)
    return np.vstack([found, -found])
