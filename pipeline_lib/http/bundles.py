"""Active bundles: made from what a shop approves, listed, taken out again."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response

from pipeline_lib.http.door import NOT_WHILE_PAUSED, Door, ShopCaller
from pipeline_lib.http.errors import AlreadyRejected, BadCursor, NotFound, ShopNotFound
from pipeline_lib.http.identity import Caller
from pipeline_lib.http.problems import refusals
from pipeline_lib.http.reading import current_ones, read_own, read_page
from pipeline_lib.http.recommendations import (
    COPY_EXAMPLE,
    EXAMPLE_ID,
    PRICING_EXAMPLE,
    PRODUCTS_EXAMPLE,
)
from pipeline_lib.http.services import ApiServices, Services
from pipeline_lib.http.shapes import Answer, Body, Name, PageQuery, PathName, example
from pipeline_lib.records.recommendations import (
    AiCopy,
    Bundle,
    BundleProduct,
    BundleType,
    Objective,
    Pricing,
    Recommendation,
)

router = APIRouter(tags=["bundles"], route_class=Door)

EXAMPLE = {
    "id": EXAMPLE_ID,
    "shop_id": "my-shop.myshopify.com",
    "recommendation_id": EXAMPLE_ID,
    "bundle_type": "FBT",
    "objective": "increase_aov",
    "products": PRODUCTS_EXAMPLE,
    "pricing": PRICING_EXAMPLE,
    "ai_copy": COPY_EXAMPLE,
    "is_active": True,
    "created_at": "2026-03-02T09:30:00Z",
    "deactivated_at": None,
}


class CreateBundle(Body):
    """Which recommendation becomes a bundle."""

    model_config = example({"recommendationId": EXAMPLE_ID})

    recommendationId: Name


class BundleAnswer(Answer):
    """A bundle that the shop offers; money as exact decimals."""

    model_config = example(EXAMPLE)

    id: str
    shop_id: str
    recommendation_id: str
    bundle_type: BundleType
    objective: Objective
    products: tuple[BundleProduct, ...]
    pricing: Pricing
    ai_copy: AiCopy
    is_active: bool
    created_at: datetime
    deactivated_at: datetime | None

    @classmethod
    def of(cls, stored: Bundle) -> "BundleAnswer":
        """A bundle in its documented shape."""
        return cls(
            id=stored.id,
            shop_id=stored.shop_id,
            recommendation_id=stored.recommendation_id,
            bundle_type=stored.bundle_type,
            objective=stored.objective,
            products=stored.products,
            pricing=stored.pricing,
            ai_copy=stored.ai_copy,
            is_active=stored.is_active,
            created_at=stored.created_at,
            deactivated_at=stored.deactivated_at,
        )


class BundlePage(Answer):
    """A page of active bundles, the newest first."""

    model_config = example({"bundles": [EXAMPLE], "total": 1, "next_cursor": None})

    bundles: list[BundleAnswer]
    total: int
    next_cursor: str | None


@router.get("/api/bundles", responses=refusals(BadCursor, ShopNotFound))
def list_bundles(
    query: Annotated[PageQuery, Query()], caller: ShopCaller, services: Services
) -> BundlePage:
    """List a shop's active bundles, the newest first."""
    caller.refuse_other_shop(query.shopId)
    records, shop = services.collections.bundles, caller.name
    part, following = read_page(
        records,
        lambda order, most: records.find(order=order, most=most, shop_id=shop, is_active=True),
        Bundle.newest_first,
        limit=query.limit,
        cursor=query.cursor,
        now=services.now(),
    )
    total = records.count(shop_id=shop, is_active=True)
    shown = [BundleAnswer.of(one) for one in part]
    return BundlePage(bundles=shown, total=total, next_cursor=following)


@router.get("/api/bundles/{id}")
def get_bundle(id: PathName, caller: ShopCaller, services: Services) -> BundleAnswer:
    """Get one active bundle."""
    found = read_own(services.collections.bundles, id, caller, services.now()).record
    if not found.is_active:
        raise NotFound
    return BundleAnswer.of(found)


@router.post(
    "/api/bundles",
    status_code=201,
    dependencies=NOT_WHILE_PAUSED,
    responses={
        200: {"description": "It was made before, and is active again", "model": BundleAnswer},
        **refusals(AlreadyRejected),
    },
)
def create_bundle(
    body: CreateBundle, caller: ShopCaller, services: Services, response: Response
) -> BundleAnswer:
    """Make a bundle of a recommendation, which approves it."""
    collections, now = services.collections, services.now()
    found = read_own(collections.recommendations, body.recommendationId, caller, now)
    if found.record.is_rejected:
        raise AlreadyRejected
    collections.recommendations.change(
        found, lambda stored: stored.replace(is_approved=True, judged_at=now)
    )
    fresh = _bundle(found.record, now)
    if collections.bundles.create(fresh) is not None:
        return BundleAnswer.of(fresh)
    response.status_code = 200
    again = collections.bundles.change(
        fresh.key, lambda stored: stored.replace(is_active=True, deactivated_at=None)
    )
    if again is None:
        raise NotFound
    return BundleAnswer.of(again.record)


@router.delete("/api/bundles/{id}", dependencies=NOT_WHILE_PAUSED)
def deactivate_bundle(id: PathName, caller: ShopCaller, services: Services) -> BundleAnswer:
    """Take a bundle out; it can be made again."""
    records, now = services.collections.bundles, services.now()
    changed = records.change(
        read_own(records, id, caller, now),
        lambda stored: (
            stored.replace(is_active=False, deactivated_at=now) if stored.is_active else stored
        ),
    )
    if changed is None:
        raise NotFound
    return BundleAnswer.of(changed.record)


def active_bundles(services: ApiServices, caller: Caller) -> list[Bundle]:
    """The shop's active bundles."""
    found = services.collections.bundles.find(shop_id=caller.name, is_active=True)
    return current_ones(found, services.now())


def _bundle(source: Recommendation, now: datetime) -> Bundle:
    return Bundle(
        id=source.id,
        shop_id=source.shop_id,
        recommendation_id=source.id,
        bundle_type=source.bundle_type,
        objective=source.objective,
        products=source.products,
        pricing=source.pricing,
        ai_copy=source.ai_copy,
        evidence=source.evidence,
        created_at=now,
    )
