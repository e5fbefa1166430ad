"""Association rules of an upload's orders: made on request, kept beside the run, listed."""

from math import ceil
from typing import Any

from pipeline_lib.errors import MissingArtefact
from pipeline_lib.http.bodies.bundles import Rules, RulesAsked, RulesMade, RulesWanted
from pipeline_lib.http.endpoint import Call, Endpoint
from pipeline_lib.http.identity import Access
from pipeline_lib.http.problems import Conflict, NotFound
from pipeline_lib.http.shelf import own
from pipeline_lib.messages import Work
from pipeline_lib.ports import Data
from pipeline_lib.runs.job import Artefacts

MOST_ITEMS = 3  # requirement 151
MOST = 20_000  # rules that are kept
MOST_SETS = 200_000  # that rules are made of
TOO_EARLY = "The orders have not been read yet; generate bundles first"


def made(call: Call, asked: RulesWanted) -> RulesMade:
    """Make the upload's rules, with other thresholds anew."""
    upload = own(call, "uploads", asked.csvUploadId)
    artefacts = _artefacts(call, upload)
    name = f"rules-{asked.min_support}-{asked.min_confidence}.json"
    try:
        rows = _mined(artefacts, asked)
    except MissingArtefact as error:
        raise Conflict(TOO_EARLY, code="TOO_EARLY") from error
    if rows is None:
        raise Conflict("There are too many; raise min_support", code="TOO_MANY_RULES")
    artefacts.keep_json(name, rows)
    kept = {
        "shop_id": call.shop,
        "upload_id": asked.csvUploadId,
        "run": upload["run"],
        "name": name,
        "count": len(rows),
        "expires_at": upload["expires_at"],
    }
    call.documents.put({f"rules/{asked.csvUploadId}": kept})
    return RulesMade(uploadId=asked.csvUploadId, rules_count=len(rows))


def listed(call: Call, asked: RulesAsked) -> Rules:
    """The rules that were made, with most orders first."""
    upload = own(call, "uploads", asked.uploadId)
    kept = own(call, "rules", asked.uploadId)
    try:
        rows = _artefacts(call, {**upload, "run": kept["run"]}).json(kept["name"])
    except MissingArtefact as error:
        raise NotFound from error
    part = rows[asked.offset : asked.offset + asked.limit]
    return Rules.model_validate({"uploadId": asked.uploadId, "rules": part, "total": len(rows)})


def _artefacts(call: Call, upload: Data) -> Artefacts:
    return Artefacts(call.world.ports.artefacts, Work(upload["upload_id"], upload["run"]))


def _mined(artefacts: Artefacts, asked: RulesWanted) -> list[dict[str, Any]] | None:
    """The rules as they are shown, items as SKUs; None when there are too many sets."""
    from pipeline_lib.mining.itemsets import TooManyItemsets, mine  # noqa: PLC0415 - compiled; no other call needs it
    from pipeline_lib.mining.rules import rules_of_sets  # noqa: PLC0415 - as above

    baskets = artefacts.frame("baskets")
    skus = artefacts.frame("catalog", columns=["item", "sku"]).sort("item")["sku"].to_list()
    orders = baskets["order"].n_unique()
    try:
        found = mine(
            baskets["order"].to_numpy(),
            baskets["item"].to_numpy(),
            min_orders=max(1, ceil(asked.min_support * orders)),
            max_size=MOST_ITEMS,
            max_itemsets=MOST_SETS,
        )
    except TooManyItemsets:
        return None
    shown = rules_of_sets(found, min_confidence=asked.min_confidence).head(MOST)
    return [
        {
            **{name: row[name] for name in MEASURES},
            **{side: {"items": [skus[item] for item in row[side]]} for side in SIDES},
        }
        for row in shown.iter_rows(named=True)
    ]


SIDES = ("antecedent", "consequent")
MEASURES = ("support", "confidence", "lift", "orders", "confidence_low")

ROWS = (
    Endpoint(
        "POST",
        "/api/generate-rules",
        "Make an upload's association rules",
        Access.SHOP,
        made,
        RulesMade,
        (44, 151, 153),
        asks=RulesWanted,
        body="json",
        refuses=(Conflict,),
    ),
    Endpoint(
        "GET",
        "/api/association-rules",
        "The rules that were made",
        Access.SHOP,
        listed,
        Rules,
        (44, 69, 152, 153),
        asks=RulesAsked,
    ),
)
