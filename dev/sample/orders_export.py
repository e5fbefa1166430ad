"""The sample shop's orders as Shopify's orders export."""

import csv
import io
from collections.abc import Iterator, Sequence

from dev.sample import seasons
from dev.sample.catalogue import format_money
from dev.sample.checkout import Line
from dev.sample.customers import customer_of
from dev.sample.export_headers import (
    ADDRESS,
    ORDER_HEAD,
    ORDER_ORIGIN,
    ORDER_PAYMENT,
    ORDER_TAIL,
    ORDERS,
)
from dev.sample.orders import SampleOrder

ZONES = seasons.daily_timestamps(extra_days=7)
CANCELLED_AFTER_S = 5_700
FIRST_ID = 6_104_000_000_000
ADDRESSES = 2 * len(ADDRESS)
BLANK_HEAD = [""] * len(ORDER_HEAD)
BLANK_MIDDLE = [""] * (ADDRESSES + len(ORDER_PAYMENT))
BLANK_ORIGIN = [""] * len(ORDER_ORIGIN)
BLANK_TAIL = [""] * len(ORDER_TAIL)
UNUSUAL_PAYMENT = {"test": "bogus", "pending": "Bank Deposit"}
FINANCIAL = {"cancelled": "refunded", "test": "paid"}  # other fates bear Shopify's own name


def orders_csv(orders: Sequence[SampleOrder]) -> bytes:
    """One row a line, newest order first; order-level cells only on an order's first row."""
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\n")
    writer.writerow(ORDERS)
    for order in reversed(orders):
        writer.writerows(_rows(order))
    return sheet.getvalue().encode()


def _rows(order: SampleOrder) -> Iterator[list[str]]:
    first, *more = order.lines
    created = _stamp(order.moment_s)
    name = [f"#{order.number}", "" if order.is_counter else customer_of(order.customer).email]
    yield [
        *(*name, *_head(order), created, *_line(first, order)),
        *(*_addresses(order), *_payment(order), first.vendor),
        *(*_origin(order), format_money(first.discount_minor), *_tail(order)),
    ]
    for line in more:
        yield [
            *(*name, *BLANK_HEAD, created, *_line(line, order)),
            *(*BLANK_MIDDLE, line.vendor),
            *(*BLANK_ORIGIN, format_money(line.discount_minor), *BLANK_TAIL),
        ]


def _head(order: SampleOrder) -> list[str]:
    bill = order.bill
    is_paid = order.fate not in ("voided", "pending")
    likes_news = not order.is_counter and customer_of(order.customer).likes_news
    return [
        FINANCIAL.get(order.fate, order.fate),
        _stamp(order.moment_s) if is_paid else "",
        "fulfilled" if order.is_sent else "unfulfilled",
        _stamp(order.sent_s) if order.is_sent else "",
        "yes" if likes_news else "no",
        "GBP",
        format_money(bill.subtotal_minor),
        format_money(bill.shipping_minor),
        format_money(bill.vat_minor),
        format_money(bill.total_minor),
        bill.discount_code,
        format_money(bill.discount_minor),
        bill.shipping_method,
    ]


def _line(line: Line, order: SampleOrder) -> list[str]:
    return [
        str(line.quantity),
        line.name,
        format_money(line.price_minor),
        "" if line.compare_at_minor is None else format_money(line.compare_at_minor),
        line.sku,
        "true" if line.ships else "false",
        "true" if line.vat_percent else "false",
        "fulfilled" if order.is_sent else "pending",
    ]


def _addresses(order: SampleOrder) -> list[str]:
    if order.is_counter:
        return [""] * ADDRESSES
    who = customer_of(order.customer)
    lines = [who.name, who.street, who.street, "", ""]
    address = [*lines, who.town, who.postcode, "ENG", "GB", who.phone]
    return address * 2


def _payment(order: SampleOrder) -> list[str]:
    is_off = order.fate in ("cancelled", "voided")
    off = _stamp(order.moment_s + CANCELLED_AFTER_S) if is_off else ""
    note = "Please leave with the neighbour." if order.number % 41 == 0 else ""
    return [note, "", off, _paid_by(order), reference(order), format_money(refunded_minor(order))]


def _paid_by(order: SampleOrder) -> str:
    if order.fate in UNUSUAL_PAYMENT:
        return UNUSUAL_PAYMENT[order.fate]
    if order.is_counter and order.number % 3 == 0:
        return "Cash"
    is_paypal = not order.is_counter and order.number % 5 == 0
    return "PayPal Express Checkout" if is_paypal else "Shopify Payments"


def reference(order: SampleOrder) -> str:
    """What the payment provider calls the payment."""
    return f"kettle-{order.number}.1"


def refunded_minor(order: SampleOrder) -> int:
    """Pence given back: all, the half, or nothing."""
    if order.fate in ("cancelled", "refunded"):
        return order.bill.total_minor
    return order.bill.total_minor // 2 if order.fate == "partially_refunded" else 0


def _origin(order: SampleOrder) -> list[str]:
    owed = order.bill.total_minor if order.fate == "pending" else 0
    return [
        format_money(owed),
        "",
        "High Street Shop" if order.is_counter else "",
        "1" if order.is_counter else "",
        str(FIRST_ID + order.number * 4096),
        "test" if order.fate == "test" else "",
        "Low",
        "pos" if order.is_counter else "web",
    ]


def _tail(order: SampleOrder) -> list[str]:
    tax = ["GB VAT 20%", format_money(order.bill.vat_minor)] if order.bill.vat_minor else ["", ""]
    phone = "" if order.is_counter else customer_of(order.customer).phone
    province = "" if order.is_counter else "England"
    paid = reference(order)
    return [*tax, *[""] * 8, phone, "", "", province, province, paid, "", "", paid]


def _stamp(moment_s: int) -> str:
    """``2026-09-03 10:14:00 +0100``."""
    offset, of_day = divmod(moment_s, seasons.DAY_S)
    day, zone = ZONES[offset]
    minutes, second = divmod(of_day, 60)
    hour, minute = divmod(minutes, 60)
    return f"{day} {hour:02d}:{minute:02d}:{second:02d} {zone}"
