"""Recommendations and bundles of a few words, for tests that look at a part of them."""

from pipeline_lib.records.recommendations import (
    AiCopy,
    Bundle,
    BundleProduct,
    Evidence,
    PriceBounds,
    Pricing,
    Recommendation,
)
from tests.conftest import MADE_AT

PRICING = Pricing(
    currency="GBP",
    list_price="3.00",
    bundle_price="2.70",
    discount_pct=10.0,
    margin_pct=None,
    bounds=PriceBounds(
        low="2.10", low_by="objective", high="3.00", high_by="objective", decided_by=None
    ),
)
AI_COPY = AiCopy(title="Tea", tagline="For two", description="Tea for two", source="template")


def product(sku):
    return BundleProduct(
        sku=sku, name=sku.title(), quantity=1, unit_price="1.00", unit_cost=None, role="companion"
    )


def evidence(**known):
    """Evidence of which only what is given is known."""
    nothing = dict.fromkeys(Evidence.model_fields)
    return Evidence(**{**nothing, "source": "co_purchase", "orders_together": 0, **known})


def recommendation(**given):
    plain = {
        "id": "u-1",
        "upload_id": "u",
        "shop_id": "shop",
        "bundle_type": "FBT",
        "objective": "increase_aov",
        "products": (),
        "pricing": PRICING,
        "ai_copy": AI_COPY,
        "evidence": evidence(),
        "explanation": "",
        "confidence": 0.5,
        "ranking_score": 0.5,
        "score_parts": {},
        "rank_position": 1,
        "created_at": MADE_AT,
    }
    return Recommendation(**{**plain, **given})


def bundle_of(one):
    """The bundle that a shop makes of the recommendation."""
    names = Bundle.model_fields.keys() & one.model_dump().keys()
    held = {name: getattr(one, name) for name in names}
    return Bundle(**held, recommendation_id=one.id)
