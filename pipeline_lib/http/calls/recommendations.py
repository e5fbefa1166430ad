"""What a shop reviews: pages, one, approve or reject, and what is there before a run is over."""

from pipeline_lib.http.bodies.recommendations import (
    Listing,
    Partial,
    Recommendation,
    Recommendations,
    Review,
    Verdict,
)
from pipeline_lib.http.endpoint import Call, Endpoint
from pipeline_lib.http.identity import Access
from pipeline_lib.http.problems import Invalid, NotFound
from pipeline_lib.http.shapes import Nothing
from pipeline_lib.http.shelf import Shelf, all_own, own, own_ones, page
from pipeline_lib.ports import Data, Order
from pipeline_lib.runs.amend import amend

SORTS = {
    "rank": Order("rank_position"),
    "score": Order("ranking_score", down=True),
    "confidence": Order("confidence", down=True),
}
REVIEWED: dict[Review, dict[str, bool]] = {
    "approved": {"is_approved": True},
    "rejected": {"is_approved": False, "is_rejected": True},
    "pending": {"is_approved": False, "is_rejected": False},
}


def listed(call: Call, asked: Listing) -> Recommendations:
    """A page of what the shop may review."""
    call.own_shop(asked.shopId)
    where, least = _where(call, asked), asked.min_confidence or 0.0

    def sure(one: Data) -> bool:
        return bool(one["confidence"] >= least)

    shelf = Shelf("recommendations", where, SORTS[asked.sort])
    part, following = page(call, shelf, limit=asked.limit, cursor=asked.cursor, keep=sure)
    total = call.documents.count("recommendations", where)
    if least:  # no index serves a bound besides an order
        total = sum(sure(one) for one in all_own(call, "recommendations", **where))
    return Recommendations(
        recommendations=[told(one) for one in part], total=total, next_cursor=following
    )


def one(call: Call, asked: Nothing) -> Recommendation:  # noqa: ARG001
    """One recommendation."""
    return told(own(call, "recommendations", call.path["id"]))


def judged(call: Call, asked: Verdict) -> Recommendation:
    """Approve or reject a recommendation; the last word counts."""
    if asked.approved and asked.reason is not None:
        raise Invalid("reason: only a rejection has one")
    own(call, "recommendations", call.path["id"])
    verdict = {
        "is_approved": asked.approved,
        "is_rejected": not asked.approved,
        "rejection_reason": asked.reason,
        "judged_at": call.now,
    }
    changed = amend(
        call.documents,
        f"recommendations/{call.path['id']}",
        lambda data: {**data, **verdict},
    )
    if changed is None:
        raise NotFound
    return told(changed)


def partial(call: Call, asked: Nothing) -> Partial:  # noqa: ARG001
    """What is there of a run before it is over: its bundles so far, else its preview."""
    upload = own(call, "uploads", call.path["id"])
    found = ranked(call, upload["upload_id"])
    preview = call.documents.read(f"previews/{upload['upload_id']}")
    from_preview = not found and preview is not None
    if preview is not None and from_preview:
        found = list(preview.data["bundles"])
    return Partial(
        upload_id=upload["upload_id"],
        status=upload["status"],
        complete=upload["status"] == "completed",
        preview=from_preview,
        count=len(found),
        recommendations=[told(one) for one in found],
    )


def ranked(call: Call, upload_id: str | None = None) -> list[Data]:
    """The shop's recommendations, best first; those of one upload when it is named."""
    where = {} if upload_id is None else {"upload_id": upload_id}
    found = all_own(call, "recommendations", **where)
    return sorted(found, key=lambda one: (one["rank_position"], one["id"]))


def told(stored: Data) -> Recommendation:
    """A stored recommendation in its documented shape."""
    return Recommendation.model_validate(
        {
            "rejection_reason": None,
            "wave": None,
            **stored,
            "csv_upload_id": stored["upload_id"],
            "status": review(stored),
        }
    )


def review(stored: Data) -> Review:
    """Whether the shop has judged it."""
    if stored["is_approved"]:
        return "approved"
    return "rejected" if stored.get("is_rejected") else "pending"


def _where(call: Call, asked: Listing) -> Data:
    named = {
        "upload_id": asked.uploadId or asked.csvUploadId,
        "objective": asked.objective,
        "bundle_type": asked.bundle_type,
    }
    reviewed = {} if asked.status is None else REVIEWED[asked.status]
    given = {name: value for name, value in named.items() if value is not None}
    return own_ones(call, **given, **reviewed)


ROWS = (
    Endpoint(
        "GET",
        "/api/bundle-recommendations",
        "What the shop may review",
        Access.SHOP,
        listed,
        Recommendations,
        (24, 39, 120),
        asks=Listing,
    ),
    Endpoint(
        "GET",
        "/api/bundle-recommendations/{id}",
        "One recommendation",
        Access.SHOP,
        one,
        Recommendation,
        (40, 120),
    ),
    Endpoint(
        "PATCH",
        "/api/bundle-recommendations/{id}/approve",
        "Approve or reject a recommendation",
        Access.SHOP,
        judged,
        Recommendation,
        (24, 41),
        asks=Verdict,
        body="json",
    ),
    Endpoint(
        "GET",
        "/api/bundle-recommendations/{id}/partial",
        "What is there of an upload's run before it is over",
        Access.SHOP,
        partial,
        Partial,
        (28, 42, 183, 344),
    ),
)
