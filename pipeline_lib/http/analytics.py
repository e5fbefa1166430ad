"""What a shop's dashboard shows: figures about its bundles, over time, and what to expect."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from pipeline_lib.http.bundles import active_bundles
from pipeline_lib.http.door import Door, ShopCaller
from pipeline_lib.http.errors import ShopNotFound
from pipeline_lib.http.identity import Caller
from pipeline_lib.http.problems import refusals
from pipeline_lib.http.reading import current_ones
from pipeline_lib.http.services import ApiServices, Services
from pipeline_lib.http.shapes import Answer, ShopQuery, example
from pipeline_lib.recommendations.performance import (
    DAYS,
    MOST_DAYS,
    TOP,
    InsightKind,
    Performance,
    count_days,
    expectations,
    measure_bundle,
    sum_bundles,
)
from pipeline_lib.records.store import is_current
from pipeline_lib.records.uploads import Upload

router = APIRouter(tags=["analytics"], route_class=Door)


class AnalyticsQuery(ShopQuery):
    """Since when."""

    timeRange: Literal["day", "week", "month", "quarter", "year", "all"] = "week"


class DashboardStats(Answer):
    """The shop in eight figures. Money is in the shop's currency.

    ``bundleRevenue`` is what the sets of the active bundles, as they were bought together in the
    orders that were read, would have made at the bundles' prices; ``conversionRate`` is the mean
    share of the anchor's orders that hold the whole set; ``avgBundleSize`` the mean price.
    """

    model_config = example(
        {
            "activeBundles": 12,
            "bundleRevenue": 4520.5,
            "avgBundleSize": 89.99,
            "conversionRate": 0.18,
            "totalRecommendations": 42,
            "approvedRecommendations": 12,
            "totalOrders": 250,
            "totalProducts": 450,
        }
    )

    activeBundles: int
    bundleRevenue: float
    avgBundleSize: float
    conversionRate: float
    totalRecommendations: int
    approvedRecommendations: int
    totalOrders: int
    totalProducts: int


class DayCounts(Answer):
    """How many there were on a day."""

    date: date
    recommendations: int
    approved: int
    bundles: int


class BundlePerformance(Answer):
    """A bundle in figures."""

    id: str
    title: str
    objective: str
    bundle_type: str
    bundleRevenue: float
    conversionRate: float
    ordersTogether: int

    @classmethod
    def of(cls, measured: Performance) -> "BundlePerformance":
        """A bundle's figures in their documented shape."""
        return cls(
            id=measured.bundle.id,
            title=measured.bundle.ai_copy.title,
            objective=measured.bundle.objective,
            bundle_type=measured.bundle.bundle_type,
            bundleRevenue=measured.revenue,
            conversionRate=measured.conversion,
            ordersTogether=measured.orders_together,
        )


class Analytics(Answer):
    """The shop's bundles over time, and each in figures."""

    model_config = example(
        {
            "timeSeries": [
                {"date": "2026-03-02", "recommendations": 42, "approved": 3, "bundles": 3}
            ],
            "bundlePerformance": [],
            "topBundles": [],
        }
    )

    timeSeries: list[DayCounts]
    bundlePerformance: list[BundlePerformance]
    topBundles: list[BundlePerformance]


class Insight(Answer):
    """A sentence, and the figures it rests on."""

    kind: InsightKind
    message: str
    recommendation_ids: list[str]
    figures: dict[str, float]


class InsightList(Answer):
    """What the evidence lets one expect."""

    model_config = example(
        {
            "insights": [
                {
                    "kind": "unreviewed",
                    "message": "3 bundles wait for your review",
                    "recommendation_ids": ["rec_5a6f2c3e_1"],
                    "figures": {"count": 3},
                }
            ]
        }
    )

    insights: Annotated[list[Insight], Field(description="Those that matter most first.")]


@router.get("/api/dashboard-stats", responses=refusals(ShopNotFound))
def get_dashboard_stats(
    query: Annotated[ShopQuery, Query()], caller: ShopCaller, services: Services
) -> DashboardStats:
    """Get a shop in eight figures."""
    caller.refuse_other_shop(query.shopId)
    newest = _newest_completed(services, caller)
    records = services.collections.recommendations
    totals = sum_bundles(active_bundles(services, caller))
    return DashboardStats(
        activeBundles=totals.bundles,
        bundleRevenue=totals.revenue,
        avgBundleSize=totals.average_price,
        conversionRate=totals.conversion,
        totalRecommendations=records.count(shop_id=caller.name),
        approvedRecommendations=records.count(shop_id=caller.name, is_approved=True),
        totalOrders=0 if newest is None else newest.output("enrich", "orders"),
        totalProducts=0 if newest is None else newest.output("enrich", "products"),
    )


@router.get("/api/analytics", responses=refusals(ShopNotFound))
def get_analytics(
    query: Annotated[AnalyticsQuery, Query()], caller: ShopCaller, services: Services
) -> Analytics:
    """Get a shop's bundles over time."""
    caller.refuse_other_shop(query.shopId)
    return analytics_of(services, caller, query.timeRange)


@router.get("/api/analytics/insights", responses=refusals(ShopNotFound))
def list_insights(
    query: Annotated[ShopQuery, Query()], caller: ShopCaller, services: Services
) -> InsightList:
    """List what the evidence lets one expect."""
    caller.refuse_other_shop(query.shopId)
    found = services.collections.recommendations.find(shop_id=caller.name)
    told = expectations(current_ones(found, services.now()))
    return InsightList(
        insights=[
            Insight(
                kind=one.kind,
                message=one.message,
                recommendation_ids=list(one.recommendation_ids),
                figures=dict(one.figures),
            )
            for one in told
        ]
    )


def analytics_of(services: ApiServices, caller: Caller, time_range: str) -> Analytics:
    """The shop's bundles over time, and each in figures."""
    collections, now = services.collections, services.now()
    bundles = active_bundles(services, caller)
    measured = sorted(map(measure_bundle, bundles), key=lambda one: (-one.revenue, one.bundle.id))
    uploads = current_ones(collections.uploads.find(shop_id=caller.name), now)
    found = current_ones(collections.recommendations.find(shop_id=caller.name), now)
    days = count_days(
        bundles,
        found,
        {one.upload_id: one.completed_at for one in uploads if one.completed_at is not None},
        until=now.date(),
        days=DAYS.get(time_range, MOST_DAYS),
    )
    rows = [BundlePerformance.of(one) for one in measured]
    return Analytics(
        timeSeries=[
            DayCounts(
                date=one.day,
                recommendations=one.recommendations,
                approved=one.approved,
                bundles=one.bundles,
            )
            for one in days
        ],
        bundlePerformance=rows,
        topBundles=rows[:TOP],
    )


def _newest_completed(services: ApiServices, caller: Caller) -> Upload | None:
    found = services.collections.uploads.find(
        order=Upload.completed_last, most=1, shop_id=caller.name
    )
    if not found or found[0].record.completed_at is None:
        return None
    return found[0].record if is_current(found[0].record, services.now()) else None
