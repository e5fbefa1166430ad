"""Every frame that a phase keeps for others: its columns with types and units, and who keeps it.

A class is a handle, its attributes are columns; an instance of it is a row. Money is in minor
units of the run's currency (``_minor``), times are in UTC.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TypeAlias

import polars as pl
from polars.datatypes import DataTypeClass

from pipeline_lib.columns import Column, Frame, Nullable, NullableStruct, Row, Struct, Structs

Columns: TypeAlias = Mapping[str, pl.DataType | DataTypeClass]

TIME = pl.Datetime("us", "UTC")

OBJECTIVES = (
    "increase_aov",
    "clear_slow_movers",
    "seasonal_promo",
    "new_launch",
    "category_bundle",
    "gift_box",
    "subscription_push",
    "margin_guard",
)

FLAGS = ("is_slow_mover", "is_high_margin", "is_new_launch", "is_seasonal")


class OrderLines(Frame, artefact="lines", kept_by="ingest", in_parts=True):
    """Order lines as they stand in the export, those that no rule set aside."""

    order_id = Column[str](pl.String)
    ordered_at = Nullable[datetime](TIME)  # null in files without dates
    sku = Column[str](pl.String)  # in one spelling
    name = Column[str](pl.String)
    quantity = Column[int](pl.Int32)
    price_minor = Nullable[int](pl.Int64)  # of one unit; null in files without prices
    discount_minor = Column[int](pl.Int64)  # of the line
    customer = Nullable[str](pl.String)  # a keyed hash


class SetAside(Frame, artefact="set_aside", kept_by="ingest", in_parts=True):
    """All lines of the orders that lost some to a rule of hygiene."""

    order_id = Column[str](pl.String)
    sku = Nullable[str](pl.String)  # in one spelling
    rule = Nullable[str](pl.String)  # that took the line; null for one that was kept
    customer = Nullable[str](pl.String)  # a keyed hash


class Products(Frame, artefact="products", kept_by="ingest"):
    """The shop's products and variants, a SKU once; what no file says is null."""

    sku = Column[str](pl.String)
    written_sku = Nullable[str](pl.String)  # as the shop writes it
    title = Nullable[str](pl.String)
    variant = Nullable[str](pl.String)
    handle = Nullable[str](pl.String)
    product_key = Column[str](pl.String)  # the same for all variants of a product
    product_id = Nullable[str](pl.String)  # as the file writes it: a GID, or its number
    variant_id = Nullable[str](pl.String)
    inventory_item_id = Nullable[str](pl.String)  # the number alone
    product_type = Nullable[str](pl.String)
    vendor = Nullable[str](pl.String)
    tags = Nullable[str](pl.String)
    price_minor = Nullable[int](pl.Int64)
    compare_at_minor = Nullable[int](pl.Int64)
    cost_minor = Nullable[int](pl.Int64)  # of one unit
    stock = Nullable[int](pl.Int64)  # units
    status = Nullable[str](pl.String)
    gift_card = Nullable[bool](pl.Boolean)
    created_at = Nullable[datetime](TIME)


class StockLevels(Frame, artefact="stock", kept_by="ingest"):
    """The inventory export's last word on stock, a SKU once."""

    sku = Column[str](pl.String)
    available = Nullable[int](pl.Int64)  # units over all locations


class PlacedOrders(Frame, artefact="orders", kept_by="enrich"):
    """Orders by time, then id; ``order`` is the row's number."""

    order = Column[int](pl.UInt32)
    ordered_at = Nullable[datetime](TIME)
    customer = Nullable[str](pl.String)


class BasketItems(Frame, artefact="baskets", kept_by="enrich"):
    """A product of an order, once; by order, then item."""

    order = Column[int](pl.UInt32)
    item = Column[int](pl.UInt32)
    quantity = Column[int](pl.Int32)


class PlainCatalog(Row):
    """What was sold or can be, with its sales; by SKU, and ``item`` is the row's number."""

    item = Column[int](pl.UInt32)
    sku = Column[str](pl.String)
    written_sku = Column[str](pl.String)
    title = Column[str](pl.String)  # with the variant's options
    product_title = Column[str](pl.String)  # without
    variant = Nullable[str](pl.String)
    handle = Nullable[str](pl.String)
    product_key = Column[str](pl.String)  # the same for all variants of a product
    product_id = Nullable[str](pl.String)  # as the file writes it: a GID, or its number
    variant_id = Nullable[str](pl.String)
    product_type = Nullable[str](pl.String)
    tags = Nullable[str](pl.String)
    price_minor = Column[int](pl.Int64)
    cost_minor = Nullable[int](pl.Int64)
    stock = Nullable[int](pl.Int64)  # units; null where it is not tracked
    created_at = Nullable[datetime](TIME)
    orders = Column[int](pl.Int64)
    units = Column[int](pl.Int64)
    revenue_minor = Column[int](pl.Int64)  # after discounts
    discount_rate = Column[float](pl.Float64)  # share of the gross sales, 0 to 1
    repeat_rate = Column[float](pl.Float64)  # share of known customers who came again, 0 to 1
    repeat_days = Nullable[float](pl.Float64)  # median from an order of it to the customer's next
    usual_units = Nullable[float](pl.Float64)  # median of an order; null of what nobody bought
    season_share = Nullable[float](pl.Float64)  # of a year's units in its two best months
    month_orders = Column[int](pl.Int64)  # in the 30 days before the newest order
    month_units = Column[int](pl.Int64)  # as above
    first_sold = Nullable[datetime](TIME)
    last_sold = Nullable[datetime](TIME)


class Catalog(PlainCatalog, Frame, artefact="catalog", kept_by="enrich"):
    """The same with what kind of product each is (FLAGS)."""

    units_per_day = Column[float](pl.Float64)
    margin_rate = Nullable[float](pl.Float64)  # of the price; null without a cost
    margin_basis = Column[str](pl.String)  # cost or discount
    is_slow_mover = Column[bool](pl.Boolean)
    is_high_margin = Column[bool](pl.Boolean)
    is_new_launch = Column[bool](pl.Boolean)
    is_seasonal = Column[bool](pl.Boolean)
    own_type = Nullable[str](pl.String)  # product type as the shop itself wrote it


class Fits(Frame, artefact="fits", kept_by="score"):
    """How well each product serves each of OBJECTIVES, 0 to 1; by item."""

    item = Column[int](pl.UInt32)
    increase_aov = Column[float](pl.Float64)
    clear_slow_movers = Column[float](pl.Float64)
    seasonal_promo = Column[float](pl.Float64)
    new_launch = Column[float](pl.Float64)
    category_bundle = Column[float](pl.Float64)
    gift_box = Column[float](pl.Float64)
    subscription_push = Column[float](pl.Float64)
    margin_guard = Column[float](pl.Float64)


class LedgerItems(Frame, artefact="ledger/items", kept_by="candidates"):
    """In how many orders each product of all files so far is; by SKU."""

    sku = Column[str](pl.String)
    orders = Column[int](pl.Int32)


class LedgerPairs(Frame, artefact="ledger/pairs", kept_by="candidates"):
    """In how many orders each pair is; ``left`` and ``right`` are rows of the items."""

    left = Column[int](pl.UInt32)
    right = Column[int](pl.UInt32)
    orders = Column[int](pl.Int32)


class EarlierItems(LedgerItems, artefact="before/items", kept_by="redact"):
    """The same of the files that a run adds to, an erased shopper's orders left out."""


class EarlierPairs(LedgerPairs, artefact="before/pairs", kept_by="redact"):
    """The same of the files that a run adds to, an erased shopper's orders left out."""


class DemandFields(Row):
    """A page that a set is shown on."""

    orders = Column[float](pl.Float64)  # a month, with the page's product
    attach = Column[float](pl.Float64)  # share of them that holds the rest anyway, 0 to 1
    seen = Column[float](pl.Float64)  # orders that the share was counted on, the older the less


class Candidates(Frame, artefact="candidates", kept_by="candidates"):
    """Sets of products, each for an objective, with what the orders say of them."""

    bundle_type = Column[str](pl.String)  # FBT, BOGO, MIX or VOLUME
    objective = Column[str](pl.String)  # one of OBJECTIVES
    source = Column[str](pl.String)
    rung = Column[str](pl.String)  # of the ladder of evidence
    items = Column[list[int]](pl.List(pl.UInt32))  # the anchor first
    quantities = Column[list[int]](pl.List(pl.Int32))  # as items
    orders_together = Column[int](pl.Int64)
    orders_each = Column[list[int]](pl.List(pl.Int64))  # as items
    orders_total = Column[int](pl.Int64)
    expected_together = Nullable[float](pl.Float64)  # orders; null for one product
    lift = Nullable[float](pl.Float64)  # seen by expected
    confidence = Nullable[float](pl.Float64)  # share of the anchor's orders; null without any
    confidence_low = Column[float](pl.Float64)  # the bound that later orders keep
    q_value = Nullable[float](pl.Float64)  # null where nothing was tested
    similarity = Nullable[float](pl.Float64)  # 0 to 1, of what is alike
    forecast = Column[float](pl.Float64)  # orders per order beyond chance, at least 0
    demand = Structs(DemandFields)  # of its pages, the anchor's first
    gain_minor = Nullable[float](pl.Float64)  # a month, expected; null where no order tells
    series = Column[bool](pl.Boolean)  # of one line: the same thing in other colours or sizes
    objective_fit = Column[float](pl.Float64)  # 0 to 1


class Distinct(Candidates, artefact="distinct", kept_by="deduplicate"):
    """The candidates, each bundle once."""

    key = Column[str](pl.String)  # its identity in hexadecimal


class ScoreFields(Row):
    """What a score is the weighted sum of, each 0 to 1, but for a gain, which may be below 0."""

    gain = Column[float](pl.Float64)
    forecast = Column[float](pl.Float64)
    confidence = Column[float](pl.Float64)
    lift = Column[float](pl.Float64)
    objective_fit = Column[float](pl.Float64)
    inventory = Column[float](pl.Float64)
    price_sanity = Column[float](pl.Float64)


class BoundsFields(Row):
    """Between which prices a bundle may lie, and what sets each end."""

    low = Column[int](pl.Int64)  # minor units, as high
    high = Column[int](pl.Int64)
    low_by = Column[str](pl.String)
    high_by = Column[str](pl.String)


class TierFields(Row):
    """A pack of so many units at a price."""

    units = Column[int](pl.Int64)
    price_minor = Column[int](pl.Int64)


class MonthFields(Row):
    """A month of a bundle against a month without it; amounts in minor units."""

    together = Column[float](pl.Float64)  # orders that would hold it anyway
    won = Column[float](pl.Float64)  # orders that the offer adds
    won_over = Column[float](pl.Float64)  # share of the orders that would not hold it
    given_away = Column[int](pl.Int64)
    revenue = Column[int](pl.Int64)
    profit = Nullable[int](pl.Int64)  # null without all costs


class CoverFields(Row):
    """How many bundles the stock allows, for how many days, and which SKU ends it."""

    sellable = Nullable[int](pl.Int64)
    days = Nullable[int](pl.Int64)
    first_out = Nullable[str](pl.String)


class GainFields(Row):
    """What a month of an offer is expected to earn, in minor units, with its 10-90 % range."""

    expected = Column[float](pl.Float64)
    low = Column[float](pl.Float64)
    high = Column[float](pl.Float64)
    at_list_price = Column[float](pl.Float64)
    margin_from = Column[str](pl.String)  # cost, or setting where a cost is unknown


class OfferColumns(Row):
    """At what price a bundle is offered, and what that gains."""

    list_minor = Column[int](pl.Int64)  # its products one by one
    bundle_minor = Column[int](pl.Int64)
    off_minor = Column[int](pl.Int64)  # the first less the second
    bit = Column[str](pl.String)  # what decided the price: gain, list_price or a bound
    offer = Column[str](pl.String)  # together, discounted, clearance, tiers or bogo
    clears = Column[bool](pl.Boolean)  # whether it sells what would wait until it is worth less
    gain = NullableStruct(GainFields)  # null where no order tells


class Portfolio(Distinct, OfferColumns, artefact="portfolio", kept_by="optimize"):
    """The bundles that a merchant is shown, best first."""

    ranking_score = Column[float](pl.Float64)
    score_parts = Struct(ScoreFields)
    novelty = Column[float](pl.Float64)  # what is taken off the score
    others = Column[list[str]](pl.List(pl.String))  # objectives that the set serves too
    options = Column[list[list[str]]](pl.List(pl.List(pl.String)))  # the same in other colours
    rank_position = Column[int](pl.UInt32)  # from 1


class PriceColumns(Row):
    """How the price of an offer came about, what its month brings and what stock allows."""

    discount_pct = Column[float](pl.Float64)
    margin_pct = Nullable[float](pl.Float64)  # null without all costs
    bounds = Struct(BoundsFields)
    tiers = Structs(TierFields)  # empty for what is no VOLUME
    incremental = NullableStruct(MonthFields)  # null in a preview, as is stock
    stock = NullableStruct(CoverFields)


class Priced(Portfolio, PriceColumns, artefact="priced", kept_by="price"):
    """The portfolio with its prices."""


class Explained(Priced, artefact="explained", kept_by="explain"):
    """The same with why each is recommended."""

    explanation = Column[str](pl.String)


class CopyFields(Row):
    """What a shopper reads, and who wrote it."""

    title = Column[str](pl.String)
    tagline = Column[str](pl.String)
    description = Column[str](pl.String)
    source = Column[str](pl.String)


class Worded(Explained, artefact="worded", kept_by="copywrite"):
    """The same with its texts, and in which wave it became visible."""

    ai_copy = Struct(CopyFields)
    wave = Column[int](pl.Int32)  # from 1


class RuleColumns(Row):
    """Association rules: what is bought with what, items as codes; measures as mining has them."""

    antecedent = Column[list[int]](pl.List(pl.UInt32))
    consequent = Column[list[int]](pl.List(pl.UInt32))
    orders = Column[int](pl.Int64)
    support = Column[float](pl.Float64)
    confidence = Column[float](pl.Float64)
    lift = Column[float](pl.Float64)
    leverage = Column[float](pl.Float64)
    conviction = Column[float](pl.Float64)  # infinite where no order speaks against the rule
    support_low = Column[float](pl.Float64)
    confidence_low = Column[float](pl.Float64)
    lift_low = Column[float](pl.Float64)
