"""Figures about a shop's bundles, from their records and evidence; no sale is observed here."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from pipeline_lib.records.recommendations import Bundle, Recommendation

DAYS = {"day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}
MOST_DAYS = 366
TOP = 10

InsightKind = Literal["expected_sales", "unreviewed", "stock", "objective"]


@dataclass(frozen=True)
class Performance:
    """A bundle in figures.

    ``revenue`` is the bundle's price times the orders that held its products together,
    ``conversion`` the share of the anchor's orders that did; 0 where no order was seen.
    """

    bundle: Bundle
    revenue: float
    conversion: float
    orders_together: int


@dataclass(frozen=True)
class BundleTotals:
    """Active bundles in figures; ``average_price`` and ``conversion`` are means over them."""

    bundles: int
    revenue: float
    average_price: float
    conversion: float


@dataclass(frozen=True)
class DayTotals:
    """How many there were on a day."""

    day: date
    recommendations: int
    approved: int
    bundles: int


@dataclass(frozen=True)
class Expectation:
    """A sentence about what the evidence lets one expect, and the figures it rests on."""

    kind: InsightKind
    message: str
    recommendation_ids: Sequence[str]
    figures: Mapping[str, float]


def measure_bundle(bundle: Bundle) -> Performance:
    """The bundle in figures."""
    together = bundle.evidence.orders_together or 0
    return Performance(
        bundle=bundle,
        revenue=round(together * float(bundle.pricing.bundle_price), 2),
        conversion=bundle.evidence.confidence or 0.0,
        orders_together=together,
    )


def sum_bundles(bundles: Sequence[Bundle]) -> BundleTotals:
    """The dashboard's figures of active bundles."""
    measured = [measure_bundle(one) for one in bundles]
    return BundleTotals(
        bundles=len(bundles),
        revenue=round(sum(one.revenue for one in measured), 2),
        average_price=round(_mean([float(one.pricing.bundle_price) for one in bundles]), 2),
        conversion=round(_mean([one.conversion for one in measured]), 4),
    )


def count_days(
    bundles: Sequence[Bundle],
    recommendations: Sequence[Recommendation],
    completed: Mapping[str, datetime],
    *,
    until: date,
    days: int,
) -> list[DayTotals]:
    """How many of each there were a day.

    Args:
        bundles: by ``created_at``.
        recommendations: by when their upload's run was completed, and by ``judged_at``.
        completed: when each upload's run was, by the upload's id.
        until: the last day.
        days: how many, at most ``MOST_DAYS``.

    Returns:
        A row for each day, the oldest first.
    """
    made = Counter(one.created_at.date() for one in bundles)
    shown = Counter(
        completed[one.upload_id].date() for one in recommendations if one.upload_id in completed
    )
    judged = Counter(
        one.judged_at.date()
        for one in recommendations
        if one.is_approved and one.judged_at is not None
    )
    every = [until - timedelta(days=ago) for ago in range(min(days, MOST_DAYS) - 1, -1, -1)]
    return [DayTotals(day, shown[day], judged[day], made[day]) for day in every]


def expectations(recommendations: Sequence[Recommendation]) -> list[Expectation]:
    """What the evidence lets one expect, a sentence each; none where there is nothing to say."""
    best = sorted(recommendations, key=lambda one: -(one.evidence.forecast or 0.0))[:3]
    found = [_expected_sales(one, forecast) for one in best if (forecast := one.evidence.forecast)]
    stocked = [_short_stock(one) for one in recommendations]
    found += [one for one in stocked if one is not None][:3]
    waiting = [one.id for one in recommendations if one.review == "pending"]
    if waiting:
        text = f"{len(waiting)} bundles wait for your review"
        figures = {"count": float(len(waiting))}
        found.append(Expectation("unreviewed", text, waiting[:TOP], figures))
    return found


def _expected_sales(one: Recommendation, forecast: float) -> Expectation:
    text = (
        f"{one.ai_copy.title} is expected to go on selling together: "
        f"{forecast:.1f} more orders than chance would give"
    )
    return Expectation("expected_sales", text, [one.id], {"orders": round(forecast, 2)})


def _short_stock(one: Recommendation) -> Expectation | None:
    stock = one.evidence.stock
    if stock is None or stock.days is None or stock.days >= DAYS["month"]:
        return None
    text = f"{one.ai_copy.title}: {stock.first_out} lasts about {stock.days:.0f} days"
    return Expectation("stock", text, [one.id], {"days": float(stock.days)})


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
