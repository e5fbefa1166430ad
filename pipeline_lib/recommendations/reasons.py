"""Why a bundle is recommended, in words for people, from its evidence alone; it sells nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

OBJECTIVE_WORDS = {
    "increase_aov": "It raises what an order is worth.",
    "clear_slow_movers": "It carries along a product that sells slowly.",
    "seasonal_promo": "It holds a product of the season.",
    "new_launch": "It introduces a new product beside a known one.",
    "category_bundle": "Its products are of one category.",
    "gift_box": "Its products make a gift.",
    "subscription_push": "Its products are bought again and again.",
    "margin_guard": "Its products leave a good margin.",
}

FEW = 5  # orders; a multiple of chance from fewer is a figure and no finding
GREATEST = 1_000  # a greater multiple says only that chance expects next to nothing


def explained(
    evidence: Mapping[str, Any], *, objective: str, names: Sequence[str], units: int
) -> str:
    """One paragraph; every number in it is one of ``evidence`` or follows from it.

    Args:
        evidence: as a recommendation states it.
        objective: one of OBJECTIVES.
        names: the products, the anchor first.
        units: how many units of the anchor the bundle holds.
    """
    told = _nothing_seen(evidence)
    if evidence["orders_together"] > 0:
        told = _pack(evidence, names[0], units) if len(names) == 1 else _seen(evidence, names)
    return f"{told} {OBJECTIVE_WORDS[objective]}"


def _seen(evidence: Mapping[str, Any], names: Sequence[str]) -> str:
    _, *rest = names
    other = rest[0] if len(rest) == 1 else "all the others"
    anchor = evidence["orders_each"][0]
    low = _percent(evidence["confidence_low"])
    bound = "" if low == _percent(0.0) else f" (in orders to come expect {low} or more)"
    return (
        f"Bought together in {evidence['orders_together']:,} of {evidence['orders_total']:,} "
        f"orders, {_beside_chance(evidence)}. Of the {anchor:,} "
        f"orders with {names[0]}, {_percent(evidence['confidence'])} also hold {other}{bound}."
    )


def _pack(evidence: Mapping[str, Any], name: str, units: int) -> str:
    return (
        f"Of the {evidence['orders_each'][0]:,} orders with {name}, "
        f"{evidence['orders_together']:,} ({_percent(evidence['confidence'])}) took {units} "
        f"or more without being asked to."
    )


def _nothing_seen(evidence: Mapping[str, Any]) -> str:
    if evidence["source"] == "content":
        why = f"their titles, types and tags are alike (similarity {evidence['similarity']:.2f})"
    elif evidence["source"] == "price":
        why = "their prices are near each other, and nothing else is known to join them"
    else:
        why = "they are of one category, at rising prices"
    if evidence["orders_total"] == 0:
        return f"No orders were given, so no co-purchase was seen: {why}."
    return f"No co-purchase was seen in {evidence['orders_total']:,} orders: {why}."


def _beside_chance(evidence: Mapping[str, Any]) -> str:
    """How much more that is than chance; a multiple only where it rests on orders enough."""
    if evidence["orders_together"] < FEW or evidence["lift"] > GREATEST:
        return "which chance alone would hardly give"
    return f"{evidence['lift']:,.1f} times what chance would give"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
