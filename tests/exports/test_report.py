import json

from pipeline_lib.exports import mapping_report


def test_the_report_says_what_each_column_became_and_what_is_missing(orders):
    told = orders("order_id,sku,qty,price,Shoe size\n1,a,1,3.50,44\n2,b,x,1.00,45\n3,c,1,2.00,46\n")

    report = mapping_report(told.format)

    assert [(one.column, one.field, one.sure) for one in report.columns] == [
        ("order_id", "order_id", 1.0), ("sku", "sku", 1.0), ("qty", "quantity", 0.67),
        ("price", "price", 1.0), ("Shoe size", None, 0.0),
    ]  # fmt: skip
    assert report.columns[3].sample == ("3.50", "1.00", "2.00")
    assert report.unused == ("Shoe size",)
    assert "ordered_at" in [one.field for one in report.missing]
    assert json.loads(report.model_dump_json())["kind"] == "order_lines"


def test_a_products_file_without_cost_says_what_that_costs(products):
    told = products("Handle,Title,Variant SKU,Variant Price,Status\na,A,A,1,active\n")

    said = {one.field: one.cost for one in mapping_report(told.format).missing}

    assert said["cost"] == "no unit cost: margins are estimated from discounts"


def test_a_quick_install_list_says_that_no_orders_are_in_it(products):
    told = products("product_id,name\n1,Tea\n")

    assert (
        "bought together"
        in {m.field: m.cost for m in mapping_report(told.format).missing}["orders"]
    )
