# ruff: noqa: E501  # a property of many forms at once
import codecs
import csv
import gzip
import io
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

WORDS = st.text(alphabet='abcdeFGH é,;"\n-', min_size=1, max_size=12).map(
    lambda text: "Q" + " ".join(text.split())
)
AT = st.integers(0, 10**8).map(lambda s: datetime(2021, 1, 1, tzinfo=UTC) + timedelta(seconds=s))
ENCODINGS = {
    "utf-8": b"", "utf-8 with a mark": codecs.BOM_UTF8, "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE, "latin-1": b"",
}  # fmt: skip
GENERATIONS = {
    "shopify": {
        "order": "Name", "customer": "Email", "at": "Created at", "currency": "Currency",
        "quantity": "Lineitem quantity", "name": "Lineitem name", "price": "Lineitem price",
        "sku": "Lineitem sku", "discount": "Lineitem discount",
    },
    "french": {
        "order": "Numéro de commande", "customer": "Adresse e-mail", "at": "Créée le",
        "currency": "Devise", "quantity": "Quantité de l'article", "name": "Nom de l'article",
        "price": "Prix de l'article", "sku": "SKU de l'article", "discount": "Remise de l'article",
    },
    "german": {
        "order": "Bestellnummer", "customer": "E-Mail-Adresse", "at": "Erstellt am",
        "currency": "Währung", "quantity": "Artikelmenge", "name": "Artikelname",
        "price": "Artikelpreis", "sku": "Artikel-SKU", "discount": "Artikelrabatt",
    },
    "spanish": {
        "order": "Número de pedido", "customer": "Correo electrónico", "at": "Creado el",
        "currency": "Moneda", "quantity": "Cantidad del artículo", "name": "Nombre del artículo",
        "price": "Precio del artículo", "sku": "SKU del artículo", "discount": "Descuento del artículo",
    },
    "plain lines": {
        "order": "InvoiceNo", "customer": "CustomerID", "at": "InvoiceDate", "currency": "Currency",
        "quantity": "Quantity", "name": "Description", "price": "UnitPrice", "sku": "StockCode",
        "discount": "Discount",
    },
}  # fmt: skip
DATES = {
    "shopify": lambda at: f"{at + timedelta(hours=-4):%Y-%m-%d %H:%M:%S} -0400",
    "iso": lambda at: f"{at:%Y-%m-%dT%H:%M:%SZ}",
    "bare": lambda at: f"{at:%Y-%m-%d %H:%M:%S}",
    "day first": lambda at: f"{at:%d/%m/%Y %H:%M:%S}",
    "month first": lambda at: f"{at:%m/%d/%Y %H:%M:%S}",
    "dotted": lambda at: f"{at:%d.%m.%Y %H:%M:%S}",
    "serial": lambda at: f"{(at - datetime(1899, 12, 30, tzinfo=UTC)) / timedelta(days=1):.9f}",
}
PROOF = datetime(2021, 12, 25, 9, 30, tzinfo=UTC)  # the 25th can be no month


def dotted(minor):
    return f"{minor // 100}.{minor % 100:02d}"


def comma(minor):
    return f"{minor // 100:,}".replace(",", ".") + f",{minor % 100:02d}"


def signed(minor):
    return f"${minor // 100:,}.{minor % 100:02d}"


MONEY = {"point": dotted, "comma": comma, "sign and thousands": signed}
LINE = st.tuples(st.integers(1, 900), WORDS, st.integers(1, 10**7), st.integers(0, 999))
ORDER = st.tuples(AT, st.lists(LINE, min_size=1, max_size=4))


def alias_table(orders):
    return [
        (
            f"#{1000 + n}",
            at,
            f"SKU-{name[:6].upper()}-{nth}".replace('"', ""),
            name,
            quantity,
            price,
            off,
        )
        for n, (at, lines) in enumerate(orders)
        for nth, (quantity, name, price, off) in enumerate(lines)
    ]


def export(rows, *, generation, delimiter, encoding, date, money, end, filled):
    names = GENERATIONS[generation]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end)
    writer.writerow(names.values())
    last = None
    for order, at, sku, name, quantity, price, off in rows:
        own = filled or generation == "plain lines" or order != last
        head = {"customer": "a@example.com", "at": DATES[date](at), "currency": "USD"}
        cells = {
            **(head if own else dict.fromkeys(head, "")), "order": order, "quantity": str(quantity),
            "name": name, "price": MONEY[money](price), "sku": sku.lower(), "discount": MONEY[money](off),
        }  # fmt: skip
        writer.writerow([cells[field] for field in names])
        last = order
    codec = encoding.split(" ")[0]
    return ENCODINGS[encoding] + out.getvalue().encode(codec)


@settings(max_examples=150)
@given(
    orders_made=st.lists(ORDER, min_size=1, max_size=6),
    generation=st.sampled_from(sorted(GENERATIONS)),
    delimiter=st.sampled_from([",", ";", "\t"]),
    encoding=st.sampled_from(sorted(ENCODINGS)),
    date=st.sampled_from(sorted(DATES)),
    money=st.sampled_from(sorted(MONEY)),
    end=st.sampled_from(["\n", "\r\n"]),
    filled=st.booleans(),
    zipped=st.booleans(),
)
def test_a_made_export_parses_to_the_table_that_it_was_made_of(
    orders, orders_made, generation, delimiter, encoding, date, money, end, filled, zipped
):
    rows = alias_table([(PROOF, [(1, "Qé", 123456, 50)]), *orders_made])
    data = export(
        rows, generation=generation, delimiter=delimiter, encoding=encoding, date=date,
        money=money, end=end, filled=filled,
    )  # fmt: skip

    told = orders(gzip.compress(data) if zipped else data)

    assert told.rejected.height == 0
    assert not told.set_aside
    assert told.kept.drop("customer").rows() == [
        (order, at, " ".join(sku.upper().split()), name, quantity, price, off)
        for order, at, sku, name, quantity, price, off in rows
    ]
    assert told.kept["customer"].n_unique() == 1


OLD = ("Handle", "Title", "Vendor", "Option1 Name", "Option1 Value", "Variant SKU",
       "Variant Inventory Qty", "Variant Price", "Cost per item", "Status")  # fmt: skip
NEW = ("URL handle", "Title", "Vendor", "Option1 name", "Option1 value", "SKU",
       "Inventory quantity", "Price", "Cost per item", "Status")  # fmt: skip
FRENCH = ("Identifiant", "Titre", "Fournisseur", "Nom de l'option 1", "Valeur de l'option 1", "UGS",
          "Quantité en stock", "Prix", "Coût par article", "Statut")  # fmt: skip
GERMAN = ("URL-Handle", "Titel", "Anbieter", "Name Option 1", "Wert Option 1", "Artikelnummer",
          "Lagerbestand", "Preis", "Kosten pro Artikel", "Status")  # fmt: skip
SPANISH = ("Identificador", "Título", "Proveedor", "Nombre de la opción 1", "Valor de la opción 1",
           "SKU", "Cantidad de inventario", "Precio", "Costo por artículo", "Estado")  # fmt: skip
PRODUCT = st.tuples(
    WORDS, st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 99)), min_size=1, max_size=3)
)


@settings(max_examples=60)
@given(
    made=st.lists(PRODUCT, min_size=1, max_size=5),
    header=st.sampled_from([OLD, NEW, FRENCH, GERMAN, SPANISH]),
    delimiter=st.sampled_from([",", ";", "\t"]),
    encoding=st.sampled_from(sorted(ENCODINGS)),
    money=st.sampled_from(sorted(MONEY)),
    repeated=st.booleans(),
)
def test_a_made_products_file_parses_to_the_products_that_it_was_made_of(
    products, csv_text, made, header, delimiter, encoding, money, repeated
):
    form = MONEY[money]
    rows, expected = [], []
    made = [("First", [(105, 1)]), *made]
    for n, (title, variants) in enumerate(made):
        for nth, (price, stock) in enumerate(variants):
            own = nth == 0
            sku = f"P{n}-{nth}"
            head = (f"p-{n}" if own or repeated else "", title if own else "", "V" if own else "")
            rows.append((*head, "Size" if own else "", f"S{nth}", sku, str(stock), form(price),
                         form(price // 2), "active" if own else ""))  # fmt: skip
            expected.append(
                (
                    sku,
                    title,
                    f"S{nth}",
                    f"p-{n}",
                    "V",
                    price or None,
                    price // 2 or None,
                    stock,
                    "active",
                )
            )
    codec = encoding.split(" ")[0]
    data = ENCODINGS[encoding] + csv_text(header, rows, delimiter=delimiter).encode(codec)

    told = products(data)

    kept = told.kept.select(
        "sku",
        "title",
        "variant",
        "handle",
        "vendor",
        "price_minor",
        "cost_minor",
        "stock",
        "status",
    )
    assert kept.rows() == expected
    assert told.rejected.height == 0


@pytest.mark.parametrize("encoding", sorted(ENCODINGS))
def test_the_encoding_of_a_file_changes_nothing(orders, encoding):
    rows = alias_table([(PROOF, [(1, "Qé", 123456, 50)])])
    plain = {
        "generation": "shopify",
        "delimiter": ",",
        "date": "iso",
        "money": "point",
        "end": "\n",
    }

    told = orders(export(rows, encoding=encoding, filled=False, **plain))

    assert told.kept["name"].to_list() == ["Qé"]
    assert isinstance(told.kept, pl.DataFrame)
