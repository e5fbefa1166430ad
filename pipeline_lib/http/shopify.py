"""What the Shopify app's backend calls: files as text, how they stand, what came of them."""

from typing import Annotated, ClassVar

from fastapi import APIRouter, Query
from pydantic import Field, StringConstraints

from pipeline_lib.errors import ShopBusy, SwitchedOff
from pipeline_lib.http import intake
from pipeline_lib.http.door import NOT_WHILE_PAUSED, Door, ShopCaller
from pipeline_lib.http.errors import FileExists, RunBegun, ShopNotFound
from pipeline_lib.http.intake import CsvType
from pipeline_lib.http.problems import refusals
from pipeline_lib.http.reading import current_ones, own_upload
from pipeline_lib.http.recommendations import RecommendationAnswer
from pipeline_lib.http.services import Services
from pipeline_lib.http.shapes import LARGE, Answer, Body, Limit, PathName, ShopQuery, example
from pipeline_lib.http.uploads import EXAMPLE_ID, FileReceived, RunId
from pipeline_lib.records.recommendations import Recommendation

router = APIRouter(tags=["shopify app"], route_class=Door)


class CsvText(Body):
    """A file as text."""

    model_config = example(
        {"csvType": "orders", "csvData": "Name,Lineitem sku\n#1001,TEA-1\n", "runId": "run-7"}
    )
    most_bytes: ClassVar[int] = LARGE

    shopId: str | None = None
    csvType: CsvType
    csvData: Annotated[str, StringConstraints(min_length=1, max_length=LARGE)]
    runId: RunId | None = None
    triggerPipeline: bool = False


class ShopifyStatus(Answer):
    """How an upload stands, in the names of the Shopify app."""

    model_config = example(
        {
            "upload_id": EXAMPLE_ID,
            "shop_id": "my-shop.myshopify.com",
            "status": "completed",
            "total_rows": 1240,
            "processed_rows": 1240,
            "bundle_count": 42,
            "error_message": None,
        }
    )

    upload_id: str
    shop_id: str
    status: str
    total_rows: int
    processed_rows: int
    bundle_count: int
    error_message: str | None


class BestQuery(ShopQuery):
    """How many at most."""

    limit: Limit = 50


class BestRecommendations(Answer):
    """The shop's recommendations, best first; ``total`` of how many."""

    model_config = example({"recommendations": [], "total": 0})

    recommendations: list[RecommendationAnswer]
    total: Annotated[int, Field(ge=0)]


@router.post(
    "/api/shopify/upload",
    dependencies=NOT_WHILE_PAUSED,
    responses=refusals(FileExists, RunBegun, ShopNotFound, ShopBusy, SwitchedOff),
)
def upload_csv_text(body: CsvText, caller: ShopCaller, services: Services) -> FileReceived:
    """Send one file of a run as text.

    ``triggerPipeline`` begins the run with it, whatever else is there.
    """
    caller.refuse_other_shop(body.shopId)
    run_id = body.runId or services.new_id()
    upload_id = intake.accept_file(
        services,
        caller,
        kind=body.csvType,
        data=body.csvData.encode(),
        run_id=run_id,
        file_name=f"{body.csvType}.csv",
        begin=body.triggerPipeline,
    )
    return FileReceived(uploadId=upload_id, runId=run_id)


@router.get("/api/shopify/status/{uploadId}")
def get_shopify_status(uploadId: PathName, caller: ShopCaller, services: Services) -> ShopifyStatus:
    """See how an upload stands, in the Shopify app's names."""
    upload = own_upload(services, caller, uploadId)
    rows = intake.rows_of(upload)
    return ShopifyStatus(
        upload_id=upload.upload_id,
        shop_id=upload.shop_id,
        status=intake.documented_status(upload),
        total_rows=rows,
        processed_rows=rows if upload.status == "completed" else 0,
        bundle_count=upload.output("finalize", "recommendations"),
        error_message=intake.error_message(upload),
    )


@router.get("/api/shopify/recommendations", responses=refusals(ShopNotFound))
def list_best_recommendations(
    query: Annotated[BestQuery, Query()], caller: ShopCaller, services: Services
) -> BestRecommendations:
    """List what a shop may review, best first."""
    caller.refuse_other_shop(query.shopId)
    records = services.collections.recommendations
    found = records.find(order=Recommendation.by_rank, most=query.limit, shop_id=caller.name)
    return BestRecommendations(
        recommendations=[
            RecommendationAnswer.of(one) for one in current_ones(found, services.now())
        ],
        total=records.count(shop_id=caller.name),
    )
