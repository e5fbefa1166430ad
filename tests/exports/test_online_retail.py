import gzip

import polars as pl
import pytest

from pipeline_lib.exports import HygieneRules, apply_catalogue_rules, link_stock

GENUINE = r"^\d{5}[A-Za-z]{0,2}$"
NOT_SOLD = ("Next Day Carriage", "High Resolution Image")  # five digits, and no product
NAMES = {"Dotcomgiftshop Gift Voucher £100.00", *NOT_SOLD}
OFF = HygieneRules(off=frozenset({"wholesale_lines", "wholesale_quantity"}))


def raw(data):
    """The file as pandas-like text, read by Polars alone."""
    return pl.read_csv(gzip.decompress(data), infer_schema=False, empty_string_is_null=False)


def check(orders, data):
    told = orders(data, off=OFF.off)
    plain = raw(data)
    cancelled = plain.filter(pl.col("Cancelled at") != "")["Name"].unique()
    genuine = plain.filter(
        pl.col("Lineitem sku").str.contains(GENUINE)
        & ~pl.col("Name").is_in(cancelled.implode())
        & (pl.col("Lineitem price").cast(pl.Float64) > 0)
        & (pl.col("Lineitem quantity").cast(pl.Int64) > 0)
        & ~pl.col("Lineitem name").is_in(list(NAMES))
    )
    assert told.rows == plain.height
    assert told.conserved
    assert told.rejected.height == 0
    assert told.kept.height == genuine.height
    assert told.kept["sku"].to_list() == genuine["Lineitem sku"].str.to_uppercase().to_list()
    return told


def test_two_weeks_lose_no_row_and_keep_just_the_genuine_products(
    orders, products, inventory, shared
):
    folder = shared / "online_retail"
    told = check(orders, (folder / "orders_export_two_weeks.csv.gz").read_bytes())
    catalogue = products((folder / "products_export.csv").read_bytes(), currency="GBP")
    stock = inventory((folder / "inventory_export.csv").read_bytes())

    assert catalogue.conserved
    assert stock.conserved
    assert set(stock.kept["sku"]) == set(catalogue.kept["sku"])
    assert apply_catalogue_rules(told.kept, catalogue.kept, rules=HygieneRules())[1] == {}
    assert set(link_stock(stock.kept, catalogue.kept)["sku"]) == set(stock.kept["sku"])
    assert set(told.kept["sku"]) <= set(catalogue.kept["sku"])


@pytest.mark.slow
def test_the_whole_year_loses_no_row_and_keeps_just_the_genuine_products(orders, shared):
    told = check(orders, (shared / "online_retail" / "orders_export.csv.gz").read_bytes())

    assert told.rows == 541_909
