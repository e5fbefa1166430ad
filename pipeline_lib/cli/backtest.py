"""`bundles backtest`: reads a shop's past, measures rankings on its future, prints a table."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pipeline_lib.cli.backtest_tables import Result, show
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
from pipeline_lib.mining.candidates.larger import threes_held_out
from pipeline_lib.mining.candidates.outlook import DAY_S, coded
from pipeline_lib.ranking.backtest import (
    Future,
    against_best,
    backtested,
    known_rate_ceilings,
    trained,
)
from pipeline_lib.ranking.response import Response
from pipeline_lib.recommendations.list_backtest import TEST_DAYS, compare_lists
from pipeline_lib.recommendations.rehearsal import Exports

WHOLE = HygieneRules(off=frozenset({"wholesale_lines", "wholesale_quantity"}))  # sold is sold
KEY = b"backtest"  # customers are not looked at; nothing of them is kept


EPILOG = """\
example:
  bundles backtest --orders orders_export.csv
  bundles backtest --orders orders_export.csv --train-until 2026-06-01

It learns from all orders up to the eve of the test, which without dates is the last 30 days.

A pair's incremental co-purchases are the later orders that hold both products, less what
independence expects; beyond sizes less what a null expects that knows how large orders are. cap
is the most pairs that one product may be in. The ratio is ours to the best of all baselines in
that cell, which nobody can know beforehand; a ratio in brackets is within the noise and says
nothing. of ceiling is ours to what a ranking would find that knew the rates of the test.
calibrated is the share of pairs whose later attach rate was at least the confidence_low that we
state. The lists are what a shop would have been shown: gain is what a month of showing them at
list price would have earned, by the attach rates of the thirty days after and a response that
is believed, not measured.
"""


def options(command: argparse.ArgumentParser) -> None:
    """The files, the dates, the sizes, and for whom to print."""
    command.add_argument("--orders", type=Path, required=True, metavar="F", help="orders export")
    command.add_argument("--products", type=Path, metavar="F", help="products export, for costs")
    for name, text in (
        ("train-until", "first day not learnt from; 30 days before the last order"),
        ("test-from", "first day measured; the one not learnt from"),
    ):
        command.add_argument(f"--{name}", type=date.fromisoformat, metavar="D", help=text)
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
    train_until: date | None,
    test_from: date | None,
    sizes: Sequence[int],
    as_json: bool,
) -> None:
    """Rank on the orders before ``train_until``, measure on those from ``test_from``, print.

    Without the second it is the first, and without the first the last thirty days are measured.

    Raises:
        Rejected: a file can not be used, or one of the two sides holds no orders.
    """
    lines, catalog = read_exports(orders, products)
    train_until = train_until or _eve(lines, orders)
    test_from = test_from or train_until
    before = lines.filter(OrderLines.ordered_at.expr < _midnight(train_until))
    after = lines.filter(OrderLines.ordered_at.expr >= _midnight(test_from))
    for side, told in ((before, f"before {train_until}"), (after, f"from {test_from} on")):
        if side.is_empty():
            raise TooLittleEvidence(f"{orders.name}: no orders {told}; choose other dates")
    shop = encode_shop(before, catalog, StockLevels.empty())
    past = trained(coded(shop), until_day=_midnight(train_until).timestamp() / DAY_S)
    held = _held(after, shop)
    future = _future(held, after, shop)
    result = Result(
        cells=list(backtested(past, future, sizes=sizes)),
        ceilings=known_rate_ceilings(past, future, sizes=sizes),
        larger=threes_held_out(shop, held, sizes=sizes),
        lists=compare_lists(
            Exports(lines, catalog, _midnight(train_until)), sizes=sizes, response=Response()
        ),
        past=past,
    )
    if as_json:
        print(json.dumps(_document(result)))
    else:
        show(result)


def _eve(lines: pl.DataFrame, orders: Path) -> date:
    """The day thirty days before the last order's.

    Raises:
        TooLittleEvidence: there are no orders.
    """
    newest = lines["ordered_at"].max()
    if not isinstance(newest, datetime):
        raise TooLittleEvidence(f"{orders.name}: no orders to learn from")
    return newest.date() - timedelta(days=TEST_DAYS - 1)


def read_exports(orders: Path, products: Path | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read the files as lines (``OrderLines``, all that was sold) and catalogue (``Products``).

    Raises:
        Rejected: a file cannot be used.
    """
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


def _document(result: Result) -> dict[str, Any]:
    rows = against_best(result.cells, result.ceilings)
    return {
        "cells": [asdict(cell) for cell in result.cells],
        "ceilings": [
            {"k": k, "cap": cap, "incremental": value}
            for (k, cap), value in result.ceilings.items()
        ],
        "larger": [asdict(one) for one in result.larger],
        "lists": [asdict(cell) for cell in result.lists],
        "profile": result.past.choice.profile.name,
        "drift": result.past.drift,
        "mean_ratio": float(np.mean([row["ratio"] for row in rows])),
        "least_ratio": float(min(row["ratio"] for row in rows)),
        "least_of_ceiling": float(min(row["of_ceiling"] for row in rows)),
    }
