# ruff: noqa: E501  # rows of CSV read best on one line
from datetime import UTC, datetime

import pytest

from pipeline_lib.errors import BadExport
from pipeline_lib.exports import ProductLinks, join_products, link_stock

OLD = (
    "Handle,Title,Vendor,Type,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Qty,Variant Price,"
    "Variant Compare At Price,Image Src,Gift Card,Cost per item,Status\n"
)
STOCK = "Handle,Title,Option1 Name,Option1 Value,SKU,HS Code,COO,Location,Incoming,Unavailable,Committed"


def test_a_product_s_cells_are_filled_down_to_its_variants(products):
    told = products(
        OLD + "shirt,Shirt,V,Tops,Size,S,A1,3,10.00,12.00,x.png,false,5,active\n"
        "shirt,,,,,M,A2,4,11.00,,,,,\n,,,,,L,A3,,12.00,,,,,\n"
        "cap,Cap,W,Hats,Title,Default Title,cap-1,,8,,,TRUE,,draft\n"
    )

    kept = told.kept.drop("written_sku", "tags", "created_at", "product_id", "variant_id")
    assert kept.drop("inventory_item_id", "product_key").rows() == [
        ("A1", "Shirt", "S", "shirt", "Tops", "V", 1000, 1200, 500, 3, "active", False),
        ("A2", "Shirt", "M", "shirt", "Tops", "V", 1100, None, None, 4, "active", False),
        ("A3", "Shirt", "L", "shirt", "Tops", "V", 1200, None, None, None, "active", False),
        ("CAP-1", "Cap", None, "cap", "Hats", "W", 800, None, None, None, "draft", True),
    ]
    assert told.kept["written_sku"].to_list() == ["A1", "A2", "A3", "cap-1"]


def test_a_row_that_only_adds_an_image_is_no_product(products):
    told = products(OLD + "cap,Cap,,,,,c,1,8,,x.png,,,active\ncap,,,,,,,,,,y.png,,,\n")

    assert told.set_aside == {"image_row": 1}
    assert told.kept["sku"].to_list() == ["C"]


def test_one_sku_for_all_sizes_is_one_product(products):
    told = products(OLD + "s,Shirt,,,Size,S,A1,3,10,,,,,active\ns,,,,,M,a1 ,4,10,,,,,\n")

    assert told.set_aside == {"shared_sku": 1}
    assert told.kept.select("sku", "variant", "stock").rows() == [("A1", None, 7)]


def test_a_product_without_sku_has_the_key_that_its_order_lines_have(products, orders):
    kept = products(
        OLD + "s,Shirt,,,Size,Small,,3,10,,,,,active\ncup,Cup,,,,,,1,2,,,,,active\n"
    ).kept

    lines = orders("order_id,sku,name,qty\n1,,Shirt - Small,1\n1,,Cup,1\n").kept

    assert kept["sku"].to_list() == lines["sku"].to_list()


def test_a_lost_first_row_still_names_its_other_variants(products):
    told = products(OLD + "s,Shirt,,,Size,S,A1,3,cheap,,,,,active\ns,,,,,M,A2,4,10,,,,,\n")

    assert told.rejected.select("row", "line", "reason").rows() == [
        (1, 2, "the price is no amount")
    ]
    assert told.kept.select("sku", "title").rows() == [("A2", "Shirt")]
    assert told.conserved


def test_the_new_generation_gives_the_same(products):
    told = products(
        "Title,URL handle,Vendor,Type,Tags,Status,SKU,Option1 name,Option1 value,Price,"
        "Compare-at price,Cost per item,Inventory quantity,Gift card\n"
        'Shirt,shirt,V,Tops,"a, b",Active,A1,Size,S,10,12,5,3,FALSE\n,,,,,,A2,,M,11,,,4,\n'
    )

    assert told.kept.select(
        "sku", "title", "variant", "tags", "price_minor", "stock", "status"
    ).rows() == [
        ("A1", "Shirt", "S", "a, b", 1000, 3, "active"),
        ("A2", "Shirt", "M", "a, b", 1100, 4, "active"),
    ]


def test_a_quick_install_list_is_products_without_history(products):
    told = products("product_id,name,price\n1,Tea,2.5\n2,Cup,\n,Pot,3\n")

    assert told.format.kind == "quick_install"
    assert told.kept.select("title", "price_minor").rows() == [
        ("Tea", 250),
        ("Cup", None),
        ("Pot", 300),
    ]


def test_a_joined_catalogue_gives_cost_and_stock(products):
    told = products(
        "product_id,variant_id,sku,product_title,variant_title,price,cost,inventory_quantity,created_at\n"
        "1,44,t-1,Tea,Green,4,1.50,12,2024-01-02T03:04:05Z\n"
    )

    assert told.format.kind == "catalogue"
    assert told.kept.select(
        "sku", "title", "variant", "cost_minor", "stock", "created_at"
    ).rows() == [("T-1", "Tea", "Green", 150, 12, datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC))]


def test_stock_is_summed_over_the_rows_of_its_locations(inventory):
    told = inventory(
        "SKU,Title,Location,Incoming (not editable),Available (not editable),On hand (current),On hand (new)\n"
        "a,A,L1,1,3,4,\nA ,A,L2,0,5,6,9\nb,B,L1,0,not stocked,,\n"
    )

    assert told.kept.drop("inventory_item_id").rows() == [("A", 8, 10, 1), ("B", 0, 0, 0)]
    assert told.set_aside == {"other_location": 1}
    assert told.conserved


def test_stock_is_summed_over_the_columns_of_its_locations(inventory):
    told = inventory(
        "Handle,Title,SKU,HS Code,COO,Paris,Lyon\nx,X,A,,,3,not stocked\nx,,-,,,1,2\ny,Y,B,,,-4,\n"
    )

    assert told.kept["available"].to_list() == [3, 3, -4]
    assert told.kept["on_hand"].to_list() == [None, None, None]
    assert told.kept["sku"][1].startswith("no-sku-")


def test_what_is_available_is_worked_out_from_what_is_on_hand(inventory):
    told = inventory("SKU,Location,Committed,Unavailable,On hand\nA,L,2,1,10\n")

    assert told.kept.drop("inventory_item_id").rows() == [("A", 7, 10, None)]


def test_a_count_that_is_none_rejects_its_row(inventory):
    told = inventory("SKU,Location,Available,On hand\nA,L,1,1\nB,L,many,1\nC,L,2,2\n")

    assert told.rejected.select("row", "reason").rows() == [(2, "a stock count is no whole number")]
    assert told.kept["sku"].to_list() == ["A", "C"]


def test_a_products_file_that_is_mostly_broken_is_refused(products):
    with pytest.raises(BadExport, match="2 of 2 rows"):
        products("product_id,name,price\n1,a,x\n2,b,y\n")


CLASH = "Handle,Title,Variant SKU,Variant Price,Cost per item,Status,Created at\n"


@pytest.mark.parametrize("turned", [False, True])
def test_a_sku_in_several_products_is_the_active_one_s(products, turned):
    rows = [
        "old,Old mug,M1,4,1,archived,2024-05-01\n",
        "next,Next mug,M1,5,1,draft,2024-06-01\n",
        "mug,Mug,M1,6,0,active,2023-01-01\n",
    ]
    read = products(CLASH + "".join(reversed(rows) if turned else rows))

    row = read.kept.row(0, named=True)
    assert (read.kept.height, row["title"], row["status"]) == (1, "Mug", "active")
    assert row["cost_minor"] is None
    assert read.set_aside == {"shared_sku": 2}


def test_of_two_active_products_of_one_sku_the_newer_has_it(products):
    read = products(CLASH + "a,A,M1,4,,active,2023-01-01\nb,B,M1,4,,active,2024-01-01\n")

    assert read.kept["title"].to_list() == ["B"]


def test_what_is_blank_is_null(products):
    kept = products("product_id,name,price\n1,Tea,2.5\n2,Cup,0\n").kept

    assert kept["handle"].null_count() == kept["tags"].null_count() == 2
    assert kept["price_minor"].to_list() == [250, None]
    assert kept["product_key"].n_unique() == 2


def test_variants_know_their_product(products):
    kept = products(
        OLD
        + "s,Shirt,,,Size,S,A1,3,10,,,,,active\ns,,,,,M,A2,4,10,,,,,\nc,Cap,,,,,B1,1,5,,,,,active\n"
    ).kept

    assert kept["product_key"].to_list() == ["s", "s", "c"]


def test_variants_without_titles_are_read_with_their_items(products):
    kept = products(
        "variant_id,product_id,sku,price,inventory_item_id\n11,1,a,2.50,901\n12,1,b,3.50,902\n"
    ).kept

    assert kept.select("sku", "variant_id", "inventory_item_id", "product_key").rows() == [
        ("A", "11", "901", "1"),
        ("B", "12", "902", "1"),
    ]


def test_stock_by_an_item_s_number_is_joined_through_the_variants(products, inventory):
    kept = products(
        "variant_id,product_id,sku,price,inventory_item_id\n11,1,a,2.50,901\n12,1,b,3.50,902\n"
    ).kept
    stock = inventory(
        "inventory_item_id,location_id,available\n901,5,3\n901,6,4\n902,5,0\n999,5,1\n"
    ).kept

    assert link_stock(stock, kept).rows() == [("A", 7), ("B", 0)]


def test_a_file_of_titles_completes_a_file_of_variants(products):
    variants = products("variant_id,product_id,sku,price,inventory_item_id\n11,1,a,2.50,901\n").kept
    titles = products(
        "product_id,variant_id,product_title,price,cost,inventory_quantity\n1,11,Tea,9,1,4\n"
    ).kept

    row = join_products([variants, titles]).row(0, named=True)

    assert (row["sku"], row["title"], row["price_minor"], row["stock"]) == ("A", "Tea", 250, 4)


def test_lines_meet_their_product_by_its_ids_and_by_its_name(products, orders):
    kept = products(
        "product_id,variant_id,sku,product_title,variant_title,price,cost\n"
        "1,11,a,Tea,Green,4,1\n2,21,b,Cup,,4,1\n"
    ).kept
    lines = orders(
        "order_id,sku,variant_id,name,qty\n1,,gid://shopify/ProductVariant/11,x,1\n"
        "1,,,Tea - Green,1\n1,2,,y,1\n1,A,,z,1\n1,ZZ,,w,1\n"
    ).kept

    linked = ProductLinks.of(kept).with_listed_skus(lines)

    assert linked["sku"].to_list() == ["A", "A", "B", "A", "ZZ"]
