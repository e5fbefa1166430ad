"""Figures about a shop's bundles, from their documents and evidence; no sale is observed here."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

DAYS = {"day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}
MOST_DAYS = 366
TOP = 10

Row = Mapping[str, Any]


def performance(one: Row) -> dict[str, Any]:
    """A bundle or a recommendation in figures.

    ``bundleRevenue`` is the bundle's price times the orders that held its products together,
    ``conversionRate`` the share of the anchor's orders that did; 0 where no order was seen.
    """
    evidence = one["evidence"]
    together = evidence["orders_together"] or 0
    return {
        "id": one["id"],
        "title": one["ai_copy"].get("title", ""),
        "objective": one["objective"],
        "bundle_type": one["bundle_type"],
        "bundleRevenue": round(together * float(one["pricing"]["bundle_price"]), 2),
        "conversionRate": evidence["confidence"] or 0.0,
        "ordersTogether": together,
    }


def stats(bundles: Sequence[Row]) -> dict[str, Any]:
    """The dashboard's figures of active bundles."""
    rows = [performance(one) for one in bundles]
    prices = [float(one["pricing"]["bundle_price"]) for one in bundles]
    return {
        "activeBundles": len(bundles),
        "bundleRevenue": round(sum(row["bundleRevenue"] for row in rows), 2),
        "avgBundleSize": round(_mean(prices), 2),
        "conversionRate": round(_mean([row["conversionRate"] for row in rows]), 4),
    }


def series(
    bundles: Sequence[Row],
    recommendations: Sequence[Row],
    uploads: Mapping[str, datetime],
    *,
    until: date,
    days: int,
) -> list[dict[str, Any]]:
    """How many of each there were a day.

    Args:
        bundles: by ``created_at``.
        recommendations: by when their upload's run was completed, and by ``judged_at``.
        uploads: when each was completed.
        until: the last day.
        days: how many, at most ``MOST_DAYS``.

    Returns:
        A row for each day, the oldest first.
    """
    made = Counter(one["created_at"].date() for one in bundles)
    shown = Counter(
        uploads[one["upload_id"]].date() for one in recommendations if one["upload_id"] in uploads
    )
    judged = Counter(
        one["judged_at"].date()
        for one in recommendations
        if one["is_approved"] and one.get("judged_at") is not None
    )
    every = [until - timedelta(days=ago) for ago in range(min(days, MOST_DAYS) - 1, -1, -1)]
    return [
        {"date": day, "recommendations": shown[day], "approved": judged[day], "bundles": made[day]}
        for day in every
    ]


def insights(recommendations: Sequence[Row]) -> list[dict[str, Any]]:
    """What the evidence lets one expect, a sentence each; none where there is nothing to say."""
    best = sorted(recommendations, key=lambda one: -(one["evidence"].get("forecast") or 0.0))[:3]
    told = [_expected(one) for one in best if (one["evidence"].get("forecast") or 0.0) > 0]
    told += [_stock(one) for one in recommendations if _runs_out(one)][:3]
    waiting = [
        one["id"]
        for one in recommendations
        if not one["is_approved"] and not one.get("is_rejected")
    ]
    if waiting:
        text = f"{len(waiting)} bundles wait for your review"
        told.append(_insight("unreviewed", text, waiting[:TOP], {"count": len(waiting)}))
    return told


def _expected(one: Row) -> dict[str, Any]:
    forecast = float(one["evidence"]["forecast"])
    text = (
        f"{one['ai_copy'].get('title', one['id'])} is expected to go on selling together: "
        f"{forecast:.1f} more orders than chance would give"
    )
    return _insight("expected_sales", text, [one["id"]], {"orders": round(forecast, 2)})


def _runs_out(one: Row) -> bool:
    stock = one["evidence"].get("stock")
    return stock is not None and stock.get("days") is not None and stock["days"] < DAYS["month"]


def _stock(one: Row) -> dict[str, Any]:
    stock = one["evidence"]["stock"]
    title = one["ai_copy"].get("title", one["id"])
    text = f"{title}: {stock['first_out']} lasts about {stock['days']:.0f} days"
    return _insight("stock", text, [one["id"]], {"days": float(stock["days"])})


def _insight(kind: str, text: str, ids: list[str], figures: Mapping[str, float]) -> dict[str, Any]:
    return {"kind": kind, "message": text, "recommendation_ids": ids, "figures": dict(figures)}


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
