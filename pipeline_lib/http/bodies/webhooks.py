"""The shapes of Shopify's privacy webhooks, and of what was done about them."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from pipeline_lib.http.shapes import Asked, Cursor, Limit, Shape
from pipeline_lib.records import webhooks

Number = Annotated[int | str, Field(union_mode="left_to_right")]


class Sent(BaseModel):
    """A body that Shopify has signed; it may say more than is read of it."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_max_length=1_000)

    shop: str = Field(validation_alias="shop_domain")

    @property
    def customers(self) -> list[str]:
        """What an export may name the shopper by."""
        return []

    @property
    def orders(self) -> list[str]:
        """The ids of the orders that are named."""
        return []


class Shopper(BaseModel):
    """Whom it is about; an app that may not see a field is sent none."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_max_length=1_000)

    id: Number | None = None
    email: str | None = None
    phone: str | None = None


class OfShopper(Sent):
    """A body about one shopper."""

    customer: Shopper

    @property
    def customers(self) -> list[str]:
        """What an export may name the shopper by."""
        named = (self.customer.email, self.customer.id, self.customer.phone)
        return [str(one) for one in named if one is not None]


class CustomerRedact(OfShopper):
    """``customers/redact``."""

    orders_to_redact: list[Number]

    @property
    def orders(self) -> list[str]:
        """The ids of the orders that are named."""
        return [str(one) for one in self.orders_to_redact]


class DataRequest(OfShopper):
    """``customers/data_request``."""

    data_request: dict[str, Number]
    orders_requested: list[Number] = []

    @property
    def orders(self) -> list[str]:
        """The ids of the orders that are named."""
        return [str(one) for one in self.orders_requested]


class ShopRedact(Sent):
    """``shop/redact``; a signed body about a shopper is none, whatever its headers say."""

    customer: None = None


class Uninstalled(Sent):
    """``app/uninstalled``: Shopify's own shop."""

    shop: str = Field(validation_alias=AliasChoices("myshopify_domain"))


BY_TOPIC: dict[str, type[Sent]] = {
    webhooks.DATA_REQUEST: DataRequest,
    webhooks.CUSTOMER: CustomerRedact,
    webhooks.SHOP: ShopRedact,
    webhooks.UNINSTALLED: Uninstalled,
}


class Received(Shape):
    """What became of it: queued, there already, or of a topic that nothing is done about."""

    status: Literal["queued", "duplicate", "ignored"]


class RunRecord(Shape):
    """What was found in a run: how much, or to a shopper's request which orders."""

    upload_id: str
    run: int
    orders: int | None = None
    objects: int | None = None
    carried_over_to: int | None = None
    stopped: bool | None = None
    order_ids: list[str] | None = None


class Record(Shape):
    """A webhook, and what was done about it; of an erasure this is the certificate.

    ``files`` counts raw files that were removed, ``documents`` documents by collection.
    """

    id: str
    shop_id: str
    topic: str
    event_id: str
    state: Literal["open", "done"]
    received_at: datetime
    done_at: datetime | None
    runs: list[RunRecord]
    files: int
    documents: dict[str, int]


class RecordsAsked(Asked):
    """Which page."""

    limit: Limit = 50
    cursor: Cursor = None


class ShopRecordsAsked(RecordsAsked):
    """Of which shop; of all where none is named."""

    shop: Annotated[str | None, Field(max_length=100)] = None


class Records(Shape):
    """What came, the newest first."""

    records: list[Record]
    next_cursor: str | None
