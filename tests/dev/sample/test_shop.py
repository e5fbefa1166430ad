import csv
import io
import re
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import combinations

import pytest

from dev import sample
from dev.sample.catalogue import affinities, products
from dev.sample.orders import ORDERS

ORDERS_HEADER = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,"
    "Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,"
    "Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem compare at price,"
    "Lineitem sku,Lineitem requires shipping,Lineitem taxable,Lineitem fulfillment status,"
    "Billing Name,Billing Street,Billing Address1,Billing Address2,Billing Company,Billing City,"
    "Billing Zip,Billing Province,Billing Country,Billing Phone,Shipping Name,Shipping Street,"
    "Shipping Address1,Shipping Address2,Shipping Company,Shipping City,Shipping Zip,"
    "Shipping Province,Shipping Country,Shipping Phone,Notes,Note Attributes,Cancelled at,"
    "Payment Method,Payment Reference,Refunded Amount,Vendor,Outstanding Balance,Employee,"
    "Location,Device ID,Id,Tags,Risk Level,Source,Lineitem discount,Tax 1 Name,Tax 1 Value,"
    "Tax 2 Name,Tax 2 Value,Tax 3 Name,Tax 3 Value,Tax 4 Name,Tax 4 Value,Tax 5 Name,Tax 5 Value,"
    "Phone,Receipt Number,Duties,Billing Province Name,Shipping Province Name,Payment ID,"
    "Payment Terms Name,Next Payment Due At,Payment References"
)
PRODUCTS_HEADER_BEGINS = (
    "Title,URL handle,Description,Vendor,Product category,Type,Tags,Published on online store,"
    "Status,SKU,Barcode,Option1 name,Option1 value,Option1 Linked To,Option2 name,Option2 value,"
    "Option2 Linked To,Option3 name,Option3 value,Option3 Linked To,Price,Compare-at price,"
    "Cost per item,Charge tax,Tax code,Unit price total measure,Unit price total measure unit,"
    "Unit price base measure,Unit price base measure unit,Inventory tracker,Inventory quantity,"
    "Continue selling when out of stock,Weight value (grams),Weight unit for display,"
)
INVENTORY_HEADER = (
    "Handle,Title,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Option3 Name,"
    "Option3 Value,SKU,HS Code,COO,Location,Bin name,Incoming (not editable),"
    "Unavailable (not editable),Committed (not editable),Available (not editable),"
    "On hand (current),On hand (new)"
)
LINE_CELLS = {"Name", "Email", "Created at", "Vendor"}  # with Lineitem …, on every row
PENNY = Decimal("0.01")


@pytest.fixture(scope="module")
def files():
    return sample.files()


@pytest.fixture(scope="module")
def rows(files):
    return _read(files["orders"])


@pytest.fixture(scope="module")
def orders(rows):
    found = defaultdict(list)
    for row in rows:
        found[row["Name"]].append(row)
    return found


@pytest.fixture(scope="module")
def goods(files):
    return [row for row in _read(files["products"]) if row["Gift card"] == "FALSE"]


@pytest.fixture(scope="module")
def baskets(orders):
    return [{row["Lineitem sku"] for row in order} - {""} for order in orders.values()]


def test_a_seed_gives_the_same_bytes_and_another_seed_gives_others(files):
    again = sample.make_shop(seed=sample.SEED)
    other = sample.make_shop(seed=sample.SEED + 1)

    assert again.files() == files
    assert other.orders != files["orders"]
    assert other.products == files["products"]


def test_the_shop_has_twenty_thousand_orders_of_three_hundred_products(orders, goods, baskets):
    assert len(orders) == ORDERS == 20_000
    assert len(goods) == len({row["SKU"] for row in goods}) == 300
    assert len({row["Title"] for row in goods}) == 300
    assert len({row["Type"] for row in goods}) == 12
    assert {row["SKU"] for row in goods} <= set().union(*baskets)


def test_the_headers_are_shopifys(files):
    first = {name: data.decode().split("\n", 1)[0] for name, data in files.items()}

    assert first["orders"] == ORDERS_HEADER
    assert first["products"].startswith(PRODUCTS_HEADER_BEGINS)
    assert first["products"].endswith(",Google Shopping / Custom label 4")
    assert first["inventory"] == INVENTORY_HEADER
    assert list(first) == ["orders", "products", "inventory"]


def test_order_level_cells_stand_only_on_an_orders_first_row(orders):
    for first, *more in orders.values():
        assert first["Id"]
        assert first["Total"]
        filled = {cell for row in more for cell, value in row.items() if value}
        assert {c for c in filled if not c.startswith("Lineitem")} <= LINE_CELLS


def test_the_newest_order_comes_first_and_all_lie_in_the_fourteen_months(orders):
    stamps = [
        datetime.strptime(order[0]["Created at"], "%Y-%m-%d %H:%M:%S %z")
        for order in orders.values()
    ]

    assert stamps == sorted(stamps, reverse=True)
    assert datetime(2025, 9, 1, tzinfo=UTC) <= stamps[-1] < datetime(2025, 9, 2, tzinfo=UTC)
    assert datetime(2026, 10, 31, tzinfo=UTC) <= stamps[0] < datetime(2026, 11, 1, tzinfo=UTC)
    assert {stamp.utcoffset() for stamp in stamps} == {timedelta(0), timedelta(hours=1)}


def test_the_money_of_every_order_adds_up(orders):
    for order in orders.values():
        first = order[0]
        gross = sum(Decimal(r["Lineitem price"]) * int(r["Lineitem quantity"]) for r in order)
        assert Decimal(first["Subtotal"]) == gross - Decimal(first["Discount Amount"])
        assert Decimal(first["Total"]) == Decimal(first["Subtotal"]) + Decimal(first["Shipping"])
        assert 0 <= Decimal(first["Taxes"]) <= Decimal(first["Total"]) / 6 + PENNY
        assert 0 <= Decimal(first["Refunded Amount"]) <= Decimal(first["Total"])


def test_an_order_without_a_code_pays_a_sixth_of_what_is_taxed(orders):
    for order in orders.values():
        first = order[0]
        if not first["Discount Code"]:
            taxed = Decimal(first["Shipping"]) + sum(
                Decimal(row["Lineitem price"]) * int(row["Lineitem quantity"])
                - Decimal(row["Lineitem discount"])
                for row in order
                if row["Lineitem taxable"] == "true"
            )
            assert Decimal(first["Taxes"]) == (taxed / 6).quantize(PENNY, ROUND_HALF_UP)


def test_prices_are_those_of_the_shelf_and_above_the_cost(rows, goods):
    price = {row["SKU"]: row["Price"] for row in goods}

    assert all(
        row["Lineitem price"] == price[row["Lineitem sku"]]
        for row in rows
        if row["Lineitem sku"] in price
    )
    assert all(
        Decimal(row["Cost per item"]) < Decimal(row["Price"])
        for row in goods
        if row["Cost per item"]
    )
    assert sum(not row["Cost per item"] for row in goods) == 4


def test_stock_of_both_locations_adds_up_to_the_products_quantity(files, goods):
    inventory = _read(files["inventory"])
    available = Counter()
    for row in inventory:
        if row["Available (not editable)"] == "not stocked":
            continue
        committed = int(row["Committed (not editable)"])
        here = int(row["Available (not editable)"])
        assert int(row["On hand (current)"]) == here + committed
        available[row["SKU"]] += here

    assert len(inventory) == 600
    assert {row["Location"] for row in inventory} == {"High Street Shop", "Old Mill Warehouse"}
    assert available == {row["SKU"]: int(row["Inventory quantity"]) for row in goods}


def test_every_fate_and_every_line_that_is_no_product_occurs(orders, rows, goods):
    first = [order[0] for order in orders.values()]
    skus = {row["SKU"] for row in goods}
    others = Counter(
        re.sub(r" - £.*", "", row["Lineitem name"])
        for row in rows
        if row["Lineitem sku"] not in skus
    )

    assert {row["Financial Status"] for row in first} == {
        *("paid", "pending", "voided", "refunded", "partially_refunded")
    }
    assert sum(bool(row["Cancelled at"]) for row in first) > 100
    assert sum(row["Tags"] == "test" for row in first) > 5
    assert all((row["Payment Method"] == "bogus") == (row["Tags"] == "test") for row in first)
    assert set(others) == {"Tip", "Gift wrapping", "Copper Kettle Gift Card"}
    assert min(others.values()) > 100


def test_each_planted_pair_is_bought_together_far_more_often_than_by_chance(baskets):
    for skus in sample.planted_affinities():
        for left, right in combinations(skus, 2):
            both = sum(left in basket and right in basket for basket in baskets)
            each = [sum(sku in basket for basket in baskets) for sku in (left, right)]
            expected = each[0] * each[1] / len(baskets)
            assert both >= 10
            assert both >= 2.5 * expected


def test_each_planted_triple_is_bought_together_far_more_often_than_by_chance(baskets):
    for skus in (skus for skus in sample.planted_affinities() if len(skus) == 3):
        together = sum(set(skus) <= basket for basket in baskets)
        expected = Decimal(len(baskets))
        for sku in skus:
            expected *= Decimal(sum(sku in basket for basket in baskets)) / len(baskets)
        assert together >= 10
        assert together >= Decimal("2.5") * expected


def test_the_planted_table_holds_forty_pairs_and_eight_triples_of_real_products():
    skus = {product.sku for product in products()}

    assert Counter(len(planted) for planted in sample.planted_affinities()) == {2: 40, 3: 8}
    assert {sku for planted in sample.planted_affinities() for sku in planted} <= skus
    assert all(0 < affinity.attach < 1 for affinity in affinities())


def test_popular_products_meet_by_chance_more_often_than_some_planted_pairs(baskets):
    count = Counter(sku for basket in baskets for sku in basket)
    together = Counter(pair for basket in baskets for pair in combinations(sorted(basket), 2))
    planted = {
        tuple(sorted(p)) for skus in sample.planted_affinities() for p in combinations(skus, 2)
    }
    popular = [
        pair
        for pair, orders in together.most_common(50)
        if pair not in planted and orders < 1.3 * count[pair[0]] * count[pair[1]] / len(baskets)
    ]

    assert len(popular) >= 10
    assert min(together[pair] for pair in planted) < min(together[pair] for pair in popular)


def test_sales_follow_season_launch_habit_and_dust(rows):
    shelf = {product.sku: product for product in products()}
    sold = defaultdict(list)
    for row in rows:
        if row["Lineitem sku"] in shelf:
            sold[row["Lineitem sku"]].append(row)
    christmas = [r for s, p in shelf.items() if p.season == "christmas" for r in sold[s]]
    eaten_again = Counter(
        (row["Email"], row["Lineitem sku"])
        for sku, product in shelf.items()
        if product.consumable
        for row in sold[sku]
        if row["Email"]
    )

    assert sum("2025-11" <= r["Created at"][:7] <= "2025-12" for r in christmas) > 0.7 * len(
        christmas
    )
    assert all(
        r["Created at"][:10] >= p.launched.isoformat()
        for s, p in shelf.items()
        if p.launched
        for r in sold[s]
    )
    assert sum(times >= 3 for times in eaten_again.values()) > 300
    assert all(p.stock == 0 or p.stock > len(sold[s]) for s, p in shelf.items() if p.demand == 5)


def test_what_is_bought_in_sixes_is_mostly_bought_in_sixes(rows):
    quantities = defaultdict(Counter)
    for row in rows:
        quantities[row["Lineitem sku"]][int(row["Lineitem quantity"])] += 1

    for product in products():
        if product.buy_in > 1 and sum(quantities[product.sku].values()) > 12:
            assert quantities[product.sku].most_common(1)[0][0] == product.buy_in


def test_nobody_in_it_can_be_a_real_person(rows):
    for row in rows:
        assert not row["Email"] or row["Email"].endswith("@example.com")
        assert not row["Phone"] or re.fullmatch(r"\+44 7700 900\d{3}", row["Phone"])
        assert not row["Billing Zip"] or row["Billing Zip"].startswith("ZZ")
        assert not row["Employee"]


def _read(data):
    return list(csv.DictReader(io.StringIO(data.decode())))
