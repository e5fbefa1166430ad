"""A recommendation that a shop reviews, the bundle made of one, and the preview before them."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AwareDatetime, Field

from pipeline_lib.ports import Order
from pipeline_lib.records.record import Part, Record

Money = Annotated[str, Field(pattern=r"^-?\d+(\.\d+)?$", examples=["19.99"])]  # an exact decimal
BundleType = Literal["FBT", "VOLUME", "MIX", "BOGO"]
Objective = Literal[
    "increase_aov",
    "clear_slow_movers",
    "seasonal_promo",
    "new_launch",
    "category_bundle",
    "gift_box",
    "subscription_push",
    "margin_guard",
]
OfferKind = Literal["together", "discounted", "clearance", "tiers", "bogo"]
Review = Literal["pending", "approved", "rejected"]


def _is_none(value: object) -> bool:
    return value is None


class BundleProduct(Part):
    """A product of a bundle, the anchor first."""

    sku: str
    product_id: str | None = None  # the shop's own, as its files write it; as the variant's
    variant_id: str | None = None
    name: str
    quantity: int
    unit_price: Money
    unit_cost: Money | None
    role: Literal["anchor", "companion", "buy", "get", "choice"]


class PriceBounds(Part):
    """Between which prices the bundle's lies, and what sets each bound."""

    low: Money
    low_by: str
    high: Money
    high_by: str
    decided_by: str | None


class PackTier(Part):
    """The price of a pack of so many units."""

    units: int
    price: Money


class Pricing(Part):
    """What a bundle costs; amounts are exact decimals in the shop's currency."""

    currency: str | None
    list_price: Money
    bundle_price: Money
    discount_pct: float
    margin_pct: float | None
    bounds: PriceBounds
    tiers: tuple[PackTier, ...] | None = Field(None, exclude_if=_is_none)  # of packs alone
    get_discount_pct: float | None = Field(None, exclude_if=_is_none)  # of BOGO alone


class AiCopy(Part):
    """The texts a shopper reads, and who wrote them."""

    title: str
    tagline: str
    description: str
    source: str


class SetOption(Part):
    """Another set of the same lines, in other colours, sizes or pieces: its SKUs, anchor first."""

    skus: tuple[str, ...]


class ExpectedGain(Part):
    """What a month of the offer is expected to earn, and the range of eight cases in ten.

    ``at_list_price`` is what it would earn without a discount; ``margin_from`` says whether all
    costs are known (``cost``) or the shop's setting stands for one (``setting``).
    """

    expected: Money
    low: Money
    high: Money
    at_list_price: Money
    margin_from: Literal["cost", "setting"]


class Incremental(Part):
    """An estimated month of the bundle against a month without it."""

    together: float
    won: float
    won_over: float
    given_away: Money
    revenue: Money
    profit: Money | None


class BundleStock(Part):
    """How many bundles the stock allows, for how many days, and which product ends it."""

    sellable: int | None
    days: int | None
    first_out: str | None


class Evidence(Part):
    """What a bundle rests on; null is what cannot be said of it."""

    source: str
    rung: str | None
    orders_together: int | None
    orders_each: tuple[int | None, ...] | None
    orders_total: int | None
    expected_together: float | None
    lift: float | None
    confidence: float | None
    confidence_low: float | None
    q_value: float | None
    similarity: float | None
    forecast: float | None
    incremental: Incremental | None
    stock: BundleStock | None
    set_aside: Mapping[str, int] | None = None  # orders of the whole bundle taken out, by rule


class Grade(Part):
    """What a bundle did in the orders that came after its evidence ended."""

    since: AwareDatetime
    until: AwareDatetime
    anchor_orders: int
    orders_together: int
    attach_before: float
    attach_after: float
    incremental: float
    factor: float


class Recommendation(Record):
    """One bundle that is recommended to a shop, and what the shop said of it."""

    collection: ClassVar = "recommendations"
    by_rank: ClassVar = Order("rank_position")
    by_score: ClassVar = Order("ranking_score", down=True)
    by_confidence: ClassVar = Order("confidence", down=True)

    id: str
    upload_id: str
    shop_id: str
    bundle_type: BundleType
    objective: Objective
    other_objectives: tuple[Objective, ...] = ()  # that the set serves too, best first
    offer: OfferKind = "together"
    is_series: bool = False  # of one line: the same thing in other colours or sizes
    options: tuple[SetOption, ...] = ()
    products: tuple[BundleProduct, ...]
    pricing: Pricing
    ai_copy: AiCopy
    gain: ExpectedGain | None = None  # None where no order tells
    evidence: Evidence
    explanation: str
    confidence: float
    ranking_score: float
    score_parts: Mapping[str, float]
    rank_position: int
    wave: int | None = None
    is_approved: bool = False
    is_rejected: bool = False
    created_at: AwareDatetime
    run: int = 0
    rejection_reason: str | None = None
    judged_at: AwareDatetime | None = None
    grade: Grade | None = None

    @property
    def key(self) -> str:
        return self.id

    @property
    def skus(self) -> frozenset[str]:
        """The set of products, whatever it is for."""
        return frozenset(product.sku for product in self.products)

    @property
    def review(self) -> Review:
        """Whether the shop has judged it."""
        if self.is_approved:
            return "approved"
        return "rejected" if self.is_rejected else "pending"

    def result(self) -> dict[str, Any]:
        """What a run's file of results shows of it: all but what came after the run."""
        return self.model_dump(exclude={"run", "rejection_reason", "judged_at", "grade"})


class Bundle(Record):
    """A bundle that a shop made of a recommendation."""

    collection: ClassVar = "bundles"
    newest_first: ClassVar = Order("created_at", down=True)

    id: str
    shop_id: str
    recommendation_id: str
    bundle_type: BundleType
    objective: Objective
    products: tuple[BundleProduct, ...]
    pricing: Pricing
    ai_copy: AiCopy
    evidence: Evidence
    is_active: bool = True
    created_at: AwareDatetime
    deactivated_at: AwareDatetime | None = None

    @property
    def key(self) -> str:
        return self.id

    @property
    def skus(self) -> frozenset[str]:
        """The set of products, whatever it is for."""
        return frozenset(product.sku for product in self.products)


class Preview(Record):
    """The first look at a run, which its recommendations will replace."""

    collection: ClassVar = "previews"

    upload_id: str
    shop_id: str
    run: int
    bundles: tuple[Recommendation, ...]
    expires_at: AwareDatetime

    @property
    def key(self) -> str:
        return self.upload_id


class RuleListing(Record):
    """Which association rules were made of an upload's orders; they are an artefact of its run."""

    collection: ClassVar = "rules"

    upload_id: str
    shop_id: str
    run: int
    name: str
    count: int
    expires_at: AwareDatetime

    @property
    def key(self) -> str:
        return self.upload_id
