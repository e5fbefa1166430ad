import csv
import io

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_lib.exports import HygieneRules, ProductLinks, read_products, sniff_export
from pipeline_lib.frames import Products, StockLevels
from pipeline_lib.mining.baskets import last_order
from pipeline_lib.mining.candidates.gather import BY_GAIN, gather_candidates
from pipeline_lib.mining.candidates.lines import Lines
from pipeline_lib.mining.candidates.sources import Choice
from pipeline_lib.mining.ledger import ledger_of
from pipeline_lib.mining.products.enrichment import with_flags, with_kinds
from pipeline_lib.mining.products.objectives import score_products
from pipeline_lib.mining.readiness import prepare_shop
from pipeline_lib.ranking.response import Response
from pipeline_lib.ranking.set_rules import rules_of_shop
from pipeline_lib.recommendations.preview import preview_pairs
from tests.conftest import lines_of

SKUS = ("A", "B", "C", "D", "E", "F")
HEADER = ("Handle", "Title", "Type", "Option1 Name", "Option1 Value", "Variant SKU",
          "Variant Price", "Cost per item", "Status", "Created at")  # fmt: skip
LISTING = st.fixed_dictionaries(
    {
        "handle": st.sampled_from(["", "cup", "mug", "pot", "jar"]),
        "title": st.sampled_from(["Oak cup", "Oak mug", "Tea pot", "Tea jar"]),
        "option": st.sampled_from(["", "S", "M", "L"]),
        "sku": st.sampled_from([*SKUS, ""]),
        "price": st.sampled_from(["0", "4.50", "12.00", ""]),
        "cost": st.sampled_from(["0", "0.00", "2.00", ""]),
        "status": st.sampled_from(["active", "draft", "archived"]),
        "created": st.sampled_from(["2023-01-01", "2024-01-01", ""]),
    }
)
BASKET = st.sets(st.sampled_from(SKUS), min_size=1, max_size=4)


def products_of_rows(listings):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    for n, one in enumerate(listings):
        writer.writerow(
            [one["handle"] and f"{one['handle']}-{n % 3}", one["title"], "Cups", "Size",
             one["option"], one["sku"], one["price"], one["cost"], one["status"], one["created"]]
        )  # fmt: skip
    data = out.getvalue().encode()
    export = sniff_export(io.BytesIO(data), file="products.csv")
    return read_products(io.BytesIO(data), export, currency="EUR").kept.select(*Products.schema)


@settings(max_examples=20)
@given(
    listings=st.lists(LISTING, min_size=1, max_size=14),
    baskets=st.lists(BASKET, min_size=8, max_size=30),
)
def test_no_sold_active_product_is_lost_and_no_bundle_holds_two_variants_of_one(listings, baskets):
    products = products_of_rows(listings)
    lines = ProductLinks.of(products).with_listed_skus(
        lines_of(*(dict.fromkeys(b, 1) for b in baskets))
    )

    prepared = prepare_shop(lines, products, StockLevels.empty(), rules=HygieneRules())
    shop = prepared.shop

    sold, listed = set().union(*baskets), {one["sku"] for one in listings}
    active = {one["sku"] for one in listings if one["status"] == "active"} - {""}
    assert sold & active <= set(shop.catalog["sku"])
    if "deleted_product" not in prepared.taken:
        assert sold - listed <= set(shop.catalog["sku"])
    assert not (shop.catalog["cost_minor"] == 0).any()
    if shop.catalog.is_empty():
        return
    assert bundles_of_one_product(shop, mined(shop)) == []
    assert (
        bundles_of_one_product(shop, preview_pairs(shop, flagged_of(shop), products=50, most=10))
        == []
    )


def flagged_of(shop):
    return with_kinds(with_flags(shop.catalog, as_of=last_order(shop.orders)))


def mined(shop):
    catalog = flagged_of(shop)
    shop = shop._replace(catalog=catalog)
    lines = Lines(catalog)

    def choice_of(basis):
        keeps = rules_of_shop(shop, lines, Response(), crowding=basis.crowding, decided=[])
        return Choice(keeps.with_gain, keeps.with_rules, BY_GAIN)

    return gather_candidates(
        shop,
        catalog,
        score_products(catalog),
        ledger=ledger_of(shop),
        choice_of=choice_of,
        say=lambda *_, **__: None,
    ).candidates


def bundles_of_one_product(shop, candidates):
    product = dict(shop.catalog.select("item", "product_key").rows())
    held = [[product[item] for item in items] for items in candidates["items"].to_list()]
    return [keys for keys in held if len(set(keys)) < len(keys)]
