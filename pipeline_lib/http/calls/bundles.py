"""Active bundles: made from what a shop approves, listed, taken out again."""

from typing import Any

from pipeline_lib.http.bodies.bundles import Bundle, Bundles, BundlesAsked, FromRecommendation
from pipeline_lib.http.endpoint import Answered, Call, Endpoint
from pipeline_lib.http.identity import Access
from pipeline_lib.http.problems import Conflict, NotFound
from pipeline_lib.http.shapes import Nothing
from pipeline_lib.http.shelf import Shelf, all_own, own, own_ones, page
from pipeline_lib.ports import Data, Order
from pipeline_lib.runs.amend import amend

KEPT = ("bundle_type", "objective", "products", "pricing", "ai_copy", "evidence")


def listed(call: Call, asked: BundlesAsked) -> Bundles:
    """The shop's active bundles."""
    call.own_shop(asked.shopId)
    where = own_ones(call, is_active=True)
    shelf = Shelf("bundles", where, Order("created_at", down=True))
    part, following = page(call, shelf, limit=asked.limit, cursor=asked.cursor)
    total = call.documents.count("bundles", where)
    return Bundles(bundles=[told(one) for one in part], total=total, next_cursor=following)


def one(call: Call, asked: Nothing) -> Bundle:  # noqa: ARG001
    """One active bundle; what was taken out is not there."""
    found = own(call, "bundles", call.path["id"])
    if not found["is_active"]:
        raise NotFound
    return told(found)


def made(call: Call, asked: FromRecommendation) -> Bundle | Answered:
    """Make a bundle of a recommendation, which approves it; made before, it is active again."""
    source = own(call, "recommendations", asked.recommendationId)
    if source.get("is_rejected"):
        raise Conflict("You have rejected this recommendation", code="REJECTED")
    amend(
        call.documents,
        f"recommendations/{source['id']}",
        lambda data: {**data, "is_approved": True, "judged_at": call.now},
    )
    fresh = _bundle(call, source)
    if call.documents.swap(f"bundles/{fresh['id']}", fresh, since=None) is not None:
        return told(fresh)
    again = {"is_active": True, "deactivated_at": None}
    return Answered(told(_changed(call, fresh["id"], again)), 200)


def removed(call: Call, asked: Nothing) -> Bundle:  # noqa: ARG001
    """Take a bundle out; it can be made again."""
    before = own(call, "bundles", call.path["id"])
    if not before["is_active"]:
        return told(before)
    return told(_changed(call, before["id"], {"is_active": False, "deactivated_at": call.now}))


def active(call: Call) -> list[Data]:
    """The shop's active bundles."""
    return all_own(call, "bundles", is_active=True)


def told(stored: Data) -> Bundle:
    """A stored bundle in its documented shape."""
    return Bundle.model_validate(stored)


def _bundle(call: Call, source: Data) -> dict[str, Any]:
    return {
        **{name: source[name] for name in KEPT},
        "id": source["id"],
        "shop_id": call.shop,
        "recommendation_id": source["id"],
        "is_active": True,
        "created_at": call.now,
        "deactivated_at": None,
    }


def _changed(call: Call, name: str, change: dict[str, Any]) -> Data:
    changed = amend(call.documents, f"bundles/{name}", lambda data: {**data, **change})
    if changed is None:
        raise NotFound
    return changed


ROWS = (
    Endpoint(
        "GET",
        "/api/bundles",
        "The shop's active bundles",
        Access.SHOP,
        listed,
        Bundles,
        (43, 121),
        asks=BundlesAsked,
    ),
    Endpoint("GET", "/api/bundles/{id}", "One bundle", Access.SHOP, one, Bundle, (43, 121)),
    Endpoint(
        "POST",
        "/api/bundles",
        "Make a bundle of a recommendation",
        Access.SHOP,
        made,
        Bundle,
        (24, 43),
        asks=FromRecommendation,
        body="json",
        status=201,
        also=(200,),
        refuses=(Conflict,),
    ),
    Endpoint(
        "DELETE", "/api/bundles/{id}", "Take a bundle out", Access.SHOP, removed, Bundle, (43,)
    ),
)
