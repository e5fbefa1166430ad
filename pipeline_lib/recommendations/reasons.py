"""Why a bundle is recommended, in words for people, from its evidence alone; it sells nothing."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from pipeline_lib.money import as_text, known_currency

Row = Mapping[str, Any]

MONTH_DAYS = 30
TOGETHER = "together"
FROM_SETTING = "setting"

FEW = 5  # orders; a multiple of chance from fewer is a figure and no finding
GREATEST = 1_000  # a greater multiple says only that chance expects next to nothing


class BundleFacts(NamedTuple):
    """What is known beside a bundle's evidence.

    ``products`` are the catalogue's rows of its items, the anchor first; ``newest`` is when the
    newest order was placed; ``currency`` an ISO code.
    """

    products: Sequence[Row]
    newest: datetime | None
    currency: str


def explain_bundle(row: Row, facts: BundleFacts) -> str:
    """One paragraph; every number in it is one of the bundle's or of its products'.

    Args:
        row: a priced bundle: its evidence, ``objective``, ``quantities``, ``gain`` (None where
            nothing is known of it), ``offer`` and ``discount_pct``.
        facts: what is known beside it.
    """
    names = [product["title"] for product in facts.products]
    seen = _nothing_seen(row)
    if row["orders_together"] > 0:
        seen = _pack(row, names[0]) if len(names) == 1 else _bought_together(row, names)
    parts = (seen, OBJECTIVE_SENTENCES[row["objective"]](facts), _gain(row, facts.currency))
    return " ".join(part for part in parts if part)


def _bought_together(row: Row, names: Sequence[str]) -> str:
    _, *rest = names
    other = rest[0] if len(rest) == 1 else "all the others"
    anchor = row["orders_each"][0]
    low = _percent(row["confidence_low"])
    bound = "" if low == _percent(0.0) else f" (in orders to come expect {low} or more)"
    return (
        f"Bought together in {row['orders_together']:,} of {row['orders_total']:,} "
        f"orders, {_beside_chance(row)}. Of the {anchor:,} "
        f"orders with {names[0]}, {_percent(row['confidence'])} also hold {other}{bound}."
    )


def _pack(row: Row, name: str) -> str:
    return (
        f"Of the {row['orders_each'][0]:,} orders with {name}, "
        f"{row['orders_together']:,} ({_percent(row['confidence'])}) took {row['quantities'][0]} "
        f"or more without being asked to."
    )


def _nothing_seen(row: Row) -> str:
    why = "they are of one category"
    if row["source"] == "content":
        why = f"their titles, types and tags are alike (similarity {row['similarity']:.2f})"
    elif row["source"] == "price":
        why = "their prices are near each other, and nothing else is known to join them"
    elif row["similarity"] is not None:
        why = f"they are bought with the same others (similarity {row['similarity']:.2f})"
    if row["orders_total"] == 0:
        return f"No orders were given, so no co-purchase was seen: {why}."
    return f"No co-purchase was seen in {row['orders_total']:,} orders: {why}."


def _gain(row: Row, currency: str) -> str:
    """What the offer is expected to earn, and on what that rests."""
    gain = row["gain"]
    if gain is None:
        return ""
    how = "at list price" if row["offer"] == TOGETHER else f"at {row['discount_pct']:.1f} % off"
    expected, low, high = (
        as_text(round(gain[name]), currency) for name in ("expected", "low", "high")
    )
    money = " ".join(filter(None, (expected, known_currency(currency))))
    guess = ", with the margin of your settings" if gain["margin_from"] == FROM_SETTING else ""
    return (
        f"Offering them together {how} is estimated to earn {money} a month{guess} "
        f"(in eight of ten cases {low} to {high})."
    )


def _any_order(_facts: BundleFacts) -> str:
    return ""


def _slow(facts: BundleFacts) -> str:
    slow = [one for one in facts.products if one.get("is_slow_mover")]
    if not slow:
        return ""
    title, stock, units = (slow[0][name] for name in ("title", "stock", "month_units"))
    if stock is None or stock <= 0:
        return f"It carries along {title}, which sells slowly."
    if not units:
        return f"It carries along {title}, of which {stock:,} are in stock and none sold of late."
    return f"It carries along {title}, of which the stock lasts {_months(stock / units)}."


def _season(facts: BundleFacts) -> str:
    names = [one["title"] for one in facts.products if one.get("is_seasonal")]
    return f"The season of {names[0]} is at hand." if names else ""


def _new(facts: BundleFacts) -> str:
    fresh = [one for one in facts.products if one.get("is_new_launch")]
    since = (fresh[0]["created_at"] or fresh[0]["first_sold"]) if fresh else None
    if since is None or facts.newest is None:
        return ""
    days = max((facts.newest - since).days, 0)
    return f"It introduces {fresh[0]['title']}, {days} {'day' if days == 1 else 'days'} old."


def _category(facts: BundleFacts) -> str:
    kind = facts.products[0]["product_type"]
    return f"All are of the category {kind}{_rising(facts)}." if kind else ""


def _rising(facts: BundleFacts) -> str:
    prices = [one["price_minor"] for one in facts.products]
    rises = len(prices) > 1 + 1 and len(set(prices)) == len(prices)
    if not rises:
        return ""
    low, high = (as_text(price, facts.currency) for price in (min(prices), max(prices)))
    return f", at prices from {low} to {high}"


def _gift(_facts: BundleFacts) -> str:
    return "Its products are bought as gifts, by their titles."


def _again(facts: BundleFacts) -> str:
    one = min(facts.products, key=lambda product: product["repeat_rate"])
    if not one["repeat_days"]:
        return ""
    return (
        f"Of the customers of {one['title']}, {_percent(one['repeat_rate'])} bought it again, "
        f"after {one['repeat_days']:.0f} days in the median."
    )


def _margin(facts: BundleFacts) -> str:
    known = [one["margin_rate"] for one in facts.products if one.get("margin_basis") == "cost"]
    if len(known) < len(facts.products):
        return ""
    return f"Each leaves {_percent(min(known))} of its price or more after cost."


OBJECTIVE_SENTENCES: Mapping[str, Callable[[BundleFacts], str]] = {
    "increase_aov": _any_order,
    "clear_slow_movers": _slow,
    "seasonal_promo": _season,
    "new_launch": _new,
    "category_bundle": _category,
    "gift_box": _gift,
    "subscription_push": _again,
    "margin_guard": _margin,
}


def _months(count: float) -> str:
    if count < 1:
        return f"{count * MONTH_DAYS:.0f} days"
    return f"{count:,.0f} {'month' if round(count) == 1 else 'months'}"


def _beside_chance(evidence: Mapping[str, Any]) -> str:
    """How much more that is than chance; a multiple only where it rests on orders enough."""
    if evidence["orders_together"] < FEW or evidence["lift"] > GREATEST:
        return "which chance alone would hardly give"
    return f"{evidence['lift']:,.1f} times what chance would give"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
