"""What a shop takes away: bundles and recommendations as JSON or CSV, and what Shopify takes."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field

from pipeline_lib.http.analytics import analytics_of
from pipeline_lib.http.bundles import EXAMPLE, BundleAnswer, active_bundles
from pipeline_lib.http.door import Door, ShopCaller
from pipeline_lib.http.errors import ShopNotFound
from pipeline_lib.http.problems import refusals
from pipeline_lib.http.recommendations import (
    RecommendationAnswer,
    RecommendationPage,
    ranked_recommendations,
)
from pipeline_lib.http.services import Services
from pipeline_lib.http.shapes import LARGE, Answer, Body, ShopQuery, example
from pipeline_lib.records.recommendations import Bundle, Recommendation

router = APIRouter(tags=["exports"], route_class=Door)

CSV, JSON_LINES = "text/csv; charset=utf-8", "application/jsonl"
MOST_COMPLEMENTARY = 10  # Shopify's limit of complementary products
RISKY = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would take such a cell for a formula


class ExportQuery(ShopQuery):
    """As what."""

    format: Literal["json", "csv"] = "json"


class ExportedBundles(Answer):
    """Every active bundle."""

    model_config = example(
        {
            "shop": "my-shop.myshopify.com",
            "exported_at": "2026-03-02T10:00:00Z",
            "bundles": [EXAMPLE],
        }
    )

    shop: str
    exported_at: datetime
    bundles: list[BundleAnswer]


class ShopifyProduct(Body):
    """What Shopify calls the product of a SKU; exports have no such ids."""

    productId: Annotated[str, Field(pattern=r"^gid://shopify/Product/[0-9]{1,20}$")]
    optionSelections: Annotated[list[dict[str, Any]], Field(max_length=3)] = Field(
        default_factory=list
    )


class ShopifyProducts(Body):
    """The products of SKUs."""

    model_config = example(
        {"products": {"TEA-1": {"productId": "gid://shopify/Product/1", "optionSelections": []}}}
    )
    most_bytes: ClassVar[int] = LARGE

    products: Annotated[dict[str, ShopifyProduct], Field(max_length=10_000)]


class ComplementaryProduct(Answer):
    """What goes with a product, at most ten."""

    sku: str
    complementary: Annotated[list[str], Field(max_length=MOST_COMPLEMENTARY)]


class ComplementaryProducts(Answer):
    """What goes with each product, best first."""

    model_config = example({"products": [{"sku": "TEA-1", "complementary": ["POT-2"]}]})

    products: list[ComplementaryProduct]


def table_response(media_type: str, sample: str) -> dict[int | str, dict[str, Any]]:
    """The answer of an operation that gives a text, as OpenAPI has it."""
    content = {media_type: {"schema": {"type": "string"}, "example": sample}}
    return {200: {"description": "The file", "content": content}}


@router.get("/api/export/bundles", responses=refusals(ShopNotFound))
def export_bundles(
    query: Annotated[ShopQuery, Query()], caller: ShopCaller, services: Services
) -> ExportedBundles:
    """Export every active bundle."""
    caller.refuse_other_shop(query.shopId)
    found = sorted(active_bundles(services, caller), key=lambda one: one.id)
    return ExportedBundles(
        shop=caller.name,
        exported_at=services.now(),
        bundles=[BundleAnswer.of(one) for one in found],
    )


@router.get(
    "/api/export/recommendations",
    response_model=RecommendationPage,
    responses={
        200: {"description": "Best first", "content": {"text/csv": {"schema": {"type": "string"}}}},
        **refusals(ShopNotFound),
    },
)
def export_recommendations(
    query: Annotated[ExportQuery, Query()], caller: ShopCaller, services: Services
) -> RecommendationPage | Response:
    """Export every recommendation, as JSON or CSV."""
    caller.refuse_other_shop(query.shopId)
    found = ranked_recommendations(services, caller)
    if query.format == "csv":
        return _file(_table([_flat(one) for one in found]), CSV, "recommendations.csv")
    shown = [RecommendationAnswer.of(one) for one in found]
    return RecommendationPage(recommendations=shown, total=len(shown), next_cursor=None)


@router.get(
    "/api/export/analytics",
    response_class=Response,
    responses={
        **table_response("text/csv", "id,title,objective,bundle_type,bundleRevenue\n"),
        **refusals(ShopNotFound),
    },
)
def export_analytics(
    query: Annotated[ShopQuery, Query()], caller: ShopCaller, services: Services
) -> Response:
    """Export each active bundle's figures as CSV."""
    caller.refuse_other_shop(query.shopId)
    rows = [row.model_dump() for row in analytics_of(services, caller, "all").bundlePerformance]
    return _file(_table(rows), CSV, "analytics.csv")


@router.post(
    "/api/export/shopify/bundles",
    response_class=Response,
    responses=table_response(JSON_LINES, '{"input": {"title": "Tea & pot", "components": []}}\n'),
)
def export_bundles_for_shopify(
    body: ShopifyProducts, caller: ShopCaller, services: Services
) -> Response:
    """Export ``productBundleCreate`` variables for a bulk mutation.

    One line for each active bundle whose products are all named.
    """
    found = sorted(active_bundles(services, caller), key=lambda one: one.id)
    lines = [
        json.dumps(_creation(one, body.products), ensure_ascii=False)
        for one in found
        if all(product.sku in body.products for product in one.products)
    ]
    return _file("".join(f"{line}\n" for line in lines), JSON_LINES, "bundles.jsonl")


@router.get("/api/export/shopify/complementary", responses=refusals(ShopNotFound))
def export_complementary_products(
    query: Annotated[ShopQuery, Query()], caller: ShopCaller, services: Services
) -> ComplementaryProducts:
    """Export what goes with each product, what the shop approved first."""
    caller.refuse_other_shop(query.shopId)
    found = ranked_recommendations(services, caller)
    found.sort(key=lambda one: not one.is_approved)
    beside: dict[str, list[str]] = {}
    for sku, other in _pairs(found):
        known = beside.setdefault(sku, [])
        if other not in known and len(known) < MOST_COMPLEMENTARY:
            known.append(other)
    return ComplementaryProducts(
        products=[
            ComplementaryProduct(sku=sku, complementary=beside[sku]) for sku in sorted(beside)
        ]
    )


def _pairs(found: Sequence[Recommendation]) -> Iterator[tuple[str, str]]:
    for one in found:
        if one.is_rejected:
            continue
        skus = [product.sku for product in one.products]
        yield from ((sku, other) for sku in skus for other in skus if other != sku)


def _creation(one: Bundle, known: Mapping[str, ShopifyProduct]) -> dict[str, Any]:
    components = [
        {
            "quantity": product.quantity,
            "productId": known[product.sku].productId,
            "optionSelections": known[product.sku].optionSelections,
        }
        for product in one.products
    ]
    return {"input": {"title": one.ai_copy.title, "components": components}}


def _flat(one: Recommendation) -> dict[str, Any]:
    return {
        "id": one.id,
        "rank": one.rank_position,
        "title": one.ai_copy.title,
        "bundle_type": one.bundle_type,
        "objective": one.objective,
        "skus": " + ".join(product.sku for product in one.products),
        "list_price": one.pricing.list_price,
        "bundle_price": one.pricing.bundle_price,
        "currency": one.pricing.currency,
        "orders_together": one.evidence.orders_together,
        "confidence": one.confidence,
        "status": one.review,
        "explanation": one.explanation,
    }


def _file(content: str, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


def _table(rows: Sequence[dict[str, Any]]) -> str:
    if not rows:
        return ""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _safe(cell) for name, cell in row.items()} for row in rows)
    return text.getvalue()


def _safe(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(RISKY) else cell
