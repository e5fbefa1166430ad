"""A bulk operation's JSON lines, orders or products with their parents' ids, as rows of a CSV."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

PARENT = "__parentId"
LINE_ITEM, VARIANT, ORDER, PRODUCT = (
    f"gid://shopify/{name}/" for name in ("LineItem", "ProductVariant", "Order", "Product")
)
ORDER_COLUMNS: Mapping[str, Sequence[str]] = {
    "Name": ("name", "id"),
    "Email": ("customer.id", "email", "customer.email"),
    "Created at": ("processedAt", "createdAt"),
    "Cancelled at": ("cancelledAt",),
    "Financial Status": ("displayFinancialStatus", "financialStatus"),
    "Currency": (
        "currencyCode",
        "totalPriceSet.shopMoney.currencyCode",
        "currentTotalPriceSet.shopMoney.currencyCode",
    ),
    "Total": ("totalPriceSet.shopMoney.amount", "totalPrice"),
    "Refunded Amount": ("totalRefundedSet.shopMoney.amount", "totalRefunded"),
    "Tags": ("tags",),
    "Source": ("test", "sourceName"),
}
LINE_COLUMNS: Mapping[str, Sequence[str]] = {
    "Lineitem quantity": ("quantity",),
    "Lineitem name": ("name", "title"),
    "Lineitem price": (
        "originalUnitPriceSet.shopMoney.amount",
        "originalUnitPrice",
        "variant.price",
    ),
    "Lineitem discount": ("totalDiscountSet.shopMoney.amount", "totalDiscount"),
    "Lineitem sku": ("sku", "variant.sku"),
    "Lineitem variant id": ("variant.id",),
}
PRODUCT_COLUMNS: Mapping[str, Sequence[str]] = {
    "Product ID": ("id",),
    "Handle": ("handle",),
    "Title": ("title",),
    "Vendor": ("vendor",),
    "Type": ("productType", "category.fullName"),
    "Tags": ("tags",),
    "Status": ("status",),
    "Created at": ("createdAt",),
    "Gift Card": ("isGiftCard",),
}
VARIANT_COLUMNS: Mapping[str, Sequence[str]] = {
    "Variant ID": ("id",),
    "Variant SKU": ("sku", "inventoryItem.sku"),
    "Option1 Value": ("title",),
    "Variant Price": ("price",),
    "Variant Compare At Price": ("compareAtPrice",),
    "Cost per item": ("inventoryItem.unitCost.amount",),
    "Variant Inventory Qty": ("inventoryQuantity",),
    "Inventory item ID": ("inventoryItem.id",),
}
TEST = "test"


@dataclass(frozen=True)
class BulkOperation:
    """Objects, a line each; a child names its parent.

    Attributes:
        parents: column to the paths that it is read from, of the objects without a parent.
        children: the same of their children.
        child: how the children's ids begin.
    """

    parents: Mapping[str, Sequence[str]]
    children: Mapping[str, Sequence[str]]
    child: str
    note = "the file is a bulk operation's JSON lines; its objects were read as rows"

    def rows(self, lines: Iterable[str]) -> Iterator[str]:
        """A row for each child, with its parent's cells, under a header."""
        yield _row([*self.parents, *self.children])
        known: dict[str, list[str]] = {}
        early: dict[str, list[list[str]]] = {}  # children that came before their parent
        for line in lines:
            one = _object(line)
            if one is None:
                if line.strip():
                    yield _row([*[""] * (len(self.parents) + len(self.children) - 1), "not JSON"])
                continue
            parent = one.get(PARENT)
            if parent is None:
                named = str(one.get("id"))
                known[named] = _cells(one, self.parents)
                yield from self._nested(one)
                yield from (_row([*known[named], *cells]) for cells in early.pop(named, ()))
            elif self._is_child(one, parent):
                cells = _cells(one, self.children)
                if parent in known:
                    yield _row([*known[parent], *cells])
                else:
                    early.setdefault(parent, []).append(cells)
        orphans = (cells for children in early.values() for cells in children)
        yield from (_row([*[""] * len(self.parents), *cells]) for cells in orphans)

    def _is_child(self, one: Mapping[str, Any], parent: str) -> bool:
        """Whether an object is a line or a variant; others (refunds, images) hang there too."""
        named = one.get("id")
        if named is not None:
            return str(named).startswith(self.child)
        return parent.startswith((ORDER, PRODUCT)) and bool({"quantity", "sku", "price"} & set(one))

    def _nested(self, parent: Mapping[str, Any]) -> Iterator[str]:
        """Rows of children that stand inside their parent."""
        cells = _cells(parent, self.parents)
        for name in ("lineItems", "variants"):
            inside = parent.get(name)
            edges = inside.get("edges", inside.get("nodes")) if isinstance(inside, dict) else inside
            for edge in edges if isinstance(edges, list) else ():
                node = edge.get("node", edge) if isinstance(edge, dict) else {}
                yield _row([*cells, *_cells(node, self.children)])


ORDERS = BulkOperation(ORDER_COLUMNS, LINE_COLUMNS, LINE_ITEM)
PRODUCTS = BulkOperation(PRODUCT_COLUMNS, VARIANT_COLUMNS, VARIANT)


def json_shape(head: Sequence[str]) -> BulkOperation | None:
    """What the lines hold, by the first that tells it; None where they are no such JSON.

    Args:
        head: the file's first lines.
    """
    for line in head:
        one = _object(line)
        if one is None:
            if line.strip():
                return None
            continue
        named = (str(one.get("id", "")), str(one.get(PARENT, "")))
        if any(name.startswith((ORDER, LINE_ITEM)) for name in named):
            return ORDERS
        if any(name.startswith((PRODUCT, VARIANT)) for name in named):
            return PRODUCTS
    return None


def _object(line: str) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _cells(one: Mapping[str, Any], columns: Mapping[str, Sequence[str]]) -> list[str]:
    return [_first_text(one, paths) for paths in columns.values()]


def _first_text(one: Mapping[str, Any], paths: Sequence[str]) -> str:
    return next((text for path in paths if (text := _text(one, path))), "")


def _text(one: Any, path: str) -> str:  # noqa: ANN401 - JSON holds anything
    """What stands at the path, as a cell of a CSV."""
    for name in path.split("."):
        one = one.get(name) if isinstance(one, dict) else None
    if one is None:
        return ""
    if isinstance(one, list):
        return ", ".join(map(str, one))
    if isinstance(one, bool):
        return (TEST if path == TEST else "true") if one else ""
    return str(one)


def _row(cells: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue()
