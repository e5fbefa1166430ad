"""What came of privacy webhooks: certificates of erasure, and answers to shoppers' requests."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from pipeline_lib.http.admin import AuditQuery
from pipeline_lib.http.door import Door, ShopCaller, ViewerCaller
from pipeline_lib.http.errors import BadCursor
from pipeline_lib.http.problems import refusals
from pipeline_lib.http.reading import Find, read_page
from pipeline_lib.http.services import ApiServices, Services
from pipeline_lib.http.shapes import Answer, example
from pipeline_lib.records.webhooks import FoundRun, Webhook, WebhookTopic

router = APIRouter(tags=["privacy"], route_class=Door)


class PrivacyQuery(AuditQuery):
    """Of which shop; of all where none is named."""

    shop: Annotated[str | None, Field(max_length=100)] = None


class PrivacyRecord(Answer):
    """A webhook, and what was done about it; of an erasure this is the certificate.

    ``files`` counts raw files that were removed, ``documents`` documents by collection.
    """

    id: str
    shop_id: str
    topic: WebhookTopic
    event_id: str
    state: Literal["open", "done"]
    received_at: datetime
    done_at: datetime | None
    runs: list[FoundRun]
    files: int
    documents: Mapping[str, int]

    @classmethod
    def of(cls, stored: Webhook) -> "PrivacyRecord":
        """A webhook in its documented shape."""
        return cls(
            id=stored.id,
            shop_id=stored.shop_id,
            topic=stored.topic,
            event_id=stored.event_id,
            state=stored.state,
            received_at=stored.received_at,
            done_at=stored.done_at,
            runs=[stored.runs[name] for name in sorted(stored.runs)],
            files=sum(stored.files.values()),
            documents=stored.documents,
        )


class PrivacyRecordPage(Answer):
    """What came, the newest first."""

    model_config = example(
        {
            "records": [
                {
                    "id": "0f3a",
                    "shop_id": "my-shop.myshopify.com",
                    "topic": "customers/redact",
                    "event_id": "b0a4-1",
                    "state": "done",
                    "received_at": "2026-03-02T09:00:00Z",
                    "done_at": "2026-03-02T09:00:05Z",
                    "runs": [],
                    "files": 1,
                    "documents": {"recommendations": 3},
                }
            ],
            "next_cursor": None,
        }
    )

    records: list[PrivacyRecord]
    next_cursor: str | None


@router.get("/api/privacy/records", responses=refusals(BadCursor))
def list_privacy_records(
    query: Annotated[AuditQuery, Query()], caller: ShopCaller, services: Services
) -> PrivacyRecordPage:
    """List what came of a shop's privacy webhooks."""
    webhooks = services.collections.webhooks
    return _page(
        services,
        query,
        lambda order, most: webhooks.find(order=order, most=most, shop_id=caller.name),
    )


@router.get("/api/admin/privacy/records", responses=refusals(BadCursor))
def list_all_privacy_records(
    query: Annotated[PrivacyQuery, Query()],
    caller: ViewerCaller,  # noqa: ARG001 - who may
    services: Services,
) -> PrivacyRecordPage:
    """List what came of privacy webhooks: the certificates.

    What proves that a shop was erased is left to operators.
    """
    webhooks, shop = services.collections.webhooks, query.shop
    if shop is None:
        return _page(services, query, lambda order, most: webhooks.find(order=order, most=most))
    return _page(
        services, query, lambda order, most: webhooks.find(order=order, most=most, shop_id=shop)
    )


def _page(services: ApiServices, query: AuditQuery, find: Find[Webhook]) -> PrivacyRecordPage:
    part, following = read_page(
        services.collections.webhooks,
        find,
        Webhook.newest_first,
        limit=query.limit,
        cursor=query.cursor,
        now=services.now(),
    )
    records = [PrivacyRecord.of(one) for one in part]
    return PrivacyRecordPage(records=records, next_cursor=following)
