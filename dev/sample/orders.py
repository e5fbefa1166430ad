"""The sample shop's orders: lines, bill, customer and fate of each."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from dev.sample import baskets, checkout, seasons
from dev.sample.catalogue import Product, affinities
from dev.sample.customers import CUSTOMERS, SKEW

ORDERS = 20_000
COUNTER = 0.08  # share of orders made in the shop, by customers without a name
FATES = ("cancelled", "voided", "refunded", "partially_refunded", "pending", "test", "paid")
FATE_LADDER = (0.007, 0.013, 0.030, 0.050, 0.053, 0.054)
SALE_DAYS = range(123, 141)  # 2 to 19 January 2026, counted from the first day
OPENS_S, CLOSES_S = 7 * 3600, 23 * 3600
PACKING_S = 27 * 3600
NEVER_SENT = ("cancelled", "voided", "pending", "test")


@dataclass(frozen=True, slots=True)
class SampleOrder:
    """One order; ``moment_s`` counts seconds from the first day's midnight, shop time."""

    number: int
    moment_s: int
    customer: int
    lines: tuple[checkout.Line, ...]
    bill: checkout.Bill
    fate: str

    @property
    def is_counter(self) -> bool:
        return self.customer < 0

    @property
    def is_sent(self) -> bool:
        """Whether the goods have left by the end of the last day."""
        if self.fate in NEVER_SENT:
            return False
        return self.sent_s < seasons.DAYS * seasons.DAY_S

    @property
    def sent_s(self) -> int:
        """When the goods leave: at once over the counter, the next day by post."""
        return self.moment_s if self.is_counter else self.moment_s + PACKING_S


def draw_orders(products: Sequence[Product], rng: Generator) -> list[SampleOrder]:
    """The shop's orders, earliest first, numbered from 1001."""
    days = baskets.draw_days(ORDERS, rng)
    customers = (CUSTOMERS * rng.random(ORDERS) ** SKEW).astype(np.int64)
    customers[rng.random(ORDERS) < COUNTER] = -1
    baskets_of = _goods(days, customers, products, rng)
    moments = _moments(days, rng)
    dice = rng.random((ORDERS, 6)).tolist()
    return [
        _order(place, moment_s, customer, basket, die)
        for place, (moment_s, customer, basket, die) in enumerate(
            zip(moments, customers.tolist(), baskets_of, dice, strict=True)
        )
    ]


def _goods(
    days: baskets.Ints, customers: baskets.Ints, products: Sequence[Product], rng: Generator
) -> list[list[checkout.Line]]:
    drawn = baskets.draw_lines(days, customers, products=products, affinities=affinities(), rng=rng)
    goods: list[list[checkout.Line]] = [[] for _ in range(ORDERS)]
    for order, product, quantity in zip(
        drawn.order.tolist(), drawn.product.tolist(), drawn.quantity.tolist(), strict=True
    ):
        is_sale = int(days[order]) in SALE_DAYS
        goods[order].append(checkout.goods(products[product], quantity, is_sale=is_sale))
    return goods


def _order(
    place: int, moment_s: int, customer: int, goods: list[checkout.Line], dice: list[float]
) -> SampleOrder:
    lines = (*goods, *checkout.extras(dice[:3]))
    return SampleOrder(
        number=1001 + place,
        moment_s=moment_s,
        customer=customer,
        lines=lines,
        bill=checkout.bill(lines, dice=dice[3:5], is_counter=customer < 0),
        fate=_fate(dice[5], is_counter=customer < 0),
    )


def _fate(die: float, *, is_counter: bool) -> str:
    fate = FATES[bisect_right(FATE_LADDER, die)]
    # What is paid and carried home can only come back.
    return "paid" if is_counter and "refunded" not in fate else fate


def _moments(days: baskets.Ints, rng: Generator) -> list[int]:
    """Seconds from the first midnight, fewest early and late; order numbers rise with them."""
    of_day = OPENS_S + rng.random((2, len(days))).mean(axis=0) * (CLOSES_S - OPENS_S)
    moments = days * seasons.DAY_S + of_day.astype(np.int64)
    # Orders of one day are drawn alike, so sorting the clock within it changes no odds.
    in_order: list[int] = np.sort(moments).tolist()
    return in_order
