"""Shopify's privacy webhooks: taken, kept and queued; what they ask for is done elsewhere."""

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline_lib import topology
from pipeline_lib.http.door import Door, RawBody, ShopifyCaller
from pipeline_lib.http.errors import Invalid, Malformed, UnclearShop
from pipeline_lib.http.identity import SHOP_DOMAIN
from pipeline_lib.http.problems import refusals
from pipeline_lib.http.services import ApiServices, Services
from pipeline_lib.http.shapes import Answer, example
from pipeline_lib.ports import Secrets
from pipeline_lib.records.store import Stored
from pipeline_lib.records.webhooks import Subject, Webhook, WebhookTopic, webhook_id

router = APIRouter(tags=["privacy"], route_class=Door)

MOST_BYTES = 768 * 1024  # an erasure may name tens of thousands of orders, and fits a document
TOPIC, SHOP, EVENT, DELIVERY, TRIGGERED = (
    "X-Shopify-Topic",
    "X-Shopify-Shop-Domain",
    "X-Shopify-Event-Id",
    "X-Shopify-Webhook-Id",
    "X-Shopify-Triggered-At",
)

ShopifyId = Annotated[int | str, Field(union_mode="left_to_right")]


class SignedBody(BaseModel):
    """A body that Shopify has signed; it may say more than is read of it."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_max_length=1_000)

    shop: str = Field(validation_alias="shop_domain")

    @property
    def names_of_customer(self) -> list[str]:
        """What an export may name the shopper by."""
        return []

    @property
    def orders(self) -> list[str]:
        """The ids of the orders that are named."""
        return []


class Shopper(BaseModel):
    """Whom it is about; an app that may not see a field is sent none."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_max_length=1_000)

    id: ShopifyId | None = None
    email: str | None = None
    phone: str | None = None


class ShopperBody(SignedBody):
    """A body about one shopper."""

    customer: Shopper

    @property
    def names_of_customer(self) -> list[str]:
        """What an export may name the shopper by."""
        named = (self.customer.email, self.customer.id, self.customer.phone)
        return [str(one) for one in named if one is not None]


class CustomerRedact(ShopperBody):
    """``customers/redact``."""

    orders_to_redact: list[ShopifyId]

    @property
    def orders(self) -> list[str]:
        """The ids of the orders that are named."""
        return [str(one) for one in self.orders_to_redact]


class DataRequest(ShopperBody):
    """``customers/data_request``."""

    data_request: dict[str, ShopifyId]
    orders_requested: list[ShopifyId] = []

    @property
    def orders(self) -> list[str]:
        """The ids of the orders that are named."""
        return [str(one) for one in self.orders_requested]


class ShopRedact(SignedBody):
    """``shop/redact``; a signed body about a shopper is none, whatever its headers say."""

    customer: None = None


class AppUninstalled(SignedBody):
    """``app/uninstalled``: Shopify's own shop."""

    shop: str = Field(validation_alias="myshopify_domain")


BY_TOPIC: Mapping[WebhookTopic, type[SignedBody]] = {
    "customers/data_request": DataRequest,
    "customers/redact": CustomerRedact,
    "shop/redact": ShopRedact,
    "app/uninstalled": AppUninstalled,
}
BODY_EXAMPLE = {
    "shop_domain": "my-shop.myshopify.com",
    "customer": {"id": 191167, "email": "ada@example.com"},
    "orders_to_redact": [299938],
}


class WebhookReceived(Answer):
    """What became of it: queued, there already, or of a topic that nothing is done about."""

    model_config = example({"status": "queued"})

    status: Literal["queued", "duplicate", "ignored"]


@router.post(
    "/api/webhooks/shopify",
    responses=refusals(Invalid, UnclearShop),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"*/*": {"schema": {}, "example": BODY_EXAMPLE}},
        }
    },
)
def receive_privacy_webhook(
    request: Request,
    body: Annotated[bytes, Depends(RawBody(MOST_BYTES))],
    caller: ShopifyCaller,
    services: Services,
) -> WebhookReceived:
    """Take one of Shopify's privacy webhooks, by its topic.

    The same event comes to the same document. An open one's message is left again, since it may
    have been lost with the answer.
    """
    topic = next((known for known in BY_TOPIC if known == caller.name), None)
    if topic is None:
        return WebhookReceived(status="ignored")
    fresh = _webhook(topic, _read(BY_TOPIC[topic], body), request, body, services)
    stored, is_new = _keep(services, fresh)
    if stored is not None and stored.record.state == "open":
        name = topology.privacy_tasks().name
        services.ports.topics.publish(name, stored.record.task.message())
    return WebhookReceived(status="queued" if is_new else "duplicate")


def _keep(services: ApiServices, fresh: Webhook) -> tuple[Stored[Webhook] | None, bool]:
    made = services.collections.webhooks.create(fresh)
    if made is not None:
        return made, True
    return services.collections.webhooks.read(fresh.key), False


def _webhook(
    topic: WebhookTopic, sent: SignedBody, request: Request, body: bytes, services: ApiServices
) -> Webhook:
    shop, event = _shop(sent, request), _event(request, body)
    customers = _hashed(sent, services.ports.secrets)
    return Webhook(
        id=webhook_id(shop, topic, event),
        shop_id=shop,
        topic=topic,
        event_id=event,
        triggered_at=_triggered(request, services.now()),
        received_at=services.now(),
        subject=Subject(customers=tuple(customers), orders=tuple(sent.orders)),
    )


def _read(shape: type[SignedBody], body: bytes) -> SignedBody:
    try:
        return shape.model_validate_json(body)
    except ValidationError as error:
        if error.errors(include_url=False, include_context=False)[0]["type"] == "json_invalid":
            raise Malformed("The body is not a JSON document") from error
        raise Invalid("The body is not what its topic says") from error


def _shop(sent: SignedBody, request: Request) -> str:
    """The shop that the signed body names; the header may not name another.

    The signature is of the body alone: a header that gives it another meaning is not believed.
    """
    named = request.headers.get(SHOP, sent.shop)
    if not SHOP_DOMAIN.fullmatch(sent.shop) or named != sent.shop:
        raise UnclearShop
    return sent.shop


def _event(request: Request, body: bytes) -> str:
    """What the same event has in common, however often and over however many webhooks it comes."""
    named = request.headers.get(EVENT) or request.headers.get(DELIVERY)
    return (named or sha256(body).hexdigest())[:200]


def _triggered(request: Request, now: datetime) -> datetime:
    try:
        at = datetime.fromisoformat(request.headers.get(TRIGGERED, ""))
    except ValueError:
        return now
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _hashed(sent: SignedBody, secrets: Secrets) -> list[str]:
    """The shopper as the stores know her: no name leaves this call."""
    if not sent.names_of_customer:
        return []
    import polars as pl  # noqa: PLC0415 - frames take a third of a second

    from pipeline_lib.exports.keys import hash_customers  # noqa: PLC0415 - as above

    key = secrets.read("customer_key")
    named = pl.Series(sent.names_of_customer, dtype=pl.String)
    return hash_customers(named, key).drop_nulls().to_list()
