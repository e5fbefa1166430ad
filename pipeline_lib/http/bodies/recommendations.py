"""The shapes of what a shop reviews."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from pipeline_lib.http.shapes import Asked, Cursor, Limit, Shape, Taken

Review = Literal["pending", "approved", "rejected"]


class Recommendation(Shape):
    """Requirement 120, with its evidence; money as exact decimals."""

    id: str
    csv_upload_id: str
    shop_id: str
    bundle_type: str
    objective: str
    products: list[dict[str, Any]]
    pricing: dict[str, Any]
    ai_copy: dict[str, Any]
    evidence: dict[str, Any]
    explanation: str
    confidence: float
    ranking_score: float
    score_parts: dict[str, Any]
    rank_position: int
    wave: int | None
    is_approved: bool
    status: Review
    rejection_reason: str | None
    created_at: datetime


class Listing(Asked):
    """Which recommendations: of an upload, an objective, a type, a state; in which order."""

    uploadId: str | None = None
    csvUploadId: str | None = None
    shopId: str | None = None
    objective: str | None = None
    bundle_type: str | None = None
    status: Review | None = None
    min_confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    sort: Literal["rank", "score", "confidence"] = "rank"
    limit: Limit = 50
    cursor: Cursor = None


class Recommendations(Shape):
    """A page; ``total`` of how many."""

    recommendations: list[Recommendation]
    total: int
    next_cursor: str | None


class Verdict(Taken):
    """Whether the shop wants the bundle, and why not."""

    approved: bool = True
    reason: Annotated[str, Field(max_length=500)] | None = None


class Partial(Shape):
    """What is there by now, best first; ``complete`` when nothing more will come."""

    upload_id: str
    status: str
    complete: bool
    preview: bool
    count: int
    recommendations: list[Recommendation]
