"""Association rules of an upload's orders: made on request, kept beside the run, listed."""

from math import ceil
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from pipeline_lib.errors import MissingArtefact
from pipeline_lib.http.door import NOT_WHILE_PAUSED, Door, ShopCaller
from pipeline_lib.http.errors import NotFound, TooEarly, TooManyRules
from pipeline_lib.http.problems import refusals
from pipeline_lib.http.reading import own_upload, read_own
from pipeline_lib.http.services import ApiServices, Services
from pipeline_lib.http.shapes import Answer, Body, Limit, QueryModel, UploadId, example
from pipeline_lib.http.uploads import EXAMPLE_ID
from pipeline_lib.messages import Work
from pipeline_lib.records.recommendations import RuleListing
from pipeline_lib.reports import AssociationRule, RuleSide, rules_named

if TYPE_CHECKING:
    from pipeline_lib.frames import RuleColumns
    from pipeline_lib.runs.job import Artefacts

router = APIRouter(tags=["rules"], route_class=Door)

MOST_ITEMS = 3
MOST = 20_000  # rules that are kept
MOST_SETS = 200_000  # that rules are made of


class GenerateRules(Body):
    """Of which upload, and from which thresholds on."""

    model_config = example({"csvUploadId": EXAMPLE_ID, "min_support": 0.02, "min_confidence": 0.05})

    csvUploadId: UploadId
    min_support: Annotated[float, Field(gt=0, le=1)] = 0.02
    min_confidence: Annotated[float, Field(ge=0, le=1)] = 0.05


class RulesMade(Answer):
    """How many rules there are."""

    model_config = example({"uploadId": EXAMPLE_ID, "status": "completed", "rules_count": 214})

    uploadId: str
    status: Literal["completed"] = "completed"
    rules_count: int


class RulesQuery(QueryModel):
    """Of which upload."""

    uploadId: UploadId
    limit: Limit = 50
    offset: Annotated[int, Field(ge=0, le=100_000)] = 0


class RulePage(Answer):
    """The rules with most orders first; ``total`` of how many."""

    model_config = example(
        {
            "uploadId": EXAMPLE_ID,
            "rules": [
                {
                    "antecedent": {"items": ["TEA-1"]},
                    "consequent": {"items": ["POT-2"]},
                    "support": 0.034,
                    "confidence": 0.26,
                    "lift": 3.6,
                    "orders": 31,
                    "confidence_low": 0.19,
                }
            ],
            "total": 214,
        }
    )

    uploadId: str
    rules: list[AssociationRule]
    total: int


@router.post(
    "/api/generate-rules",
    dependencies=NOT_WHILE_PAUSED,
    responses=refusals(TooEarly, TooManyRules),
)
def generate_rules(body: GenerateRules, caller: ShopCaller, services: Services) -> RulesMade:
    """Make an upload's association rules, with other thresholds anew."""
    upload = own_upload(services, caller, body.csvUploadId)
    artefacts = _artefacts(services, upload.work)
    name = f"rules-{body.min_support}-{body.min_confidence}.json"
    try:
        rows = _mined(artefacts, body)
    except MissingArtefact as error:
        raise TooEarly from error
    if rows is None:
        raise TooManyRules
    artefacts.keep_json(rules_named(name), rows)
    services.collections.rules.put(
        RuleListing(
            upload_id=upload.upload_id,
            shop_id=caller.name,
            run=upload.run,
            name=name,
            count=len(rows),
            expires_at=upload.expires_at,
        )
    )
    return RulesMade(uploadId=upload.upload_id, rules_count=len(rows))


@router.get("/api/association-rules")
def list_association_rules(
    query: Annotated[RulesQuery, Query()], caller: ShopCaller, services: Services
) -> RulePage:
    """List the rules that were made of an upload, those with most orders first."""
    listing = read_own(services.collections.rules, query.uploadId, caller, services.now()).record
    artefacts = _artefacts(services, Work(listing.upload_id, listing.run))
    try:
        rows = artefacts.json(rules_named(listing.name))
    except MissingArtefact as error:
        raise NotFound from error
    part = rows[query.offset : query.offset + query.limit]
    return RulePage(uploadId=query.uploadId, rules=part, total=len(rows))


def _artefacts(services: ApiServices, work: Work) -> "Artefacts":
    from pipeline_lib.runs.job import Artefacts  # noqa: PLC0415 - frames take a third of a second

    return Artefacts(services.ports.artefacts, work)


def _mined(artefacts: "Artefacts", asked: GenerateRules) -> list[AssociationRule] | None:
    """The rules as they are shown, items as SKUs; None when there are too many sets."""
    from pipeline_lib.frames import BasketItems, Catalog, RuleColumns  # noqa: PLC0415 - as below
    from pipeline_lib.mining.itemsets import TooManyItemsets, mine  # noqa: PLC0415 - compiled; no other call needs it
    from pipeline_lib.mining.rules import rules_of_sets  # noqa: PLC0415 - as above

    baskets = artefacts.frame(BasketItems)
    catalog = artefacts.frame(Catalog, columns=[Catalog.item, Catalog.sku])
    skus = catalog.sort(Catalog.item.name)[Catalog.sku.name].to_list()
    order, item = (baskets[one.name] for one in (BasketItems.order, BasketItems.item))
    try:
        found = mine(
            order.to_numpy(),
            item.to_numpy(),
            min_orders=max(1, ceil(asked.min_support * order.n_unique())),
            max_size=MOST_ITEMS,
            max_itemsets=MOST_SETS,
        )
    except TooManyItemsets:
        return None
    shown = rules_of_sets(found, min_confidence=asked.min_confidence).head(MOST)
    return [_rule(row, skus) for row in RuleColumns.rows(shown)]


def _rule(row: "RuleColumns", skus: list[str]) -> AssociationRule:
    left, right = (
        RuleSide(items=tuple(skus[code] for code in side))
        for side in (row.antecedent, row.consequent)
    )
    return AssociationRule(
        antecedent=left,
        consequent=right,
        support=row.support,
        confidence=row.confidence,
        lift=row.lift,
        orders=row.orders,
        confidence_low=row.confidence_low,
    )
