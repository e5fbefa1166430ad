"""`bundles backtest`: reads a shop's past, measures rankings on its future, prints a table."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pipeline_lib.cli.backtest_tables import show
from pipeline_lib.errors import TooLittleEvidence
from pipeline_lib.exports import (
    ExportFormat,
    HygieneRules,
    read_orders,
    read_products,
    sniff_export,
)
from pipeline_lib.frames import OrderLines, Products, StockLevels
from pipeline_lib.mining.baskets import CodedShop, encode_shop
from pipeline_lib.mining.candidates.larger import Larger, threes_held_out
from pipeline_lib.mining.candidates.outlook import DAY_S, coded
from pipeline_lib.ranking.backtest import Cell, Future, Past, against_best, backtested, trained

WHOLE = HygieneRules(off=frozenset({"wholesale_lines", "wholesale_quantity"}))  # sold is sold
KEY = b"backtest"  # customers are not looked at; nothing of them is kept


EPILOG = """\
example:
  bundles backtest --orders orders_export.csv --train-until 2026-06-01 --test-from 2026-07-01

A pair's incremental co-purchases are the later orders that hold both products, less what
independence expects. cap is the most pairs that one product may be in. The ratio is ours to the
best of all baselines in that cell, which nobody can know beforehand. calibrated is the share of
pairs whose later attach rate was at least the confidence_low that we state.
"""


def options(command: argparse.ArgumentParser) -> None:
    """The files, the dates, the sizes, and for whom to print."""
    command.add_argument("--orders", type=Path, required=True, metavar="F", help="orders export")
    command.add_argument("--products", type=Path, metavar="F", help="products export, for costs")
    for name, text in (("train-until", "first day not learnt from"), ("test-from", "first day")):
        command.add_argument(
            f"--{name}", type=date.fromisoformat, required=True, metavar="D", help=text
        )
    command.add_argument(
        "--k", type=_sizes, default=(20, 50, 100, 200), metavar="K,…", help="how many pairs"
    )
    command.add_argument("--json", action="store_true", help="print one JSON document instead")


def execute(given: argparse.Namespace) -> None:
    """Measure and print."""
    backtest(
        orders=given.orders,
        products=given.products,
        train_until=given.train_until,
        test_from=given.test_from,
        sizes=given.k,
        as_json=given.json,
    )


def _sizes(text: str) -> tuple[int, ...]:
    sizes = tuple(sorted({int(part) for part in text.split(",")}))
    if sizes[0] < 1:
        raise argparse.ArgumentTypeError("sizes are 1 or more")
    return sizes


def backtest(  # noqa: PLR0913 - all are said by name
    *,
    orders: Path,
    products: Path | None,
    train_until: date,
    test_from: date,
    sizes: Sequence[int],
    as_json: bool,
) -> None:
    """Rank on the orders before ``train_until``, measure on those from ``test_from``, print.

    Raises:
        Rejected: a file can not be used, or one of the two sides holds no orders.
    """
    lines, catalog = _read(orders, products)
    before = lines.filter(OrderLines.ordered_at.expr < _midnight(train_until))
    after = lines.filter(OrderLines.ordered_at.expr >= _midnight(test_from))
    for side, told in ((before, f"before {train_until}"), (after, f"from {test_from} on")):
        if side.is_empty():
            raise TooLittleEvidence(f"{orders.name}: no orders {told}; choose other dates")
    shop = encode_shop(before, catalog, StockLevels.empty())
    past = trained(coded(shop), until_day=_midnight(train_until).timestamp() / DAY_S)
    held = _held(after, shop)
    cells = list(backtested(past, _future(held, after, shop), sizes=sizes))
    larger = threes_held_out(shop, held, sizes=sizes)
    if as_json:
        print(json.dumps(_document(cells, larger, past)))
    else:
        show(cells, larger, past)


def _read(orders: Path, products: Path | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    known = _sniff(orders)
    with orders.open("rb") as stream:
        batches = read_orders(stream, known, rules=WHOLE, customer_key=KEY)
        lines = pl.concat([batch.kept for batch in batches])
    catalog = Products.empty()
    if products is not None:
        with products.open("rb") as stream:
            read = read_products(stream, _sniff(products), currency=known.currency)
        catalog = read.kept.select(*Products.schema)
    return lines, catalog


def _sniff(file: Path) -> ExportFormat:
    with file.open("rb") as stream:
        return sniff_export(stream, file=file.name)


def _held(lines: pl.DataFrame, shop: CodedShop) -> pl.DataFrame:
    """The held-out baskets in the codes of the training side; what was not sold before is out."""
    money = pl.col("price_minor") * pl.col("quantity") - pl.col("discount_minor")
    cost = pl.col("cost_minor") * pl.col("quantity")
    order = pl.struct(pl.col("ordered_at").min().over("order_id"), "order_id").rank("dense") - 1
    return (
        lines.with_columns(order.alias("order"))
        .join(shop.catalog.select("sku", "item", "cost_minor"), on="sku")
        .group_by("order", "item")
        .agg(
            money.sum().alias("revenue"),
            (money - cost).sum().alias("margin"),
            pl.col("cost_minor").null_count().alias("unknown"),
        )
        .sort("order", "item")
    )


def _future(held: pl.DataFrame, lines: pl.DataFrame, shop: CodedShop) -> Future:
    days = lines.group_by("order_id").agg(pl.col("ordered_at").min()).sort("ordered_at", "order_id")
    baskets = coded(CodedShop(shop.catalog, days, held))
    margin = None if held["unknown"].sum() else held["margin"].to_numpy().astype(np.float64)
    return Future(baskets, held["revenue"].to_numpy().astype(np.float64), margin)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _document(cells: Sequence[Cell], larger: Sequence[Larger], past: Past) -> dict[str, Any]:
    rows = against_best(cells)
    return {
        "cells": [asdict(cell) for cell in cells],
        "larger": [asdict(one) for one in larger],
        "profile": past.choice.profile.name,
        "drift": past.drift,
        "mean_ratio": float(np.mean([row["ratio"] for row in rows])),
        "least_ratio": float(min(row["ratio"] for row in rows)),
    }
