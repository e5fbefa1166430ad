"""The sample shop's products and stock as Shopify's products and inventory exports."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from dev.sample.catalogue import Product, format_money
from dev.sample.checkout import HOUSE
from dev.sample.export_headers import INVENTORY, PRODUCTS
from dev.sample.orders import SampleOrder

SHOP, WAREHOUSE = "High Street Shop", "Old Mill Warehouse"
SHOP_SHARE_PERCENT = 20
HARDLY_SOLD = 5  # such products are not put on display
SOON_SOLD = 2  # such products are on order again
GIFT_CARDS = ("10.00", "25.00", "50.00")


def products_csv(products: Sequence[Product]) -> bytes:
    """One row a product in catalogue order, then a gift card with three values."""
    return _sheet(PRODUCTS, [*(_product(product) for product in products), *_gift_cards()])


def inventory_csv(products: Sequence[Product], orders: Sequence[SampleOrder]) -> bytes:
    """Two rows a product, one a location; what is ordered and not sent is committed."""
    committed = Counter[str]()
    for order in orders:
        if not order.is_sent and order.fate not in ("cancelled", "voided", "test"):
            for line in order.lines:
                committed[line.sku] += line.quantity
    rows = []
    for place, product in enumerate(products):
        rows.append(_shop_row(product))
        rows.append(_warehouse_row(product, committed[product.sku], place))
    return _sheet(INVENTORY, rows)


def handle(title: str) -> str:
    """The name of a product in addresses: ``oak-serving-board-large``."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower().replace("'", "")).strip("-")


def _sheet(header: Sequence[str], rows: Iterable[Mapping[str, str]]) -> bytes:
    sheet = io.StringIO()
    writer = csv.DictWriter(sheet, header, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return sheet.getvalue().encode()


def _product(product: Product) -> dict[str, str]:
    return {
        "Title": product.title,
        "URL handle": handle(product.title),
        "Description": f"<p>{product.blurb}</p>",
        "Vendor": product.vendor,
        "Product category": product.category,
        "Type": product.type,
        "Tags": product.tags,
        "Published on online store": "TRUE" if product.status == "active" else "FALSE",
        "Status": product.status.capitalize(),
        "Option1 name": "Title",
        "Option1 value": "Default Title",
        "Gift card": "FALSE",
        "SEO title": product.title,
        **_trade(product),
    }


def _trade(product: Product) -> dict[str, str]:
    cost, before = product.cost_minor, product.compare_at_minor
    return {
        "SKU": product.sku,
        "Price": format_money(product.price_minor),
        "Compare-at price": "" if before is None else format_money(before),
        "Cost per item": "" if cost is None else format_money(cost),
        "Charge tax": "TRUE" if product.vat_percent else "FALSE",
        "Inventory tracker": "shopify",
        "Inventory quantity": str(product.stock),
        "Continue selling when out of stock": "deny",
        "Weight value (grams)": str(product.weight_g),
        "Weight unit for display": "g",
        "Requires shipping": "TRUE",
        "Fulfillment service": "manual",
    }


def _gift_cards() -> list[dict[str, str]]:
    """Title and description only on the first value's row, as Shopify writes variants."""
    title = f"{HOUSE} Gift Card"
    rows = [
        {
            "URL handle": handle(title),
            "Option1 value": f"£{worth}",
            "Price": worth,
            "Charge tax": "FALSE",
            "Continue selling when out of stock": "deny",
            "Requires shipping": "FALSE",
            "Fulfillment service": "gift_card",
        }
        for worth in GIFT_CARDS
    ]
    rows[0] |= {"Title": title, "Vendor": HOUSE, "Type": "Gift Cards", "Status": "Active"}
    rows[0] |= {"Description": "<p>For someone who likes to choose.</p>", "Gift card": "TRUE"}
    rows[0] |= {"Published on online store": "TRUE", "Option1 name": "Denominations"}
    return rows


def _shop_row(product: Product) -> dict[str, str]:
    if product.demand == HARDLY_SOLD:
        return _row(product, SHOP, available="not stocked", on_hand="not stocked")
    available = str(in_shop(product))
    return _row(product, SHOP, available=available, on_hand=available)


def _warehouse_row(product: Product, committed: int, place: int) -> dict[str, str]:
    available = product.stock - in_shop(product)
    row = _row(product, WAREHOUSE, available=str(available), on_hand=str(available + committed))
    row["Committed (not editable)"] = str(committed)
    row["Incoming (not editable)"] = "48" if product.demand <= SOON_SOLD else "0"
    row["Bin name"] = f"{'ABCDEF'[place // 50]}-{1 + place % 50:02d}"
    return row


def in_shop(product: Product) -> int:
    """Pieces on display; the others lie in the warehouse."""
    if product.demand == HARDLY_SOLD:
        return 0
    return product.stock * SHOP_SHARE_PERCENT // 100


def _row(product: Product, location: str, *, available: str, on_hand: str) -> dict[str, str]:
    return {
        "Handle": handle(product.title),
        "Title": product.title,
        "Option1 Name": "Title",
        "Option1 Value": "Default Title",
        "SKU": product.sku,
        "Location": location,
        "Incoming (not editable)": "0",
        "Unavailable (not editable)": "0",
        "Committed (not editable)": "0",
        "Available (not editable)": available,
        "On hand (current)": on_hand,
    }
