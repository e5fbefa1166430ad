"""The discount that customers of a shop are used to, product by product; it prices no bundle."""

import polars as pl

CATEGORY_WEIGHT, SHOP_WEIGHT = 0.3, 0.1
OBSERVED_WEIGHT = 1 - CATEGORY_WEIGHT - SHOP_WEIGHT
ENOUGH_ORDERS = 50.0  # as many orders of its own tell as much as the level above
FLAT_DISCOUNT = 0.10
BEST_PRICES, EVIDENCE, SEEDS, FLAT = "gain", "evidence", "seeds", "flat"
PRICE_PROFILES = (BEST_PRICES, EVIDENCE, SEEDS, FLAT)


def usual_discounts(catalog: pl.DataFrame, *, profile: str) -> pl.Series:
    """The usual discount of each product, shrunk towards its category's and the shop's.

    Discounts are shares of the gross, so that dear sales weigh more. Under ``evidence`` each
    level counts by its orders n: (n * own + 50 * above) / (n + 50), the posterior mean of a
    normal prior worth fifty orders, product under category under shop. Under ``seeds`` the
    weights are fixed: observed * 0.6 + category * 0.3 + shop * 0.1. Under
    ``flat`` it is a tenth, whatever was sold. What has no sales takes its category's, and a
    category without sales the shop's.

    Args:
        catalog: columns ``PlainCatalog``.
        profile: one of PRICE_PROFILES; under ``gain`` no discount is usual, and the evidence's
            is given.

    Returns:
        Float64 ``discount``, 0 to 1, rows as in ``catalog``.
    """
    if profile == FLAT:
        return pl.repeat(FLAT_DISCOUNT, len(catalog), eager=True).alias("discount")
    gross = pl.col("revenue_minor") / (1 - pl.col("discount_rate").clip(0, 0.99))
    given = gross * pl.col("discount_rate")
    kind = pl.col("product_type").fill_null("")
    shop = (given.sum() / gross.sum()).fill_nan(0.0).fill_null(0.0)
    category = (given.sum().over(kind) / gross.sum().over(kind)).fill_nan(None).fill_null(shop)
    if profile == SEEDS:
        observed = pl.when(pl.col("orders") > 0).then("discount_rate").otherwise(category)
        blend = observed * OBSERVED_WEIGHT + category * CATEGORY_WEIGHT + shop * SHOP_WEIGHT
    else:
        above = _shrunk(category, pl.col("orders").sum().over(kind), shop)
        blend = _shrunk(pl.col("discount_rate"), pl.col("orders"), above)
    return catalog.select(blend.clip(0, 1).alias("discount")).to_series()


def _shrunk(own: pl.Expr, orders: pl.Expr, above: pl.Expr) -> pl.Expr:
    return (orders * own + ENOUGH_ORDERS * above) / (orders + ENOUGH_ORDERS)
