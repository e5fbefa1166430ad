import io
import json
import random

import pytest

from pipeline_lib.errors import BadExport
from pipeline_lib.exports import sniff_export

GOODS = ("whole milk", "rolls", "soda", "yogurt", "butter", "pip fruit", "curd", "beef")


def baskets(count=60, *, seed=3):
    rng = random.Random(seed)
    return [rng.sample(GOODS, rng.choice((1, 2, 2, 3, 4))) for _ in range(count)]


def listed(basket):
    return ", ".join(f"{name} x {name.count('o') + 1}" for name in basket)


def pairs(read):
    return sorted(read.kept.select("order_id", "name").rows())


def expected(made):
    return sorted((str(n), name) for n, basket in enumerate(made, 1) for name in basket)


def test_one_basket_a_line_without_a_header_is_read(orders):
    made = baskets()

    read = orders("".join(",".join(basket) + "\n" for basket in made))

    assert pairs(read) == expected(made)


def test_one_basket_a_line_with_its_count_and_numbered_columns_is_read(orders):
    made = baskets()
    rows = [[len(one), *one, *[""] * (4 - len(one))] for one in made]
    text = "Item(s),Item 1,Item 2,Item 3,Item 4\n"

    read = orders(text + "".join(",".join(map(str, row)) + "\n" for row in rows))

    assert pairs(read) == expected(made)


def test_one_basket_a_line_with_its_number_is_read(orders):
    made = baskets()

    read = orders("".join(f"T{n},{','.join(one)}\n" for n, one in enumerate(made, 1)))

    assert pairs(read) == sorted((f"T{order}", name) for order, name in expected(made))


def test_all_products_of_an_order_in_one_cell_are_its_lines(orders, csv_text):
    made = baskets()
    rows = [
        ["2024-01-02", f"#{n}", "Completed", f"MARKER{n}", listed(one), "9.00"]
        for n, one in enumerate(made, 1)
    ]  # fmt: skip
    header = ["Date", "Commande n°", "État", "Client", "Produit(s)", "Ventes nettes"]

    read = orders(csv_text(header, rows))

    assert pairs(read) == sorted((f"#{order}", name) for order, name in expected(made))
    assert dict(read.kept.select("name", "quantity").rows())["yogurt"] == 2
    assert "MARKER" not in read.kept.write_csv() + repr(read.format.sample.rows())


def test_rows_that_a_spreadsheet_wrapped_in_quotes_are_unwrapped(orders, csv_text):
    header = ["Order ID", "Item name", "SKU", "Quantity", "Price", "Date"]
    rows = [[n // 2, f"Mug, {n}", f"S{n % 7}", 1, "3.50", "2024-05-01"] for n in range(40)]
    text = csv_text(header, rows)
    whole = "".join('"' + line.replace('"', '""') + '";;;\n' for line in text.splitlines())
    some = "".join(
        '"' + line.replace('"', '""') + '"\n' if '"' in line else line + "\n"
        for line in text.splitlines()
    )

    plain, wrapped, partly = orders(text), orders(whole), orders(some)

    assert wrapped.kept.equals(plain.kept)
    assert partly.kept.equals(plain.kept)
    assert "unwrapped" in wrapped.format.dialect.shape.note


def bulk_orders(count=30, *, nested=False):
    lines = []
    for n in range(count):
        order = {
            "id": f"gid://shopify/Order/{9000 + n}", "name": f"#{n}", "email": "MARKER@x.example",
            "createdAt": "2024-05-01T10:00:00Z", "displayFinancialStatus": "PAID",
            "currencyCode": "EUR", "cancelledAt": None,
        }  # fmt: skip
        items = [
            {
                "id": f"gid://shopify/LineItem/{n}{k}", "sku": f"S{(n + k) % 5}", "quantity": 1 + k,
                "name": f"Mug {(n + k) % 5}", "variant": {"id": f"gid://shopify/ProductVariant/7{k}"},
                "originalUnitPriceSet": {"shopMoney": {"amount": "3.50", "currencyCode": "EUR"}},
            }
            for k in range(2)
        ]  # fmt: skip
        if nested:
            lines.append({**order, "lineItems": {"edges": [{"node": item} for item in items]}})
        else:
            lines += [order, *({**item, "__parentId": order["id"]} for item in items)]
    return "".join(json.dumps(line) + "\n" for line in lines)


@pytest.mark.parametrize("nested", [False, True])
def test_a_bulk_operation_s_orders_are_read_like_a_csv(orders, nested):
    read = orders(bulk_orders(nested=nested))

    assert read.format.kind == "orders"
    assert read.kept.height == 60
    first = read.kept.row(1, named=True)
    assert (first["order_id"], first["sku"], first["quantity"]) == ("#0", "S1", 2)
    assert (first["price_minor"], first["name"]) == (350, "Mug 1")
    assert read.format.currency == "EUR"
    assert "MARKER" not in read.kept.write_csv() + repr(read.format.sample.rows())


def test_a_bulk_operation_s_products_carry_their_ids(products):
    lines = [
        {"id": "gid://shopify/Product/1", "title": "Mug", "handle": "mug", "status": "ACTIVE",
         "vendor": "Kiln", "productType": "Cups", "tags": ["a", "b"]},
        {"id": "gid://shopify/ProductVariant/11", "sku": "M-S", "title": "Small", "price": "3.50",
         "inventoryQuantity": 4, "inventoryItem": {"id": "gid://shopify/InventoryItem/111",
         "unitCost": {"amount": "1.20"}}, "__parentId": "gid://shopify/Product/1"},
    ]  # fmt: skip

    read = products("".join(json.dumps(line) + "\n" for line in lines))

    row = read.kept.row(0, named=True)
    assert (row["title"], row["variant"], row["price_minor"]) == ("Mug", "Small", 350)
    assert (row["cost_minor"], row["stock"], row["status"]) == (120, 4, "active")
    assert row["product_id"] == "gid://shopify/Product/1"
    assert row["variant_id"] == "gid://shopify/ProductVariant/11"
    assert row["inventory_item_id"] == "111"


def test_a_line_that_comes_before_its_order_and_one_without_are_accounted_for(orders):
    order, first, second, *rest = bulk_orders().splitlines(keepends=True)
    orphan = json.dumps({"id": "gid://shopify/LineItem/x", "quantity": 1, "sku": "S1",
                         "__parentId": "gid://shopify/Order/none"})  # fmt: skip

    read = orders("".join([first, order, second, *rest, f"{orphan}\n", "no json\n"]))

    assert read.kept.height == 60
    assert read.rejected["reason"].to_list() == ["the order's number is missing"] * 2


def test_other_json_is_refused():
    with pytest.raises(BadExport, match="JSON"):
        sniff_export(io.BytesIO(b'{"orders": []}\n'), file="f.json")


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("Customer ID,First Name,Email,Accepts Email Marketing,Total Spent", "customers export"),
        ("order_id,user_id,eval_set,order_number,order_dow", "not what was in them"),
    ],
)  # fmt: skip
def test_an_export_that_no_run_needs_is_named(header, said):
    rows = "".join(",".join(f"{n}" for _ in header.split(",")) + "\n" for n in range(9))

    with pytest.raises(BadExport, match=said):
        sniff_export(io.BytesIO(f"{header}\n{rows}".encode()), file="f.csv")


def test_a_person_s_word_decides_which_column_is_which(orders):
    rows = "".join(f"{n // 2},Thing {n % 5},Kind {n % 3},1,2.00\n" for n in range(40))
    text = f"Order No,Whatnot,Item name,Qty,Price\n{rows}".encode()

    export = sniff_export(io.BytesIO(text), file="f.csv", overrides={"title": "whatnot"})

    assert export.matched.fields["name"] == 1
    assert export.matched.sure["name"] == 1.0
    assert "name" in export.matched.by_person


def test_a_header_that_nobody_knows_is_read_by_a_person_s_word():
    rows = "".join(f"{n // 2},Thing {n % 5}\n" for n in range(40))
    told = {"order_id": "Vorgang-Id", "title": "Was"}

    export = sniff_export(io.BytesIO(f"Vorgang-Id,Was\n{rows}".encode()), file="f", overrides=told)

    assert (export.kind, export.matched.fields) == ("order_lines", {"order_id": 0, "name": 1})


def test_csv_cells_with_commas_are_no_lists(orders, csv_text):
    rows = [[n, f"Board, {n % 4}", "2024-05-01"] for n in range(40)]

    read = orders(csv_text(["Order", "Item", "Date"], rows))

    assert set(read.kept["name"]) == {f"Board, {n}" for n in range(4)}
