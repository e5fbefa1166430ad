"""A row of the worded portfolio as the document a shop reviews; nothing is computed anew."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from pipeline_lib.money import as_text, known_currency

AMOUNTS = ("given_away", "revenue", "profit")  # of an estimate, in minor units
ROLES = {
    "FBT": ("anchor", "companion"),
    "BOGO": ("buy", "get"),
    "MIX": ("choice", "choice"),
    "VOLUME": ("anchor", "anchor"),
}


class Setting(NamedTuple):
    """What all recommendations of a run share; ``created_at`` is when their evidence ends."""

    upload_id: str
    shop_id: str
    currency: str
    created_at: datetime


Row = Mapping[str, Any]


def document(row: Row, products: Sequence[Row], setting: Setting) -> dict[str, Any]:
    """The recommendation of one bundle.

    Args:
        row: a row of the worded portfolio.
        products: the catalogue's rows of its items, the anchor first.
        setting: what is the same for the whole run.
    """
    return {
        "id": f"{setting.upload_id}-{row['key'][:16]}",
        "upload_id": setting.upload_id,
        "shop_id": setting.shop_id,
        "bundle_type": row["bundle_type"],
        "objective": row["objective"],
        "products": _products(row, products, setting.currency),
        "pricing": _pricing(row, products, setting.currency),
        "ai_copy": dict(row["ai_copy"]),
        "evidence": evidence(row, setting.currency),
        "explanation": row["explanation"],
        "confidence": row["confidence"] or 0.0,
        "ranking_score": row["ranking_score"],
        "score_parts": {**row["score_parts"], "novelty": -row["novelty"]},
        "rank_position": row["rank_position"],
        "wave": row["wave"],
        "is_approved": False,
        "is_rejected": False,
        "created_at": setting.created_at,
    }


def evidence(row: Row, currency: str) -> dict[str, Any]:
    """What the bundle rests on; null is what can not be said of it."""
    names = (
        "source",
        "rung",
        "orders_together",
        "orders_each",
        "orders_total",
        "expected_together",
        "lift",
        "confidence",
        "confidence_low",
        "q_value",
        "similarity",
        "forecast",
    )
    return {name: row[name] for name in names} | {
        name: _money_of(row[name], currency) for name in ("incremental", "stock")
    }


def _money_of(month: Row | None, currency: str) -> dict[str, Any] | None:
    """The estimate with its amounts as exact decimals."""
    if month is None:
        return None
    return {
        name: as_text(value, currency) if name in AMOUNTS and value is not None else value
        for name, value in month.items()
    }


def _products(row: Row, products: Sequence[Row], currency: str) -> list[dict[str, Any]]:
    first, other = ROLES[row["bundle_type"]]
    return [
        {
            "sku": product["written_sku"],
            "name": product["title"],
            "quantity": quantity,
            "unit_price": as_text(product["price_minor"], currency),
            "unit_cost": None
            if product["cost_minor"] is None
            else as_text(product["cost_minor"], currency),
            "role": first if place == 0 else other,
        }
        for place, (product, quantity) in enumerate(zip(products, row["quantities"], strict=True))
    ]


def _pricing(row: Row, products: Sequence[Row], currency: str) -> dict[str, Any]:
    bounds = row["bounds"]
    return {
        "currency": known_currency(currency),
        "list_price": as_text(row["list_minor"], currency),
        "bundle_price": as_text(row["bundle_minor"], currency),
        "discount_pct": row["discount_pct"],
        "margin_pct": row["margin_pct"],
        "bounds": {
            "low": as_text(bounds["low"], currency),
            "low_by": bounds["low_by"],
            "high": as_text(bounds["high"], currency),
            "high_by": bounds["high_by"],
            "decided_by": row["bit"],
        },
        **_by_type(row, products, currency),
    }


def _by_type(row: Row, products: Sequence[Row], currency: str) -> dict[str, Any]:
    """What only some types have: the pack's tiers, and what the second product is cheaper by."""
    if row["bundle_type"] == "VOLUME":
        return {
            "tiers": [
                {"units": tier["units"], "price": as_text(tier["price_minor"], currency)}
                for tier in row["tiers"]
            ]
        }
    if row["bundle_type"] == "BOGO":
        helped = products[1]["price_minor"] * row["quantities"][1]
        off = row["list_minor"] - row["bundle_minor"]
        return {"get_discount_pct": round(100 * min(off / helped, 1.0), 2)}
    return {}
