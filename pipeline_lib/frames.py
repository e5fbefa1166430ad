"""The columns of the frames that phases hand on, with their types; no code that fills them."""

from collections.abc import Mapping
from typing import TypeAlias

import polars as pl
from polars.datatypes import DataTypeClass

Columns: TypeAlias = Mapping[str, pl.DataType | DataTypeClass]

TIME = pl.Datetime("us", "UTC")

LINES: Columns = {
    "order_id": pl.String,
    "ordered_at": TIME,
    "sku": pl.String,
    "name": pl.String,
    "quantity": pl.Int32,
    "price_minor": pl.Int64,
    "discount_minor": pl.Int64,
    "customer": pl.String,
}

PRODUCTS: Columns = {
    "sku": pl.String,
    "written_sku": pl.String,
    "title": pl.String,
    "variant": pl.String,
    "handle": pl.String,
    "product_type": pl.String,
    "vendor": pl.String,
    "tags": pl.String,
    "price_minor": pl.Int64,
    "compare_at_minor": pl.Int64,
    "cost_minor": pl.Int64,
    "stock": pl.Int64,
    "status": pl.String,
    "gift_card": pl.Boolean,
    "created_at": TIME,
}

STOCK: Columns = {"sku": pl.String, "available": pl.Int64}

ORDERS: Columns = {"order": pl.UInt32, "ordered_at": TIME, "customer": pl.String}

BASKETS: Columns = {"order": pl.UInt32, "item": pl.UInt32, "quantity": pl.Int32}

CATALOG: Columns = {
    "item": pl.UInt32,
    "sku": pl.String,
    "written_sku": pl.String,
    "title": pl.String,
    "handle": pl.String,
    "product_type": pl.String,
    "tags": pl.String,
    "price_minor": pl.Int64,
    "cost_minor": pl.Int64,
    "stock": pl.Int64,
    "created_at": TIME,
    "orders": pl.Int64,
    "units": pl.Int64,
    "revenue_minor": pl.Int64,
    "discount_rate": pl.Float64,
    "repeat_rate": pl.Float64,
    "season_share": pl.Float64,
    "month_orders": pl.Int64,
    "month_units": pl.Int64,
    "first_sold": TIME,
    "last_sold": TIME,
}

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

CANDIDATES: Columns = {
    "bundle_type": pl.String,
    "objective": pl.String,
    "source": pl.String,
    "rung": pl.String,
    "items": pl.List(pl.UInt32),
    "quantities": pl.List(pl.Int32),
    "orders_together": pl.Int64,
    "orders_each": pl.List(pl.Int64),
    "orders_total": pl.Int64,
    "expected_together": pl.Float64,
    "lift": pl.Float64,
    "confidence": pl.Float64,
    "confidence_low": pl.Float64,
    "q_value": pl.Float64,
    "similarity": pl.Float64,
    "forecast": pl.Float64,
    "objective_fit": pl.Float64,
}
