"""What a shop takes away: bundles and recommendations as JSON or CSV, and what Shopify takes."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

from pipeline_lib.http.bodies.bundles import ShopNamed
from pipeline_lib.http.bodies.export import (
    Complementary,
    ComplementaryProducts,
    ExportAsked,
    ExportedBundles,
    ShopifyProduct,
    ShopifyProducts,
)
from pipeline_lib.http.bodies.recommendations import Recommendations
from pipeline_lib.http.calls import bundles, recommendations
from pipeline_lib.http.calls.analytics import analytics
from pipeline_lib.http.endpoint import LARGE, Call, Endpoint, Text
from pipeline_lib.http.identity import Access
from pipeline_lib.ports import Data

CSV, JSON_LINES = "text/csv; charset=utf-8", "application/jsonl"
MOST_COMPLEMENTARY = 10  # Shopify's limit of complementary products
RISKY = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would take such a cell for a formula


def all_bundles(call: Call, asked: ShopNamed) -> ExportedBundles:
    """Every active bundle."""
    call.own_shop(asked.shopId)
    found = sorted(bundles.active(call), key=lambda one: one["id"])
    return ExportedBundles(
        shop=call.shop, exported_at=call.now, bundles=[bundles.told(one) for one in found]
    )


def all_recommendations(call: Call, asked: ExportAsked) -> Recommendations | Text:
    """Every recommendation, best first."""
    call.own_shop(asked.shopId)
    found = recommendations.ranked(call)
    if asked.format == "csv":
        return Text(_table([_flat(one) for one in found]), CSV, "recommendations.csv")
    told = [recommendations.told(one) for one in found]
    return Recommendations(recommendations=told, total=len(told), next_cursor=None)


def figures(call: Call, asked: ShopNamed) -> Text:
    """Each active bundle in figures."""
    call.own_shop(asked.shopId)
    rows = [row.model_dump() for row in analytics(call, "all").bundlePerformance]
    return Text(_table(rows), CSV, "analytics.csv")


def for_shopify(call: Call, asked: ShopifyProducts) -> Text:
    """A line of ``productBundleCreate`` variables a bundle whose products are all known."""
    found = sorted(bundles.active(call), key=lambda one: one["id"])
    lines = [
        json.dumps(_creation(one, asked.products), ensure_ascii=False)
        for one in found
        if all(product["sku"] in asked.products for product in one["products"])
    ]
    return Text("".join(f"{line}\n" for line in lines), JSON_LINES, "bundles.jsonl")


def complementary(call: Call, asked: ShopNamed) -> ComplementaryProducts:
    """What goes with each product, by what the shop approved and then by rank."""
    call.own_shop(asked.shopId)
    found = recommendations.ranked(call)
    found.sort(key=lambda one: not one["is_approved"])
    beside: dict[str, list[str]] = {}
    for sku, other in _pairs(found):
        known = beside.setdefault(sku, [])
        if other not in known and len(known) < MOST_COMPLEMENTARY:
            known.append(other)
    return ComplementaryProducts(
        products=[Complementary(sku=sku, complementary=beside[sku]) for sku in sorted(beside)]
    )


def _pairs(found: Sequence[Data]) -> Iterator[tuple[str, str]]:
    for one in found:
        if one.get("is_rejected"):
            continue
        skus = [product["sku"] for product in one["products"]]
        yield from ((sku, other) for sku in skus for other in skus if other != sku)


def _creation(one: Data, known: dict[str, ShopifyProduct]) -> dict[str, Any]:
    components = [
        {
            "quantity": product["quantity"],
            "productId": known[product["sku"]].productId,
            "optionSelections": list(known[product["sku"]].optionSelections),
        }
        for product in one["products"]
    ]
    return {"input": {"title": one["ai_copy"]["title"], "components": components}}


def _flat(one: Data) -> dict[str, Any]:
    evidence, pricing = one["evidence"], one["pricing"]
    return {
        "id": one["id"],
        "rank": one["rank_position"],
        "title": one["ai_copy"]["title"],
        "bundle_type": one["bundle_type"],
        "objective": one["objective"],
        "skus": " + ".join(product["sku"] for product in one["products"]),
        "list_price": pricing["list_price"],
        "bundle_price": pricing["bundle_price"],
        "currency": pricing["currency"],
        "orders_together": evidence["orders_together"],
        "confidence": one["confidence"],
        "status": recommendations.review(one),
        "explanation": one["explanation"],
    }


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


ROWS = (
    Endpoint(
        "GET",
        "/api/export/bundles",
        "Every active bundle",
        Access.SHOP,
        all_bundles,
        ExportedBundles,
        (25, 46, 272),
        asks=ShopNamed,
    ),
    Endpoint(
        "GET",
        "/api/export/recommendations",
        "Every recommendation, as JSON or CSV",
        Access.SHOP,
        all_recommendations,
        Recommendations,
        (46, 272),
        asks=ExportAsked,
        also_types=("text/csv",),
    ),
    Endpoint(
        "GET",
        "/api/export/analytics",
        "Each active bundle in figures",
        Access.SHOP,
        figures,
        "text/csv",
        (46, 272),
        asks=ShopNamed,
    ),
    Endpoint(
        "POST",
        "/api/export/shopify/bundles",
        "productBundleCreate variables for a bulk mutation",
        Access.SHOP,
        for_shopify,
        JSON_LINES,
        (25, 46),
        asks=ShopifyProducts,
        body="json",
        most_bytes=LARGE,
        paused_too=False,
    ),
    Endpoint(
        "GET",
        "/api/export/shopify/complementary",
        "What goes with each product",
        Access.SHOP,
        complementary,
        ComplementaryProducts,
        (46,),
        asks=ShopNamed,
    ),
)
