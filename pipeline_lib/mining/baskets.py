"""Order lines as baskets of integer codes, and a catalogue of what was sold."""

from datetime import datetime, timedelta
from typing import NamedTuple

import polars as pl

from pipeline_lib.exports.keys import UNNAMED
from pipeline_lib.frames import BasketItems, PlacedOrders, PlainCatalog, Products

LEAST_HISTORY = timedelta(days=300)  # a season shows only against the rest of the year
LEAST_UNITS = 20
MONTH = timedelta(days=30)


class CodedShop(NamedTuple):
    """A shop in codes: ``item`` is a row of ``catalog``, ``order`` a row of ``orders``."""

    catalog: pl.DataFrame
    orders: pl.DataFrame
    baskets: pl.DataFrame


def encode_shop(lines: pl.DataFrame, products: pl.DataFrame, stock: pl.DataFrame) -> CodedShop:
    """Code the lines' orders and products, and gather each product's facts.

    Args:
        lines: order lines, columns ``OrderLines``; may be empty.
        products: the shop's catalogue, columns ``Products``, a SKU once; may be empty.
        stock: columns ``StockLevels``, a SKU once; where it knows a product it has the last word.

    Returns:
        ``catalog`` (columns ``PlainCatalog``) by SKU: all active products, and what was sold
        without being in the shop's catalogue. ``orders`` (``PlacedOrders``) by time, then id:
        those that hold a product of the catalogue, which are what every number of a run is
        counted from. ``baskets`` (``BasketItems``) by order, then item: a product of an order is
        one row, whatever its lines.
    """
    catalog = _catalog(lines, products, stock)
    orders = (
        lines.filter(pl.col("sku").is_in(catalog["sku"].implode()))
        .group_by("order_id")
        .agg(pl.col("ordered_at").min(), pl.col("customer").min())
        .sort("ordered_at", "order_id")
        .with_row_index("order")
    )
    baskets = (
        lines.select("order_id", "sku", "quantity")
        .join(catalog.select("sku", "item"), on="sku")
        .join(orders.select("order_id", "order"), on="order_id")
        .group_by("order", "item")
        .agg(pl.col("quantity").sum())
        .sort("order", "item")
    )
    return CodedShop(
        catalog.select(*PlainCatalog.schema).cast(PlainCatalog.schema),
        orders.select(*PlacedOrders.schema).cast(PlacedOrders.schema),
        baskets.select(*BasketItems.schema).cast(BasketItems.schema),
    )


def _catalog(lines: pl.DataFrame, products: pl.DataFrame, stock: pl.DataFrame) -> pl.DataFrame:
    others = lines.join(products.select("sku"), on="sku", how="anti")
    known = pl.concat([_active(products), _known(others)], how="diagonal_relaxed")
    return (
        known.join(_sales(lines), on="sku", how="left")
        .join(stock, on="sku", how="left")
        .join(_repeats(lines), on="sku", how="left")
        .join(_seasons(lines), on="sku", how="left")
        .with_columns(
            pl.col("orders", "units", "revenue_minor", "month_orders", "month_units").fill_null(0),
            pl.col("discount_rate", "repeat_rate").fill_nan(None).fill_null(0.0),
            pl.col("price_minor").fill_null(pl.col("usual_price_minor")),
            pl.col("written_sku").fill_null(pl.col("sku")),
            _full_title(),
            pl.coalesce("title", "handle", "sku").alias("product_title"),
            pl.coalesce("product_key", "handle", "sku").alias("product_key"),
            pl.col("available").fill_null(pl.col("stock")).alias("stock"),
        )
        .filter(pl.col("price_minor") > 0)
        .sort("sku")
        .with_row_index("item")
    )


def _full_title() -> pl.Expr:
    """The title with the option that tells a variant from its sisters, where it lacks it."""
    title = pl.coalesce("title", "handle", "written_sku", "sku")
    said = pl.col("variant").is_null() | title.str.ends_with(pl.col("variant"))
    return pl.when(said).then(title).otherwise(title + " - " + pl.col("variant")).alias("title")


def _active(products: pl.DataFrame) -> pl.DataFrame:
    sellable = pl.col("status").fill_null("active").str.to_lowercase().is_in(["active", ""])
    return products.filter(sellable & ~pl.col("gift_card").fill_null(value=False))


def _known(lines: pl.DataFrame) -> pl.DataFrame:
    """What the lines alone know of the products: the name most often used, no more."""
    nameless = pl.col("name").is_in(["", UNNAMED])
    named = (
        lines.with_columns(name=pl.when(~nameless).then("name"))
        .group_by("sku", "name")
        .len()
        .sort(pl.col("name").is_null(), "len", "name", descending=[False, True, False])
        .group_by("sku", maintain_order=True)
        .agg(pl.col("name").first().alias("title"))
    )
    unknown = {name: type_ for name, type_ in Products.schema.items() if name not in named.columns}
    return named.with_columns(
        pl.lit(None, dtype=dtype).alias(name) for name, dtype in unknown.items()
    )


def _sales(lines: pl.DataFrame) -> pl.DataFrame:
    gross = pl.col("price_minor") * pl.col("quantity")
    of_late = pl.col("of_late")
    recent = pl.col("ordered_at").max() - pl.col("ordered_at") < MONTH
    return (
        lines.with_columns(recent.alias("of_late"))
        .group_by("sku")
        .agg(
            pl.col("order_id").n_unique().cast(pl.Int64).alias("orders"),
            pl.col("quantity").cast(pl.Int64).sum().alias("units"),
            (gross - pl.col("discount_minor")).sum().alias("revenue_minor"),
            pl.when(gross.sum() > 0)
            .then((pl.col("discount_minor").sum() / gross.sum()).clip(0, 1))
            .alias("discount_rate"),
            pl.col("price_minor").median().round().cast(pl.Int64).alias("usual_price_minor"),
            pl.col("order_id").filter(of_late).n_unique().cast(pl.Int64).alias("month_orders"),
            pl.col("quantity").filter(of_late).cast(pl.Int64).sum().alias("month_units"),
            pl.col("ordered_at").min().alias("first_sold"),
            pl.col("ordered_at").max().alias("last_sold"),
        )
    )


def _repeats(lines: pl.DataFrame) -> pl.DataFrame:
    """How products are bought again.

    The share of a product's known customers who ordered it on more than one day, the median days
    between two of their orders of it, and the median units of an order.
    """
    days = (
        lines.filter(pl.col("customer").is_not_null())
        .select("sku", "customer", pl.col("ordered_at").dt.date().alias("day"))
        .unique()
        .sort("sku", "customer", "day")
        .with_columns(pl.col("day").diff().over("sku", "customer").dt.total_days().alias("after"))
    )
    customers = days.group_by("sku", "customer").agg(pl.len().alias("times"), pl.col("after"))
    again = customers.group_by("sku").agg(
        (pl.col("times") > 1).mean().alias("repeat_rate"),
        pl.col("after").explode().median().alias("repeat_days"),
    )
    units = (
        lines.group_by("sku", "order_id")
        .agg(pl.col("quantity").sum())
        .group_by("sku")
        .agg(pl.col("quantity").median().alias("usual_units"))
    )
    return units.join(again, on="sku", how="left")


def _seasons(lines: pl.DataFrame) -> pl.DataFrame:
    """The share of a product's units that were sold in its two best neighbouring months.

    Months of the calendar, January following December. Nothing is said of a product that has not
    been sold for most of a year, as all that is new has sold in few months, nor of one that
    hardly sold.
    """
    newest = pl.col("ordered_at").max()
    old = lines.filter(newest - pl.col("ordered_at").min().over("sku") >= LEAST_HISTORY)
    monthly = old.group_by("sku", pl.col("ordered_at").dt.month().alias("month")).agg(
        pl.col("quantity").cast(pl.Int64).sum().alias("units")
    )
    before = monthly.with_columns((pl.col("month") % 12 + 1).cast(pl.Int8).alias("month"))
    pairs = pl.concat([monthly, before]).group_by("sku", "month").agg(pl.col("units").sum())
    whole = monthly.group_by("sku").agg(pl.col("units").sum().alias("whole"))
    return (
        pairs.join(whole.filter(pl.col("whole") >= LEAST_UNITS), on="sku")
        .group_by("sku")
        .agg((pl.col("units") / pl.col("whole")).max().alias("season_share"))
    )


def last_order(orders: pl.DataFrame) -> datetime | None:
    """When the newest order was placed: the moment that all ages are counted from."""
    newest: datetime | None = orders["ordered_at"].max()  # type: ignore[assignment]
    return newest
