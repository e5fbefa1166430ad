# ruff: noqa: E501  # rows of CSV read best on one line
import json

import pytest

from pipeline_lib.exports.headers import alias_table, match_header, normalise

OWN = {
    "orders": [
        "Name,Email,Financial Status,Currency,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Notes,Cancelled at",
        "Nom,E-mail,Statut financier,Devise,Créée le,Quantité de l'article,Nom de l'article,Prix de l'article,SKU de l'article",
        "Bestellnummer,E-Mail,Zahlungsstatus,Währung,Erstellt am,Artikelmenge,Artikelname,Artikelpreis,Artikel-SKU",
        "Número de pedido,Correo electrónico,Estado financiero,Moneda,Creado el,Cantidad del artículo,Nombre del artículo,Precio del artículo,SKU del artículo",
        "Name,Line: Title,Line: SKU,Line: Quantity,Line: Price,Processed at",
    ],
    "order_lines": [
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country",
        "InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice",
        "order_id,sku,qty",
        "Order Number,Order Status,Order Date,Customer Note,First Name (Billing),Email (Billing),SKU,Item #,Item Name,Quantity (- Refund),Item Cost",
        "Numéro de commande,Date de commande,Référence,Désignation,Quantité,Prix unitaire",
        "Rechnungsnummer,Rechnungsdatum,Artikelnummer,Bezeichnung,Menge,Einzelpreis",
        "Número de factura,Fecha,Referencia,Descripción,Cantidad,Precio unitario",
    ],
    "products": [
        "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Price,Cost per item,Status",
        "Title,URL handle,Description,Vendor,Type,Tags,Status,SKU,Option1 name,Option1 value,Price,Compare-at price,Cost per item,Inventory quantity",
        "Titre,Identifiant,Fournisseur,Type de produit,Statut,SKU,Prix,Quantité en stock",
        "Titel,URL-Handle,Anbieter,Produkttyp,Status,SKU,Preis,Lagerbestand",
        "Título,Identificador,Proveedor,Tipo de producto,Estado,SKU,Precio,Cantidad de inventario",
    ],
    "inventory": [
        "Handle,Title,Option1 Name,Option1 Value,SKU,HS Code,COO,Location,Incoming,Committed,Available,On hand",
        "Handle,Title,SKU,HS Code,COO,Paris,Lyon",
        "SKU,Location,Available (not editable),On hand (current),On hand (new)",
        "Titre,SKU,Emplacement,Disponible,En stock",
        "Titel,SKU,Standort,Verfügbar,Auf Lager",
    ],
    "catalogue": [
        "product_id,variant_id,sku,product_title,variant_title,price,cost,inventory_quantity",
        "Product ID,SKU,Name,Regular price,Stock quantity,Categories",
    ],
    "quick_install": ["product_id,name,price", "product_id,name"],
}


@pytest.mark.parametrize(
    ("kind", "header"), [(kind, header) for kind, headers in OWN.items() for header in headers]
)
def test_a_header_row_is_known_for_what_it_is(kind, header):
    assert match_header(header.split(",")).kind == kind


def test_every_header_row_of_the_corpus_is_known_for_what_it_is(shared):
    corpus = json.loads((shared / "shopify_headers" / "headers.json").read_text("utf-8"))

    assert corpus
    assert [match_header(one["columns"]).kind for one in corpus] == [one["kind"] for one in corpus]


def test_the_table_names_more_than_150_headers():
    names = {
        normalise(name)
        for kind in alias_table().values()
        for names in kind["fields"].values()
        for name in names
    }

    assert len(names) >= 150


@pytest.mark.parametrize("header", OWN["orders"] + OWN["products"] + OWN["order_lines"])
def test_case_spaces_padding_and_byte_order_marks_do_not_matter(header):
    plain = match_header(header.split(","))

    loud = match_header(
        ["\ufeff" + f"  {cell.upper().replace(' ', '_')} " for cell in header.split(",")]
    )

    assert (loud.kind, loud.fields) == (plain.kind, plain.fields)


def test_the_suffixes_of_an_inventory_export_do_not_matter():
    found = match_header(
        ["SKU", "Location", "Available (not editable)", "On hand (current)", "On hand (new)"]
    )

    assert found.fields == {"sku": 0, "location": 1, "available": 2, "on_hand": 3, "on_hand_new": 4}


def test_the_columns_behind_the_customs_columns_are_a_wide_inventory_s_locations():
    found = match_header(["Handle", "Title", "SKU", "HS Code", "COO", "Paris", "Lyon"])

    assert found.locations == (5, 6)


def test_a_market_s_price_is_not_the_price():
    found = match_header(
        ["Handle", "Title", "Variant SKU", "Price / France", "Variant Price", "Status"]
    )

    assert found.fields["price"] == 4


def test_the_columns_of_a_rejects_file_are_not_taken_for_fields():
    found = match_header(["row", "line", "reason", "order_id", "sku", "qty"])

    assert found.fields == {"order_id": 3, "sku": 4, "quantity": 5}


@pytest.mark.parametrize("header", ["", "a,b,c", "Name,Email", "sku,price", "First Name,Last Name"])
def test_what_is_no_export_is_not_known(header):
    assert match_header(header.split(",")) is None
