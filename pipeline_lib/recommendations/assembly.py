"""A row of the worded portfolio as the recommendation that a shop reviews."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple, cast

from pipeline_lib.frames import Catalog, GainFields, MonthFields, Worded
from pipeline_lib.money import as_text, known_currency
from pipeline_lib.records.recommendations import (
    AiCopy,
    BundleProduct,
    BundleStock,
    BundleType,
    Evidence,
    ExpectedGain,
    Incremental,
    Objective,
    OfferKind,
    PackTier,
    PriceBounds,
    Pricing,
    Recommendation,
    SetOption,
)

ROLES = {
    "FBT": ("anchor", "companion"),
    "BOGO": ("buy", "get"),
    "MIX": ("choice", "choice"),
    "VOLUME": ("anchor", "anchor"),
}


class Origin(NamedTuple):
    """What all recommendations of a run share; ``created_at`` is when their evidence ends."""

    upload_id: str
    shop_id: str
    currency: str
    created_at: datetime


def recommendation(
    row: Worded,
    products: Sequence[Catalog],
    origin: Origin,
    *,
    set_aside: Mapping[str, int] | None = None,
) -> Recommendation:
    """The recommendation of one bundle.

    Args:
        row: a row of the worded portfolio.
        products: the catalogue's rows of its items, the anchor first.
        origin: what is the same for the whole run.
        set_aside: the orders that held all of the bundle and do not count, by the rule that took
            a product of it out; None where that was not counted.
    """
    return Recommendation(
        id=f"{origin.upload_id}-{row.key[:16]}",
        upload_id=origin.upload_id,
        shop_id=origin.shop_id,
        bundle_type=cast("BundleType", row.bundle_type),
        objective=cast("Objective", row.objective),
        other_objectives=tuple(cast("Objective", name) for name in row.others),
        offer=cast("OfferKind", row.offer),
        is_series=row.series,
        options=tuple(SetOption(skus=tuple(skus)) for skus in row.options),
        products=_products(row, products, origin.currency),
        pricing=_pricing(row, products, origin.currency),
        ai_copy=AiCopy.model_validate(row.ai_copy.stored),
        gain=_gain(row.gain, origin.currency),
        evidence=_evidence(row, origin.currency, set_aside),
        explanation=row.explanation,
        confidence=row.confidence or 0.0,
        ranking_score=row.ranking_score,
        score_parts={**row.score_parts.stored, "novelty": -row.novelty},
        rank_position=row.rank_position,
        wave=row.wave,
        is_approved=False,
        is_rejected=False,
        created_at=origin.created_at,
    )


def _gain(gain: GainFields | None, currency: str) -> ExpectedGain | None:
    """What a month of the offer is expected to earn; None where no order tells."""
    if gain is None:
        return None
    return ExpectedGain(
        expected=as_text(round(gain.expected), currency),
        low=as_text(round(gain.low), currency),
        high=as_text(round(gain.high), currency),
        at_list_price=as_text(round(gain.at_list_price), currency),
        margin_from=cast('Literal["cost", "setting"]', gain.margin_from),
    )


def _evidence(row: Worded, currency: str, set_aside: Mapping[str, int] | None) -> Evidence:
    return Evidence(
        source=row.source,
        rung=row.rung,
        orders_together=row.orders_together,
        orders_each=tuple(row.orders_each),
        orders_total=row.orders_total,
        expected_together=row.expected_together,
        lift=row.lift,
        confidence=row.confidence,
        confidence_low=row.confidence_low,
        q_value=row.q_value,
        similarity=row.similarity,
        forecast=row.forecast,
        incremental=_incremental(row.incremental, currency),
        stock=_stock(row),
        set_aside=set_aside,
    )


def _stock(row: Worded) -> BundleStock | None:
    cover = row.stock
    return None if cover is None else BundleStock.model_validate(cover.stored)


def _incremental(month: MonthFields | None, currency: str) -> Incremental | None:
    if month is None:
        return None
    profit = month.profit
    return Incremental(
        together=month.together,
        won=month.won,
        given_away=as_text(month.given_away, currency),
        revenue=as_text(month.revenue, currency),
        profit=None if profit is None else as_text(profit, currency),
        won_over=month.won_over,
    )


def _products(row: Worded, products: Sequence[Catalog], currency: str) -> tuple[BundleProduct, ...]:
    first, other = ROLES[row.bundle_type]
    return tuple(
        BundleProduct.model_validate(
            {
                "sku": product.written_sku,
                "product_id": product.product_id,
                "variant_id": product.variant_id,
                "name": product.title,
                "quantity": quantity,
                "unit_price": as_text(product.price_minor, currency),
                "unit_cost": None
                if product.cost_minor is None
                else as_text(product.cost_minor, currency),
                "role": first if place == 0 else other,
            }
        )
        for place, (product, quantity) in enumerate(zip(products, row.quantities, strict=True))
    )


def _pricing(row: Worded, products: Sequence[Catalog], currency: str) -> Pricing:
    bounds = row.bounds
    return Pricing(
        currency=known_currency(currency),
        list_price=as_text(row.list_minor, currency),
        bundle_price=as_text(row.bundle_minor, currency),
        discount_pct=row.discount_pct,
        margin_pct=row.margin_pct,
        bounds=PriceBounds(
            low=as_text(bounds.low, currency),
            low_by=bounds.low_by,
            high=as_text(bounds.high, currency),
            high_by=bounds.high_by,
            decided_by=row.bit,
        ),
        tiers=_tiers(row, currency),
        get_discount_pct=_get_discount_pct(row, products),
    )


def _tiers(row: Worded, currency: str) -> tuple[PackTier, ...] | None:
    if row.bundle_type != "VOLUME":
        return None
    return tuple(
        PackTier(units=tier.units, price=as_text(tier.price_minor, currency)) for tier in row.tiers
    )


def _get_discount_pct(row: Worded, products: Sequence[Catalog]) -> float | None:
    """What the second product of a BOGO is cheaper by; None for other types."""
    if row.bundle_type != "BOGO":
        return None
    helped = products[1].price_minor * row.quantities[1]
    off = row.list_minor - row.bundle_minor
    return float(round(100 * min(off / helped, 1.0), 2))
