"""The products of the sample shop and their affinities, read from the data files."""

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Product:
    """One product; money in pence.

    ``demand`` runs from 1 (best seller) to 5 (hardly sold), ``buy_in`` is the
    quantity in which it is mostly bought, ``season`` is one of ``seasons`` or empty.
    """

    sku: str
    title: str
    type: str
    vendor: str
    tags: str
    price_minor: int
    cost_minor: int | None
    compare_at_minor: int | None
    stock: int
    demand: int
    buy_in: int
    season: str
    launched: date | None
    weight_g: int
    status: str
    category: str
    consumable: bool
    vat_percent: int
    blurb: str


@dataclass(frozen=True, slots=True)
class Affinity:
    """``attach``: the share of carts with the first product that take all the others too."""

    skus: tuple[str, ...]
    attach: float


@cache
def products() -> tuple[Product, ...]:
    """All 300 products, in the order of the file."""
    types = {row["type"]: row for row in _rows("types.csv")}
    return tuple(_product(row, types[row["type"]]) for row in _rows("catalogue.csv"))


@cache
def affinities() -> tuple[Affinity, ...]:
    """The planted affinities: 40 pairs, then 8 triples; the first SKU draws the others."""
    return tuple(
        Affinity(
            tuple(sku for sku in (row["first"], row["second"], row["third"]) if sku),
            float(row["attach"]),
        )
        for row in _rows("affinities.csv")
    )


def planted_affinities() -> list[tuple[str, ...]]:
    """The SKUs of each planted affinity: what a good miner has to find."""
    return [affinity.skus for affinity in affinities()]


def format_money(minor: int) -> str:
    """Pence as Shopify writes an amount: ``1250`` is ``12.50``."""
    return f"{minor // 100}.{minor % 100:02d}"


def _product(row: dict[str, str], kind: dict[str, str]) -> Product:
    return Product(
        sku=row["sku"],
        title=row["title"],
        type=row["type"],
        vendor=row["vendor"],
        tags=row["tags"],
        price_minor=_minor(row["price"]),
        cost_minor=_minor(row["cost"]) if row["cost"] else None,
        compare_at_minor=_minor(row["compare_at"]) if row["compare_at"] else None,
        stock=int(row["stock"]),
        demand=int(row["demand"]),
        buy_in=int(row["buy_in"]),
        season=row["season"],
        launched=date.fromisoformat(row["launched"]) if row["launched"] else None,
        weight_g=int(row["weight_g"]),
        status=row["status"],
        category=kind["category"],
        consumable=kind["consumable"] == "yes",
        vat_percent=int(kind["vat_percent"]),
        blurb=kind["blurb"],
    )


def _minor(amount: str) -> int:
    pounds, pence = amount.split(".")
    return int(pounds) * 100 + int(pence)


def _rows(name: str) -> list[dict[str, str]]:
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
