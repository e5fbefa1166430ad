"""What a shop reviews: pages, one, approve or reject, and what is there before a run is over."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from pipeline_lib.http.door import NOT_WHILE_PAUSED, Door, ShopCaller
from pipeline_lib.http.errors import BadCursor, Invalid, NotFound, ShopNotFound
from pipeline_lib.http.identity import Caller
from pipeline_lib.http.problems import refusals
from pipeline_lib.http.reading import current_ones, own_upload, read_own, read_page
from pipeline_lib.http.services import ApiServices, Services
from pipeline_lib.http.shapes import Answer, Body, PageQuery, PathName, example
from pipeline_lib.ports import Order
from pipeline_lib.records.recommendations import (
    AiCopy,
    BundleProduct,
    BundleType,
    Evidence,
    ExpectedGain,
    Objective,
    OfferKind,
    Pricing,
    Recommendation,
    Review,
    SetOption,
)

router = APIRouter(tags=["recommendations"], route_class=Door)

ORDERS = {
    "rank": Recommendation.by_rank,
    "score": Recommendation.by_score,
    "confidence": Recommendation.by_confidence,
}
REVIEWED: dict[Review, dict[str, bool]] = {
    "approved": {"is_approved": True},
    "rejected": {"is_approved": False, "is_rejected": True},
    "pending": {"is_approved": False, "is_rejected": False},
}
EXAMPLE_ID = "rec_5a6f2c3e_1"
PRODUCTS_EXAMPLE = [
    {
        "sku": "TEA-1",
        "name": "Green tea",
        "quantity": 1,
        "unit_price": "12.00",
        "unit_cost": "4.00",
        "role": "anchor",
    },
    {
        "sku": "POT-2",
        "name": "Teapot",
        "quantity": 1,
        "unit_price": "28.00",
        "unit_cost": None,
        "role": "companion",
    },
]
PRICING_EXAMPLE = {
    "currency": "GBP",
    "list_price": "40.00",
    "bundle_price": "36.00",
    "discount_pct": 10.0,
    "margin_pct": None,
    "bounds": {
        "low": "32.00",
        "low_by": "objective",
        "high": "40.00",
        "high_by": "list price",
        "decided_by": None,
    },
}
COPY_EXAMPLE = {
    "title": "Green tea & Teapot",
    "tagline": "Better together",
    "description": "Everything for a quiet afternoon.",
    "source": "template",
}
EXAMPLE = {
    "id": EXAMPLE_ID,
    "csv_upload_id": "5a6f2c3e-8a34-4c53-9b3d-0d6f1f0b7c11",
    "shop_id": "my-shop.myshopify.com",
    "bundle_type": "FBT",
    "objective": "increase_aov",
    "other_objectives": ["gift_box"],
    "offer": "discounted",
    "is_series": False,
    "options": [{"skus": ["GT-2", "TP-1"]}],
    "products": PRODUCTS_EXAMPLE,
    "pricing": PRICING_EXAMPLE,
    "ai_copy": COPY_EXAMPLE,
    "gain": {
        "expected": "41.20",
        "low": "9.80",
        "high": "83.40",
        "at_list_price": "35.10",
        "margin_from": "cost",
    },
    "evidence": {
        "source": "co_purchase",
        "rung": "strict",
        "orders_together": 31,
        "orders_each": [120, 64],
        "orders_total": 900,
        "expected_together": 8.5,
        "lift": 3.6,
        "confidence": 0.26,
        "confidence_low": 0.19,
        "q_value": 0.0001,
        "similarity": None,
        "forecast": 4.2,
        "incremental": None,
        "stock": None,
    },
    "explanation": "31 orders held both.",
    "confidence": 0.19,
    "ranking_score": 0.71,
    "score_parts": {"confidence": 0.4, "lift": 0.31},
    "rank_position": 1,
    "wave": 1,
    "is_approved": False,
    "status": "pending",
    "rejection_reason": None,
    "created_at": "2026-03-02T09:00:00Z",
}


class RecommendationAnswer(Answer):
    """A bundle that is recommended, with what it rests on; money as exact decimals."""

    model_config = example(EXAMPLE)

    id: str
    csv_upload_id: str
    shop_id: str
    bundle_type: BundleType
    objective: Objective
    other_objectives: Annotated[tuple[Objective, ...], Field(description="Served too, best first.")]
    offer: Annotated[OfferKind, Field(description="`together` is at list price.")]
    is_series: Annotated[bool, Field(description="Of one line: one thing in other colours, sizes.")]
    options: tuple[SetOption, ...]
    products: tuple[BundleProduct, ...]
    pricing: Pricing
    ai_copy: AiCopy
    gain: Annotated[ExpectedGain | None, Field(description="Null where no order tells.")]
    evidence: Evidence
    explanation: str
    confidence: float
    ranking_score: float
    score_parts: Mapping[str, float]
    rank_position: int
    wave: int | None
    is_approved: bool
    status: Review
    rejection_reason: str | None
    created_at: datetime

    @classmethod
    def of(cls, stored: Recommendation) -> "RecommendationAnswer":
        """A recommendation in its documented shape."""
        return cls(
            id=stored.id,
            csv_upload_id=stored.upload_id,
            shop_id=stored.shop_id,
            bundle_type=stored.bundle_type,
            objective=stored.objective,
            other_objectives=stored.other_objectives,
            offer=stored.offer,
            is_series=stored.is_series,
            options=stored.options,
            products=stored.products,
            pricing=stored.pricing,
            ai_copy=stored.ai_copy,
            gain=stored.gain,
            evidence=stored.evidence,
            explanation=stored.explanation,
            confidence=stored.confidence,
            ranking_score=stored.ranking_score,
            score_parts=stored.score_parts,
            rank_position=stored.rank_position,
            wave=stored.wave,
            is_approved=stored.is_approved,
            status=stored.review,
            rejection_reason=stored.rejection_reason,
            created_at=stored.created_at,
        )


class RecommendationQuery(PageQuery):
    """Which recommendations: of an upload, an objective, a type, a state; in which order."""

    uploadId: str | None = None
    csvUploadId: str | None = None
    objective: str | None = None
    bundle_type: str | None = None
    status: Review | None = None
    min_confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    sort: Literal["rank", "score", "confidence"] = "rank"

    def where(self, shop_id: str) -> dict[str, Any]:
        """The fields that a recommendation must have."""
        named = {
            "upload_id": self.uploadId or self.csvUploadId,
            "objective": self.objective,
            "bundle_type": self.bundle_type,
        }
        reviewed = {} if self.status is None else REVIEWED[self.status]
        given = {name: value for name, value in named.items() if value is not None}
        return {"shop_id": shop_id, **given, **reviewed}


class RecommendationPage(Answer):
    """A page; ``total`` of how many."""

    model_config = example({"recommendations": [EXAMPLE], "total": 1, "next_cursor": None})

    recommendations: list[RecommendationAnswer]
    total: int
    next_cursor: str | None


class Verdict(Body):
    """Whether the shop wants the bundle, and why not."""

    model_config = example({"approved": False, "reason": "Too dear"})

    approved: bool = True
    reason: Annotated[str, Field(max_length=500)] | None = None


APPROVED = Verdict()


class PartialResult(Answer):
    """What is there by now, best first; ``complete`` when nothing more will come."""

    model_config = example(
        {
            "upload_id": "5a6f2c3e-8a34-4c53-9b3d-0d6f1f0b7c11",
            "status": "processing",
            "complete": False,
            "preview": True,
            "count": 1,
            "recommendations": [EXAMPLE],
        }
    )

    upload_id: str
    status: str
    complete: bool
    preview: bool
    count: int
    recommendations: list[RecommendationAnswer]


@router.get("/api/bundle-recommendations", responses=refusals(BadCursor, ShopNotFound))
def list_recommendations(
    query: Annotated[RecommendationQuery, Query()], caller: ShopCaller, services: Services
) -> RecommendationPage:
    """List what a shop may review."""
    caller.refuse_other_shop(query.shopId)
    records, where = services.collections.recommendations, query.where(caller.name)
    least, now = query.min_confidence or 0.0, services.now()

    def is_sure(one: Recommendation) -> bool:
        return one.confidence >= least

    def find(order: Order, most: int | None = None) -> Any:  # noqa: ANN401 - of the plugin's kind
        return records.find(order=order, most=most, **where)

    order = ORDERS[query.sort]
    part, following = read_page(
        records, find, order, limit=query.limit, cursor=query.cursor, now=now, keep=is_sure
    )
    if least:  # no index serves a bound besides an order
        total = sum(is_sure(one) for one in current_ones(records.find(**where), now))
    else:
        total = records.count(**where)
    shown = [RecommendationAnswer.of(one) for one in part]
    return RecommendationPage(recommendations=shown, total=total, next_cursor=following)


@router.get("/api/bundle-recommendations/{id}")
def get_recommendation(
    id: PathName, caller: ShopCaller, services: Services
) -> RecommendationAnswer:
    """Get one recommendation."""
    records = services.collections.recommendations
    return RecommendationAnswer.of(read_own(records, id, caller, services.now()).record)


@router.patch("/api/bundle-recommendations/{id}/approve", dependencies=NOT_WHILE_PAUSED)
def approve_recommendation(
    id: PathName,
    caller: ShopCaller,
    services: Services,
    verdict: Verdict = APPROVED,
) -> RecommendationAnswer:
    """Approve or reject a recommendation; the last word counts.

    A call without a body approves.
    """
    if verdict.approved and verdict.reason is not None:
        raise Invalid("reason: only a rejection has one")
    records, now = services.collections.recommendations, services.now()
    changed = records.change(
        read_own(records, id, caller, now),
        lambda stored: stored.replace(
            is_approved=verdict.approved,
            is_rejected=not verdict.approved,
            rejection_reason=verdict.reason,
            judged_at=now,
        ),
    )
    if changed is None:
        raise NotFound
    return RecommendationAnswer.of(changed.record)


@router.get("/api/bundle-recommendations/{id}/partial")
def get_partial_result(id: PathName, caller: ShopCaller, services: Services) -> PartialResult:
    """Get an upload's bundles before its run is over.

    The bundles so far, or its preview while there is none.
    """
    upload = own_upload(services, caller, id)
    found = ranked_recommendations(services, caller, upload_id=upload.upload_id)
    preview = None if found else services.collections.previews.read(upload.upload_id)
    shown = found if preview is None else list(preview.record.bundles)
    return PartialResult(
        upload_id=upload.upload_id,
        status=upload.status,
        complete=upload.status == "completed",
        preview=preview is not None,
        count=len(shown),
        recommendations=[RecommendationAnswer.of(one) for one in shown],
    )


def ranked_recommendations(
    services: ApiServices, caller: Caller, *, upload_id: str | None = None
) -> list[Recommendation]:
    """The shop's recommendations, best first; those of one upload when it is named."""
    where: dict[str, Any] = {} if upload_id is None else {"upload_id": upload_id}
    records = services.collections.recommendations
    found = current_ones(records.find(shop_id=caller.name, **where), services.now())
    return sorted(found, key=lambda one: (one.rank_position, one.id))
