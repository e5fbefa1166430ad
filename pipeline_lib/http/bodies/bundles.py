"""The shapes of active bundles, of figures about them and of rules."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from pipeline_lib.http.bodies.generation import UploadId
from pipeline_lib.http.shapes import Asked, Cursor, Limit, Shape, Taken

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,200}$")]


class FromRecommendation(Taken):
    """Which recommendation becomes a bundle."""

    recommendationId: Name


class Bundle(Shape):
    """Requirement 121; money as exact decimals."""

    id: str
    shop_id: str
    recommendation_id: str
    bundle_type: str
    objective: str
    products: list[dict[str, Any]]
    pricing: dict[str, Any]
    ai_copy: dict[str, Any]
    is_active: bool
    created_at: datetime
    deactivated_at: datetime | None


class BundlesAsked(Asked):
    """Which page."""

    limit: Limit = 50
    cursor: Cursor = None
    shopId: str | None = None


class Bundles(Shape):
    """A page of active bundles, the newest first."""

    bundles: list[Bundle]
    total: int
    next_cursor: str | None


class ShopNamed(Asked):
    """The caller's own shop may be named."""

    shopId: str | None = None


class AnalyticsAsked(ShopNamed):
    """Since when."""

    timeRange: Literal["day", "week", "month", "quarter", "year", "all"] = "week"


class DashboardStats(Shape):
    """Requirement 67. Money is in the shop's currency.

    ``bundleRevenue`` is what the sets of the active bundles, as they were bought together in the
    orders that were read, would have made at the bundles' prices; ``conversionRate`` is the mean
    share of the anchor's orders that hold the whole set; ``avgBundleSize`` the mean price.
    """

    activeBundles: int
    bundleRevenue: float
    avgBundleSize: float
    conversionRate: float
    totalRecommendations: int
    approvedRecommendations: int
    totalOrders: int
    totalProducts: int


class Point(Shape):
    """A day."""

    date: date
    recommendations: int
    approved: int
    bundles: int


class Performance(Shape):
    """A bundle in figures."""

    id: str
    title: str
    objective: str
    bundle_type: str
    bundleRevenue: float
    conversionRate: float
    ordersTogether: int


class Analytics(Shape):
    """Requirement 68."""

    timeSeries: list[Point]
    bundlePerformance: list[Performance]
    topBundles: list[Performance]


class Insight(Shape):
    """A sentence, and the figures it rests on."""

    kind: Literal["expected_sales", "unreviewed", "stock", "objective"]
    message: str
    recommendation_ids: list[str]
    figures: dict[str, float]


class Insights(Shape):
    """What the evidence lets one expect."""

    insights: list[Insight]


class Side(Shape):
    """One side of a rule."""

    items: list[str]


class Rule(Shape):
    """Requirement 69; the items are SKUs."""

    antecedent: Side
    consequent: Side
    support: float
    confidence: float
    lift: float
    orders: int
    confidence_low: float


class RulesWanted(Taken):
    """Of which upload, and from which thresholds on (requirement 151)."""

    csvUploadId: UploadId
    min_support: Annotated[float, Field(gt=0, le=1)] = 0.02
    min_confidence: Annotated[float, Field(ge=0, le=1)] = 0.05


class RulesMade(Shape):
    """How many rules there are."""

    uploadId: str
    status: Literal["completed"] = "completed"
    rules_count: int


class RulesAsked(Asked):
    """Of which upload."""

    uploadId: UploadId
    limit: Limit = 50
    offset: Annotated[int, Field(ge=0, le=100_000)] = 0


class Rules(Shape):
    """The rules with most orders first; ``total`` of how many."""

    uploadId: str
    rules: list[Rule]
    total: int
