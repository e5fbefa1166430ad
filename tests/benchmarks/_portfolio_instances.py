"""What the engines choose from: candidates from a seed, and those of a run on real orders."""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from pipeline_lib.frames import OBJECTIVES
from pipeline_lib.portfolio.problem import PAD, Bundles, Floats, Rules
from pipeline_lib.portfolio.worth import expected_margin, expected_revenue, shortage_risk

ROOT = Path(__file__).resolve().parents[2]
RETAIL = ROOT.parent / "shared" / "data" / "online_retail"
EXPORTS = {
    "--orders": "orders_export.csv.gz",
    "--products": "products_export.csv",
    "--inventory": "inventory_export.csv",
}
PERIOD_DAYS = 30
ORDERS_DAYS = 374  # that Online Retail covers
DISCOUNT = 0.1
SHARES = (0.25, 0.2, 0.15, 0.12, 0.1, 0.1, 0.05, 0.03)  # of the objectives, made up


class Products(NamedTuple):
    """By product code: price and cost of one, stock, and what is sold of it in the period."""

    price: Floats
    cost: Floats
    stock: Floats
    demand: Floats


def valued(products, *, items, units, sales, objective):
    """Bundles of these, at a tenth off the price of their products."""
    price = (np.append(products.price, 0.0)[items] * units).sum(axis=1) * (1 - DISCOUNT)
    cost = (np.append(products.cost, 0.0)[items] * units).sum(axis=1)
    parts = {"items": items, "units": units, "sales": sales, "stock": products.stock}
    return Bundles(
        revenue=expected_revenue(sales=sales, price=price),
        margin=expected_margin(sales=sales, price=price, cost=cost),
        risk=shortage_risk(**parts, demand=products.demand),
        objective=objective,
        **parts,
    )


def made(count, seed):
    """Candidates of two or three products, few of which are in many; a tenth untracked."""
    random = np.random.default_rng(seed)
    products = count // 2
    popularity = (1 + np.arange(products)) ** -0.7
    popularity /= popularity.sum()
    items = np.array(
        [random.choice(products, 3, replace=False, p=popularity) for _ in range(count)]
    )
    units = random.choice([1, 1, 1, 2], items.shape)
    pairs = random.random(count) < 0.5
    items[pairs, 2], units[pairs, 2] = PAD, 0
    stock = np.round(np.exp(random.normal(3.5, 1.2, products)))
    price = np.exp(random.normal(3, 0.7, products))
    untracked = random.random(products) < 0.1
    return valued(
        Products(
            price,
            price * random.uniform(0.3, 0.85, products),
            np.where(untracked, np.nan, stock),
            stock * random.uniform(0.3, 1.2, products),
        ),
        items=items,
        units=units,
        sales=np.exp(random.normal(2.5, 1, count)),
        objective=random.choice(len(SHARES), count, p=SHARES),
    )


def ran(folder):
    """Run the chain on Online Retail into the folder."""
    files = [word for option, name in EXPORTS.items() for word in (option, str(RETAIL / name))]
    command = [sys.executable, "-m", "pipeline_lib.cli.main", "run", *files, "--out", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)


def online_retail(folder, *, most):
    """The candidates of a finished run, the ``most`` that were oftenest bought together."""
    (kept,) = Path(folder).glob(".state/artefacts/*/1")
    catalog = pl.read_parquet(kept / "catalog.parquet").sort("item")
    rows = pl.read_parquet(kept / "distinct.parquet").sort(
        "orders_together", "key", descending=[True, False]
    )
    rows = rows.head(most)
    width = rows["items"].list.len().max()

    def padded(name, fill):
        lists = [row + [fill] * (width - len(row)) for row in rows[name].to_list()]
        return np.array(lists, dtype=np.int64)

    seldom = pl.col("orders_each").list.min() * pl.col("similarity").fill_null(0.0) / 10
    together = pl.max_horizontal("orders_together", seldom).cast(pl.Float64)
    prices, costs, stock, units = (
        catalog[name].cast(pl.Float64).to_numpy()
        for name in ("price_minor", "cost_minor", "stock", "units")
    )
    return valued(
        Products(prices, costs, stock, units * PERIOD_DAYS / ORDERS_DAYS),
        items=padded("items", PAD),
        units=padded("quantities", 0),
        sales=rows.select(together * PERIOD_DAYS / ORDERS_DAYS).to_series().to_numpy(),
        objective=np.array([OBJECTIVES.index(name) for name in rows["objective"]]),
    )


def rules(size):
    """As a run has them."""
    return Rules(size=size, most_of_a_product=4, least_of_an_objective=2)


def instances(finished, *, quick):
    """Name, candidates and rules of each instance; the real ones only where their orders are."""
    yield "made, 20 of 200", made(200, 1), rules(20)
    yield "made, 50 of 500", made(500, 2), rules(50)
    if quick:
        return
    yield "made, 20 of 500", made(500, 3), rules(20)
    if finished is None and not RETAIL.is_dir():
        print(f"no Online Retail in {RETAIL}: its instances are left out", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory() as folder:
        if finished is None:
            ran(folder)
        there = finished or folder
        yield "Online Retail, 20 of 200", online_retail(there, most=200), rules(20)
        yield "Online Retail, 50 of all", online_retail(there, most=500), rules(50)
        yield "Online Retail, 100 of all", online_retail(there, most=500), rules(100)
