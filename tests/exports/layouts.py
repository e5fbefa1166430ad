"""Files of other systems: their real header rows, with made rows in which each person is a mark."""

import csv
import io
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

MARK = "MARKER"
PRODUCTS = 24
ORDERS = 240
JAPANESE = ("茶碗", "お皿", "コーヒーカップ", "湯のみ", "スプーン", "トレイ")
ENGLISH = ("Oak board", "Tea towel", "Cup", "Jam jar", "Candle", "Linen apron")


def layouts():
    """The layouts: system, kind, columns, which field each needed column is, who is in them."""
    return json.loads(Path(__file__).with_name("layouts.json").read_text("utf-8"))


def file_of(layout, *, seed=1):
    """A file in the layout, as bytes: made orders of one to four products."""
    rng = random.Random(seed)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=layout["delimiter"], lineterminator="\r\n")
    writer.writerow(layout["columns"])
    by_column = {column: field for field, column in layout["maps"].items()}
    n = 0
    for order in range(ORDERS):
        at = datetime(2024, 1, 3, 9, 5, tzinfo=UTC) + timedelta(hours=17 * order)
        sold = basket(rng)
        for place, product in enumerate(sold, 1):
            n += 1
            units = rng.choice((1, 1, 2, 3))
            facts = {"order": order, "at": at, "product": product, "place": place, "n": n}
            facts |= {"units": units, "shopper": order % 31, "rng": rng}
            writer.writerow([cell(layout, by_column, name, facts) for name in layout["columns"]])
    return out.getvalue().encode(layout["encoding"])


def basket(rng):
    """Products of one order: often two that go together, sometimes one, or more."""
    first = rng.randrange(PRODUCTS)
    more = [first ^ 1, *rng.sample(range(PRODUCTS), 2)][: rng.choice((0, 1, 1, 2, 3))]
    return list(dict.fromkeys([first, *more]))


def cell(layout, by_column, name, facts):
    """What stands in a column."""
    if name in layout["personal"]:
        return f"{MARK}{facts['shopper']} {name[:3]}" + ("@x.example" if "mail" in name else "")
    role = layout["roles"].get(name) or by_column.get(name) or guess(name)
    return str(ROLES[role](layout["forms"], facts))


def guess(name):
    """What stands in a column of which nothing more is known."""
    plain = name.lower()
    if "date" in plain or "fecha" in plain:
        return "later"
    return "price_of_shipping" if any(w in plain for w in ("shipping", "tax")) else "text"


def money(forms, minor):
    text = f"{minor / 100:.2f}"
    return text.replace(".", ",") if forms.get("decimal") == "," else text


def unit(forms, facts):
    return round(100 * forms.get("price", 1) * (2.5 + 1.35 * facts["product"]))


def title(forms, facts):
    words = JAPANESE if forms.get("words") == "ja" else ENGLISH
    return f"{words[facts['product'] % len(words)]} {chr(65 + facts['product'])}{facts['product']}"


def date(forms, at):
    return at.strftime(forms.get("date", "%Y-%m-%d %H:%M:%S"))


def order_total(forms, facts):
    return money(forms, 1990 + 7 * facts["order"])


ROLES = {
    "order_id": lambda f, x: f"{70_000 + 13 * x['order']}",
    "order_number2": lambda f, x: 900 + x["order"],
    "ordered_at": lambda f, x: date(f, x["at"]),
    "later": lambda f, x: date(f, x["at"] + timedelta(days=2)),
    "ordered_time": lambda f, x: f"{x['at']:%H:%M}",
    "time": lambda f, x: f"{x['at']:%H:%M:%S}",
    "clock4": lambda f, x: f"{x['at']:%H%M}",
    "zone": lambda f, x: "Eastern Time (US & Canada)",
    "sku": lambda f, x: f"SKU-{100 + x['product']}",
    "blank_mostly": lambda f, x: f"SKU-{x['product']}" if x["product"] == 3 else "",
    "product_id": lambda f, x: 5_550_000 + x["product"],
    "variant_id": lambda f, x: 5_550_000 + x["product"],
    "name": title,
    "quantity": lambda f, x: x["units"],
    "price": lambda f, x: money(f, unit(f, x)),
    "line_total": lambda f, x: money(f, unit(f, x) * x["units"]),
    "line_total_signed": lambda f, x: f"${unit(f, x) * x['units'] / 100:,.2f}",
    "line_discount_share": lambda f, x: (0, 0.2, 0.5)[x["n"] % 3],
    "share": lambda f, x: (0, 0.2, 0.5)[x["n"] % 3],
    "line_discount_percent": lambda f, x: (0, 10, 15)[x["n"] % 3],
    "percent": lambda f, x: (0, 10, 15)[x["n"] % 3],
    "currency": lambda f, x: "EUR",
    "customer": lambda f, x: 40_000 + x["shopper"],
    "line_id": lambda f, x: 3_330_000_000 + 17 * x["n"],
    "row_number": lambda f, x: x["n"],
    "line_number": lambda f, x: x["place"],
    "order_total": order_total,
    "price_of_shipping": lambda f, x: money(f, 490),
    "day_number": lambda f, x: 1 + x["order"] // 4,
    "week": lambda f, x: 1 + x["order"] // 28,
    "store": lambda f, x: 300 + x["order"] % 4,
    "zero": lambda f, x: money(f, 0),
    "zero_signed": lambda f, x: "$0.00",
    "zero_one": lambda f, x: x["n"] % 2,
    "status": lambda f, x: "completed",
    "line_status": lambda f, x: "Shipped",
    "payment": lambda f, x: "Payment",
    "sale": lambda f, x: "Sale",
    "closed": lambda f, x: "Closed",
    "abierta": lambda f, x: "Abierta",
    "false": lambda f, x: "False",
    "regular": lambda f, x: "Regular",
    "url": lambda f, x: f"https://shop.example/{x['order']}",
    "option": lambda f, x: "Colour:Blue",
    "category": lambda f, x: f"Kind {'ABCD'[x['product'] % 4]}",
    "blank": lambda f, x: "",
    "text": lambda f, x: "x",
}
