"""What the checkout adds to a basket: extras, discounts, delivery and VAT."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dev.sample.catalogue import Product

FREE_DELIVERY_FROM_MINOR = 4000
TRACKED_MINOR, NEXT_DAY_MINOR, WRAPPING_MINOR = 395, 695, 350
TIPS, WRAPPED, GIFT_CARDS = 0.025, 0.03, 0.012  # shares of orders
CODED, COLLECTED, HURRIED = 0.12, 0.04, 0.08
SALE_PERCENT = 15
SALE_TYPES = frozenset({"Teaware", "Cups & Mugs", "Linen & Gifts"})
CODES = (("WELCOME10", 10), ("TEATIME15", 15), ("THANKYOU5", 5))
GIFT_CARD_MINOR = (1000, 2500, 5000)
HOUSE = "Copper Kettle"


class Line(NamedTuple):
    """One line of an order; money in pence, ``discount_minor`` for the whole line."""

    name: str
    sku: str
    quantity: int
    price_minor: int
    compare_at_minor: int | None
    discount_minor: int
    ships: bool
    vat_percent: int
    vendor: str
    is_goods: bool


@dataclass(frozen=True, slots=True)
class Bill:
    """The sums of an order in pence; VAT is inside the prices, as British shops show them."""

    subtotal_minor: int
    shipping_minor: int
    shipping_method: str
    vat_minor: int
    discount_minor: int
    discount_code: str

    @property
    def total_minor(self) -> int:
        return self.subtotal_minor + self.shipping_minor


def goods(product: Product, quantity: int, *, is_sale: bool) -> Line:
    """A product as a line; in the January sale some types are cheaper by themselves."""
    gross = product.price_minor * quantity
    reduced = is_sale and product.type in SALE_TYPES
    return Line(
        product.title,
        product.sku,
        quantity,
        product.price_minor,
        product.compare_at_minor,
        _share(gross, SALE_PERCENT) if reduced else 0,
        ships=True,
        vat_percent=product.vat_percent,
        vendor=product.vendor,
        is_goods=True,
    )


def extras(dice: Sequence[float]) -> list[Line]:
    """Lines that are no products: now and then a tip, gift wrapping, a gift card."""
    found = []
    if dice[0] < TIPS:
        found.append(_extra("Tip", "", 100 + 50 * int(dice[0] / TIPS * 5), vat_percent=0))
    if dice[1] < WRAPPED:
        found.append(_extra("Gift wrapping", "GIFT-WRAP", WRAPPING_MINOR, vat_percent=20))
    if dice[2] < GIFT_CARDS:
        worth = GIFT_CARD_MINOR[int(dice[2] / GIFT_CARDS * 3)]
        found.append(_extra(gift_card(worth), "", worth, vat_percent=0))
    return found


def gift_card(worth_minor: int) -> str:
    """The name of a gift card's line."""
    return f"{HOUSE} Gift Card - £{worth_minor // 100}.00"


def bill(lines: Sequence[Line], *, dice: Sequence[float], is_counter: bool) -> Bill:
    """Add an order up; a code takes its percentage off the goods and nothing else."""
    code, percent = CODES[int(dice[0] / CODED * 3)] if dice[0] < CODED else ("", 0)
    gross = sum(line.price_minor * line.quantity for line in lines)
    reduced = sum(line.discount_minor for line in lines)
    for_code = _share(sum(_net(line) for line in lines if line.is_goods), percent)
    subtotal = gross - reduced - for_code
    method, shipping = _delivery(subtotal, lines, die=dice[1], is_counter=is_counter)
    taxed = sum(_net(line) for line in lines if line.vat_percent)
    taxed_off = _share(sum(_net(li) for li in lines if li.vat_percent and li.is_goods), percent)
    vat = (taxed - taxed_off + shipping + 3) // 6  # 20 % inside is a sixth
    return Bill(subtotal, shipping, method, vat, reduced + for_code, code)


def _delivery(
    subtotal: int, lines: Sequence[Line], *, die: float, is_counter: bool
) -> tuple[str, int]:
    if is_counter or not any(line.ships for line in lines):
        return "", 0
    if die < COLLECTED:
        return "Collect from High Street Shop", 0
    if die > 1 - HURRIED:
        return "Next working day", NEXT_DAY_MINOR
    if subtotal >= FREE_DELIVERY_FROM_MINOR:
        return "Free UK delivery", 0
    return "Tracked 48", TRACKED_MINOR


def _net(line: Line) -> int:
    return line.price_minor * line.quantity - line.discount_minor


def _share(minor: int, percent: int) -> int:
    return (minor * percent + 50) // 100


def _extra(name: str, sku: str, price_minor: int, *, vat_percent: int) -> Line:
    return Line(
        name,
        sku,
        1,
        price_minor,
        None,
        0,
        ships=False,
        vat_percent=vat_percent,
        vendor=HOUSE,
        is_goods=False,
    )
