"""What a shop's dashboard shows: figures about its bundles, over time, and what to expect."""

from pipeline_lib.http.bodies.bundles import (
    Analytics,
    AnalyticsAsked,
    DashboardStats,
    Insights,
    ShopNamed,
)
from pipeline_lib.http.calls.bundles import active
from pipeline_lib.http.endpoint import Call, Endpoint
from pipeline_lib.http.identity import Access
from pipeline_lib.http.shelf import all_own, newest, own_ones
from pipeline_lib.recommendations.performance import (
    DAYS,
    MOST_DAYS,
    TOP,
    insights,
    performance,
    series,
    stats,
)


def dashboard(call: Call, asked: ShopNamed) -> DashboardStats:
    """The shop in eight figures."""
    call.own_shop(asked.shopId)
    done = newest(call, "uploads", "completed_at")
    read = {} if done is None else done["phases"].get("enrich", {}).get("output", {})
    count = call.documents.count
    return DashboardStats.model_validate(
        {
            **stats(active(call)),
            "totalRecommendations": count("recommendations", own_ones(call)),
            "approvedRecommendations": count("recommendations", own_ones(call, is_approved=True)),
            "totalOrders": read.get("orders", 0),
            "totalProducts": read.get("products", 0),
        }
    )


def analysed(call: Call, asked: AnalyticsAsked) -> Analytics:
    """The shop's bundles over time, and each in figures."""
    call.own_shop(asked.shopId)
    return analytics(call, asked.timeRange)


def analytics(call: Call, time_range: str) -> Analytics:
    """The same, for the export too."""
    bundles = active(call)
    rows = sorted(map(performance, bundles), key=lambda row: (-row["bundleRevenue"], row["id"]))
    completed = {
        one["upload_id"]: one["completed_at"]
        for one in all_own(call, "uploads")
        if one["completed_at"] is not None
    }
    days = series(
        bundles,
        all_own(call, "recommendations"),
        completed,
        until=call.now.date(),
        days=DAYS.get(time_range, MOST_DAYS),
    )
    return Analytics.model_validate(
        {"timeSeries": days, "bundlePerformance": rows, "topBundles": rows[:TOP]}
    )


def expected(call: Call, asked: ShopNamed) -> Insights:
    """What the evidence lets one expect."""
    call.own_shop(asked.shopId)
    return Insights.model_validate({"insights": insights(all_own(call, "recommendations"))})


ROWS = (
    Endpoint(
        "GET",
        "/api/dashboard-stats",
        "The shop in eight figures",
        Access.SHOP,
        dashboard,
        DashboardStats,
        (45, 67, 271),
        asks=ShopNamed,
    ),
    Endpoint(
        "GET",
        "/api/analytics",
        "The shop's bundles over time",
        Access.SHOP,
        analysed,
        Analytics,
        (45, 68, 271),
        asks=AnalyticsAsked,
    ),
    Endpoint(
        "GET",
        "/api/analytics/insights",
        "What the evidence lets one expect",
        Access.SHOP,
        expected,
        Insights,
        (45, 271),
        asks=ShopNamed,
    ),
)
