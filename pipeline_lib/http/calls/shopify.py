"""What the Shopify app's backend calls: files as text, how they stand, what came of them."""

from typing import Annotated

from pydantic import Field, StringConstraints

from pipeline_lib.http import receipt
from pipeline_lib.http.bodies.recommendations import Recommendation
from pipeline_lib.http.bodies.uploads import CsvType, Received, RunId
from pipeline_lib.http.calls import csv_uploads
from pipeline_lib.http.calls.recommendations import SORTS, told
from pipeline_lib.http.endpoint import LARGE, Call, Endpoint
from pipeline_lib.http.identity import Access
from pipeline_lib.http.problems import Conflict
from pipeline_lib.http.shapes import Asked, Limit, Nothing, Shape, Taken
from pipeline_lib.http.shelf import Shelf, own, own_ones, page


class CsvText(Taken):
    """A file as text (requirement 47)."""

    shopId: str | None = None
    csvType: CsvType
    csvData: Annotated[str, StringConstraints(min_length=1, max_length=LARGE)]
    runId: RunId | None = None
    triggerPipeline: bool = False


class ShopifyStatus(Shape):
    """Requirement 66."""

    upload_id: str
    shop_id: str
    status: str
    total_rows: int
    processed_rows: int
    bundle_count: int
    error_message: str | None


class NewestAsked(Asked):
    """How many at most."""

    shopId: str | None = None
    limit: Limit = 50


class Newest(Shape):
    """The shop's recommendations, best first; ``total`` of how many."""

    recommendations: list[Recommendation]
    total: Annotated[int, Field(ge=0)]


def sent(call: Call, asked: CsvText) -> Received:
    """Take one file of a run, and begin it when asked."""
    call.own_shop(asked.shopId)
    name = f"{asked.csvType}.csv"
    answer = csv_uploads.accept(call, asked.csvType, asked.csvData.encode(), asked.runId, name)
    if asked.triggerPipeline:
        receipt.start(call, answer.uploadId)
    return answer


def status(call: Call, asked: Nothing) -> ShopifyStatus:  # noqa: ARG001
    """How the upload stands."""
    upload = own(call, "uploads", call.path["uploadId"])
    rows, bundles = csv_uploads.rows_and_bundles(upload)
    return ShopifyStatus(
        upload_id=upload["upload_id"],
        shop_id=upload["shop_id"],
        status=receipt.state(upload),
        total_rows=rows,
        processed_rows=rows if upload["status"] == "completed" else 0,
        bundle_count=bundles,
        error_message=csv_uploads.error_message(upload),
    )


def newest(call: Call, asked: NewestAsked) -> Newest:
    """What the shop may review."""
    call.own_shop(asked.shopId)
    mine = own_ones(call)
    shelf = Shelf("recommendations", mine, SORTS["rank"])
    part, _ = page(call, shelf, limit=asked.limit, cursor=None)
    total = call.documents.count("recommendations", mine)
    return Newest(recommendations=[told(one) for one in part], total=total)


ROWS = (
    Endpoint(
        "POST",
        "/api/shopify/upload",
        "Send one file of a run as text",
        Access.SHOP,
        sent,
        Received,
        (26, 47, 70, 115),
        asks=CsvText,
        body="json",
        most_bytes=LARGE,
        refuses=(Conflict,),
    ),
    Endpoint(
        "GET",
        "/api/shopify/status/{uploadId}",
        "How an upload stands",
        Access.SHOP,
        status,
        ShopifyStatus,
        (48, 66),
    ),
    Endpoint(
        "GET",
        "/api/shopify/recommendations",
        "What the shop may review, best first",
        Access.SHOP,
        newest,
        Newest,
        (49, 273),
        asks=NewestAsked,
    ),
)
