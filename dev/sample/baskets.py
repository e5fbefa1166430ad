"""What is in each basket of the sample shop, drawn from a seed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from dev.sample import seasons
from dev.sample.catalogue import Affinity, Product

FLATTENING = 6  # Zipf-Mandelbrot: keeps the best seller under a tenth of the baskets
IN_SEASON, OFF_SEASON = 6.0, 0.04
LAUNCH_PUSH = 4.0  # a new product is on the front page
SIZES = (0.42, 0.73, 0.90, 1.0)  # cumulative share of baskets begun with 1, 2, 3, 4 picks
USUAL_QUANTITY = 0.78  # share of lines that keep to the product's ``buy_in``
FEW = (0.80, 0.95, 1.0)  # cumulative share of lines with 1, 2, 3 of what is eaten
HABIT = 0.4  # share of a known customer's orders that hold the usual

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Lines:
    """The goods of all orders: one entry a line, by order, then in the order of picking."""

    order: Ints
    product: Ints
    quantity: Ints


def draw_days(orders: int, rng: Generator) -> Ints:
    """The day of each order as an offset from the first day, earliest first."""
    return np.sort(_pick(seasons.day_pace(), rng.random(orders)))


def popularity(products: Sequence[Product], rng: Generator) -> Floats:
    """Share of each product when all are on sale: ``1 / (rank + 6)``, by demand, then by lot."""
    demand = np.array([p.demand for p in products])
    by_demand = np.lexsort((rng.random(len(products)), demand))
    weight = np.empty(len(products))
    weight[by_demand] = 1 / (np.arange(1, len(products) + 1) + FLATTENING)
    share: Floats = weight / weight.sum()
    return share


def draw_lines(
    days: Ints,
    customers: Ints,
    *,
    products: Sequence[Product],
    affinities: Sequence[Affinity],
    rng: Generator,
) -> Lines:
    """Fill the basket of each order.

    Args:
        days: the day of each order, as an offset.
        customers: the number of each order's customer, -1 without a customer, at the counter.
        products: what is on sale.
        affinities: what draws what.
        rng: the only source of chance.
    """
    share = popularity(products, rng)
    chosen = _first_picks(days, share, products, rng)
    _add_the_usual(chosen, customers, share, products, rng)
    _add_companions(chosen, products, affinities, rng)
    order, product = np.nonzero(chosen)
    picked = np.lexsort((rng.random(len(order)), order))
    order, product = order[picked], product[picked]
    return Lines(order, product, _quantities(product, products, rng))


def _first_picks(days: Ints, share: Floats, products: Sequence[Product], rng: Generator) -> Bools:
    chosen = np.zeros((len(days), len(products)), dtype=np.bool_)
    # One cumulative sum, a day a unit: a search in it is a draw from that day's products.
    ladder = np.cumsum(share * _attention(products), axis=1)
    ladder = (ladder / ladder[:, -1:] + np.arange(seasons.DAYS)[:, None]).ravel()
    size = 1 + np.searchsorted(SIZES, rng.random(len(days)))
    for nth in range(len(SIZES)):
        orders = np.flatnonzero(size > nth)
        slot = np.searchsorted(ladder, days[orders] + rng.random(len(orders)), side="right")
        chosen[orders, slot - days[orders] * len(products)] = True
    return chosen


def _attention(products: Sequence[Product]) -> Floats:
    """How much more or less than usual each day wants each product; 0 before its launch."""
    rows = []
    for offset in range(seasons.DAYS):
        day = seasons.day_of(offset)
        on = {season: seasons.is_in_season(day, season) for season in seasons.SEASONS}
        on[""] = True
        rows.append(
            [
                (0.0 if day < p.launched else LAUNCH_PUSH)
                if p.launched
                else (1.0 if not p.season else IN_SEASON if on[p.season] else OFF_SEASON)
                for p in products
            ]
        )
    return np.array(rows)


def _add_the_usual(
    chosen: Bools, customers: Ints, share: Floats, products: Sequence[Product], rng: Generator
) -> None:
    """Each customer has one consumable that comes back into the basket again and again."""
    all_year = [p.consumable and not p.season and p.launched is None for p in products]
    usual = _pick(share * np.array(all_year), rng.random(int(customers.max()) + 1))
    known = np.flatnonzero((customers >= 0) & (rng.random(len(customers)) < HABIT))
    chosen[known, usual[customers[known]]] = True


def _add_companions(
    chosen: Bools, products: Sequence[Product], affinities: Sequence[Affinity], rng: Generator
) -> None:
    at = {product.sku: place for place, product in enumerate(products)}
    first_picks = chosen.copy()  # companions draw no companions: only planted pairs arise
    for affinity in affinities:
        first, *others = (at[sku] for sku in affinity.skus)
        drawn = first_picks[:, first] & (rng.random(len(chosen)) < affinity.attach)
        for other in others:
            chosen[drawn, other] = True


def _quantities(product: Ints, products: Sequence[Product], rng: Generator) -> Ints:
    """Mostly the product's own ``buy_in``; else one, of what is eaten at times two or three."""
    usual = np.array([p.buy_in for p in products])[product]
    eaten = np.array([p.consumable for p in products])[product]
    dice = rng.random(len(product))
    few = 1 + np.searchsorted(FEW, rng.random(len(product)))
    one_by_one = np.where(eaten, few, 1)
    return np.where(dice < USUAL_QUANTITY, usual, one_by_one)


def _pick(weight: Floats, dice: Floats) -> Ints:
    ladder = np.cumsum(weight)
    found: Ints = np.searchsorted(ladder, dice * ladder[-1], side="right")
    return found
