"""How fast an orders export becomes typed Parquet: ours, pandas, and plain Polars; a script.

Every engine reads the same made Shopify export (20 columns, quoted cells, some with line ends,
zoned dates) and does the same work: the twelve columns that tell of a line and its order, typed
(dates in UTC, money in minor units), the order's cells filled down to its other lines, written as
Parquet with equal settings (zstd level 1, statistics). Ours also checks every row, hashes the
customer and applies the hygiene rules; an order's state and currency are judged there and its total
stays text, so that eight columns are written. The plain Polars scan and pandas check nothing, type
all twelve and write them.
Each runs in a process of its own. pandas and pyarrow are needed for their rows only (the extra
``bench``). pandas reads dates as ISO 8601, which gives the same instants as the explicit form in a
third of the time; its pyarrow engine is not measured, as it refuses line ends inside cells.

    python tests/benchmarks/import_speed.py [--quick] [--json] [--lines N ...] [--rounds R]

``--json`` prints one object a row with the keys ``lines``, ``engine``, ``seconds`` (median of the
rounds; from the first byte read to the last one written, without imports), ``cpu_seconds``,
``peak_mb`` (largest resident size of the process), ``rows`` (lines written) and ``error`` (null, or
why it did not finish).
"""

import argparse
import itertools
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Currency,Subtotal,Shipping,Taxes,Total,"
    "Discount Code,Discount Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price,"
    "Lineitem sku,Lineitem discount,Notes,Cancelled at"
)
LINE = {
    "Lineitem quantity": "quantity",
    "Lineitem name": "name",
    "Lineitem price": "price_minor",
    "Lineitem sku": "sku",
    "Lineitem discount": "discount_minor",
}
ORDER = {
    "Email": "customer",
    "Financial Status": "financial_status",
    "Currency": "currency",
    "Total": "total_minor",
    "Created at": "ordered_at",
    "Cancelled at": "cancelled_at",
}
FORM = "%Y-%m-%d %H:%M:%S %z"
PARQUET: dict[str, Any] = {"compression": "zstd", "compression_level": 1}  # with statistics, too
CHUNK = 200_000  # rows of a pandas chunk
PRODUCTS = 5_000
CUSTOMERS_PER_LINE = 0.15
YEAR_S = 31_557_600
MARCH, NOVEMBER = 3, 11
QUICK, FULL = (200_000,), (1_000_000, 10_000_000)


def made(lines: int) -> Iterator[str]:
    """The rows of an export with so many lines, an order at a time; equal numbers, equal text."""
    rng = random.Random(lines)
    kinds = ("shirt", 'mug, "large"', "towel", "candle, scented")
    names = [
        '"' + f"Cotton {rng.choice(kinds)} {i}".replace('"', '""') + '"' for i in range(PRODUCTS)
    ]
    order, done = 1000, 0
    while done < lines:
        order += 1
        size = min(lines - done, rng.randint(1, 6))
        yield _order(rng, order, size, names, lines)
        done += size


def _order(rng: random.Random, order: int, size: int, names: list[str], lines: int) -> str:
    """One order's rows: its own cells stand on the first only."""
    at = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=order * YEAR_S * 3.5 / lines)
    zone = -4 if MARCH <= at.month < NOVEMBER else -5  # New York's, nearly: real exports mix them
    when = f"{at + timedelta(hours=zone):%Y-%m-%d %H:%M:%S} -0{-zone}00"
    email = f"customer{rng.randrange(int(lines * CUSTOMERS_PER_LINE) + 1)}@example.com"
    note = '"Leave it at\nthe door, please"' if order % 50 == 0 else ""
    rows = []
    for nth in range(size):
        item = int(PRODUCTS * rng.random() ** 3)
        price = f"{item % 90 + 5}.{item % 100:02d}"
        line = f"{rng.choice('1112')},{names[item]},{price},SKU-{item:05d},0.00"
        head = (
            f"paid,{when},fulfilled,USD,{size * 20}.00,5.90,3.10,{size * 20 + 9}.00,WELCOME,0.00"
            if nth == 0
            else ",,,,,,,,,"
        )
        rows.append(f"#{order},{email},{head},{when},{line},{note if nth == 0 else ''},\n")
    return "".join(rows)


def ours(source: Path, target: Path) -> int:
    """The importer, a Parquet part for each batch."""
    from pipeline_lib.exports import HygieneRules, read_orders, sniff_export

    with source.open("rb") as stream:
        known = sniff_export(stream, file=source.name)
    rows = 0
    with source.open("rb") as stream:
        batches = read_orders(stream, known, rules=HygieneRules(), customer_key=bytes(32))
        for part, batch in enumerate(batches):
            batch.kept.write_parquet(target / f"{part}.parquet", **PARQUET)
            rows += batch.kept.height
    return rows


def polars_scan(source: Path, target: Path) -> int:
    """A lazy scan with types, streamed to Parquet."""
    import polars as pl

    money = pl.col("Lineitem price", "Lineitem discount", "Total").cast(pl.Float64)
    dates = pl.col("Created at", "Cancelled at")
    head = pl.col("Name") != pl.col("Name").shift(1)
    filled = [
        pl.when(head)
        .then(pl.col(column).fill_null(""))
        .otherwise(column)
        .forward_fill()
        .alias(column)
        for column in ORDER
    ]
    texts = dict.fromkeys(("Name", "Lineitem sku", "Lineitem name", *ORDER), pl.String)
    types = {"Lineitem quantity": pl.Int32, "Lineitem price": pl.Float64}
    frame = (
        pl.scan_csv(source, schema_overrides=texts | types)
        .select("Name", *LINE, *ORDER)
        .with_columns(filled)
        .with_columns(
            dates.str.to_datetime(FORM, time_unit="us", strict=False),
            (money * 100).round().cast(pl.Int64),
        )
        .rename({"Name": "order_id"} | LINE | ORDER)
    )
    out = target / "lines.parquet"
    frame.sink_parquet(out, **PARQUET)
    return int(pl.scan_parquet(out).select(pl.len()).collect().item())


def pandas_whole(source: Path, target: Path) -> int:
    """Pandas' C engine on the whole file."""
    import pandas as pd

    frame = _pandas_typed(pd, pd.read_csv(source, usecols=["Name", *LINE, *ORDER], dtype=_types()))
    frame.to_parquet(target / "lines.parquet", index=False, **PARQUET)
    return len(frame)


def pandas_chunks(source: Path, target: Path) -> int:
    """Pandas' C engine, chunk by chunk; a chunk's last order waits for the next chunk."""
    import pandas as pd

    rows, open_order = 0, None
    columns = ["Name", *LINE, *ORDER]
    chunks = pd.read_csv(source, usecols=columns, dtype=_types(), chunksize=CHUNK)
    for part, chunk in enumerate(itertools.chain(chunks, [None])):
        joined = pd.concat([one for one in (open_order, chunk) if one is not None])
        is_open = (joined["Name"] == joined["Name"].iloc[-1]) & (chunk is not None)
        open_order = joined[is_open]
        frame = _pandas_typed(pd, joined[~is_open].copy())
        frame.to_parquet(target / f"{part}.parquet", index=False, **PARQUET)
        rows += len(frame)
    return rows


def _types() -> dict[str, str]:
    return dict.fromkeys(("Name", "Lineitem sku", "Lineitem name", *ORDER), "str") | {
        "Total": "float64"
    }


def _pandas_typed(pd: object, frame: object) -> object:
    """The same types and filled cells as the others have."""
    frame[list(ORDER)] = frame.groupby("Name", sort=False)[list(ORDER)].ffill()
    for column in ("Created at", "Cancelled at"):
        frame[column] = pd.to_datetime(frame[column], format="ISO8601", utc=True)
    for column in ("Lineitem price", "Lineitem discount", "Total"):
        frame[column] = (frame[column] * 100).round().astype("Int64")
    return frame.rename(columns={"Name": "order_id"} | LINE | ORDER)


ENGINES: dict[str, Callable[[Path, Path], int]] = {
    "ours": ours,
    "polars scan": polars_scan,
    "pandas in chunks": pandas_chunks,
    "pandas whole": pandas_whole,
}


def measured(engine: str, source: Path) -> dict[str, object]:
    """One engine on one file, in this process."""
    with tempfile.TemporaryDirectory(dir=source.parent) as folder:
        ENGINES[engine](_tiny(Path(folder)), Path(folder))  # imports and first-call costs
        begun, cpu = time.perf_counter(), time.process_time()
        rows = ENGINES[engine](source, Path(folder))
        seconds, used = time.perf_counter() - begun, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "cpu_seconds": used, "peak_mb": peak, "rows": rows}


def _tiny(folder: Path) -> Path:
    path = folder / "tiny.csv"
    path.write_text(COLUMNS + "\n" + "".join(made(100)))
    return path


def in_own_process(engine: str, source: Path) -> dict[str, object]:
    """One engine on one file, in a fresh process; what went wrong is a value."""
    command = [sys.executable, __file__, "--engine", engine, "--file", str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode:
        why = (done.stderr.strip().splitlines() or [f"ended with {done.returncode}"])[-1]
        return {"seconds": None, "cpu_seconds": None, "peak_mb": None, "rows": None, "error": why}
    result: dict[str, object] = json.loads(done.stdout)
    return result | {"error": None}


def rounds(lines: int, engines: list[str], source: Path, repeats: int) -> list[dict[str, object]]:
    """Each engine's middle round, the rounds of all engines interleaved."""
    runs = [(one, in_own_process(one, source)) for _ in range(repeats) for one in engines]
    rows = []
    for engine in engines:
        mine = [run for one, run in runs if one == engine]
        good = sorted((run for run in mine if run["error"] is None), key=_seconds)
        middle = good[(len(good) - 1) // 2] if good else mine[0]
        rows.append({"lines": lines, "engine": engine, **middle})
    return rows


def _seconds(run: dict[str, object]) -> float:
    return float(str(run["seconds"]))


def table(rows: list[dict[str, object]]) -> str:
    """The rows as text, with each engine's time as a multiple of the plain scan's."""
    out = [f"{'lines':>11} {'engine':<17} {'s':>8} {'cpu s':>8} {'peak MB':>8} {'x scan':>7}"]
    base = {row["lines"]: row["seconds"] for row in rows if row["engine"] == "polars scan"}
    for row in rows:
        if row["error"]:
            out.append(f"{row['lines']:>11,} {row['engine']:<17} {row['error']}")
            continue
        times = _seconds(row) / float(str(base.get(row["lines"]) or "nan"))
        out.append(
            f"{row['lines']:>11,} {row['engine']:<17} {row['seconds']:>8.2f}"
            f" {row['cpu_seconds']:>8.2f} {row['peak_mb']:>8.0f} {times:>7.2f}"
        )
    return "\n".join(out)


def main() -> None:
    """Make the files, run the engines, print the table or the objects."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="200,000 lines only")
    parser.add_argument("--json", action="store_true", help="one object a row")
    parser.add_argument("--lines", type=int, nargs="+")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--engines", nargs="+", default=list(ENGINES), choices=ENGINES)
    parser.add_argument("--engine", help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.engine:
        sys.stdout.write(json.dumps(measured(asked.engine, asked.file)))
        return
    rows = []
    for lines in asked.lines or (QUICK if asked.quick else FULL):
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "orders_export.csv"
            with source.open("w", encoding="utf-8", newline="") as out:
                out.write(COLUMNS + "\n")
                out.writelines(made(lines))
            rows += rounds(lines, asked.engines, source, asked.rounds)
    sys.stdout.write(("\n".join(map(json.dumps, rows)) if asked.json else table(rows)) + "\n")


if __name__ == "__main__":
    main()
