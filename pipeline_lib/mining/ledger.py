"""A shop's counts that outlive a run: the next file adds to them, a deleted order is taken out.

Counts of products and pairs by SKU, and the moments of basket sizes that chance is judged
by. They hold no order and no customer; to take an order out, its lines are needed.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline_lib.frames import LedgerItems, LedgerPairs
from pipeline_lib.mining.baskets import CodedShop
from pipeline_lib.mining.itemsets import PairCounts, add_counts, count_pairs, subtract_counts
from pipeline_lib.mining.significance import Moments
from pipeline_lib.reports import LedgerFacts


@dataclass(frozen=True)
class Ledger:
    """Exact counts of all orders so far; a code of ``counts`` is a place in ``skus``, ascending."""

    skus: tuple[str, ...]
    counts: PairCounts
    moments: Moments

    def items(self) -> pl.DataFrame:
        """The products by SKU, columns ``LedgerItems``."""
        orders = np.zeros(len(self.skus), dtype=np.int32)
        orders[self.counts.item] = self.counts.item_orders
        return pl.DataFrame({"sku": list(self.skus), "orders": orders}, schema=LedgerItems.schema)

    def pairs(self) -> pl.DataFrame:
        """The pairs as places in ``skus``, columns ``LedgerPairs``."""
        pairs = {
            "left": self.counts.left(),
            "right": self.counts.right(),
            "orders": self.counts.pair_orders,
        }
        return pl.DataFrame(pairs).cast(LedgerPairs.schema)

    def facts(self) -> LedgerFacts:
        """What is kept beside both."""
        lines, pairs, threes = self.moments
        return LedgerFacts(orders=self.counts.orders, lines=lines, pairs=pairs, threes=threes)


def ledger_of(shop: CodedShop) -> Ledger:
    """The counts of one file's orders."""
    order, item = (shop.baskets[name].to_numpy() for name in ("order", "item"))
    sizes = shop.baskets.group_by("order").len()["len"].to_numpy().astype(np.int64)
    skus = tuple(shop.catalog.sort("item")["sku"].to_list())
    return Ledger(skus, count_pairs(order, item), Moments.of(sizes))


def restore_ledger(items: pl.DataFrame, pairs: pl.DataFrame, facts: LedgerFacts) -> Ledger:
    """The ledger that gave ``items``, ``pairs`` and ``facts``."""
    orders = items["orders"].to_numpy()
    sold = np.flatnonzero(orders)
    keys = pairs.select(pl.col("left").cast(pl.Int64) * 2**32 + pl.col("right")).to_series()
    counts = PairCounts(
        facts.orders,
        sold.astype(np.int64),
        orders[sold].astype(np.int32),
        keys.to_numpy(),
        pairs["orders"].to_numpy(),
    )
    moments = Moments(facts.lines, facts.pairs, facts.threes)
    return Ledger(tuple(items["sku"].to_list()), counts, moments)


def add_ledgers(ledger: Ledger, more: Ledger) -> Ledger:
    """The counts of both files' orders; no order may be in both."""
    skus = tuple(sorted({*ledger.skus, *more.skus}))
    counts = add_counts(_recoded(ledger, skus), _recoded(more, skus))
    return Ledger(skus, counts, Moments(*map(sum, zip(ledger.moments, more.moments, strict=True))))


def subtract_ledger(ledger: Ledger, gone: Ledger) -> Ledger:
    """The counts without the orders that ``gone`` counts, each of which was counted whole.

    Raises:
        ValueError: they were never counted.
    """
    if unknown := set(gone.skus) - set(ledger.skus):
        raise ValueError(f"products were never counted: {len(unknown)}")
    counts = subtract_counts(_recoded(ledger, ledger.skus), _recoded(gone, ledger.skus))
    pairs = zip(ledger.moments, gone.moments, strict=True)
    return Ledger(ledger.skus, counts, Moments(*(whole - part for whole, part in pairs)))


def counts_in_codes_of(ledger: Ledger, catalog: pl.DataFrame) -> PairCounts:
    """The counts of the products in ``catalog``, in its item codes."""
    codes = dict(catalog.select("sku", "item").iter_rows())
    place = np.array([codes.get(sku, -1) for sku in ledger.skus], dtype=np.int64)
    return _with_codes(ledger.counts, place)


def _recoded(ledger: Ledger, skus: tuple[str, ...]) -> PairCounts:
    places = {sku: place for place, sku in enumerate(skus)}
    return _with_codes(
        ledger.counts, np.array([places[sku] for sku in ledger.skus], dtype=np.int64)
    )


def _with_codes(counts: PairCounts, place: NDArray[np.int64]) -> PairCounts:
    """The counts in new codes, which keep the order of the old; -1 leaves a product out."""
    left, right = place[counts.left()], place[counts.right()]
    held = (left >= 0) & (right >= 0)
    items = place[counts.item] >= 0
    return PairCounts(
        counts.orders,
        place[counts.item][items],
        counts.item_orders[items],
        (left << 32 | right)[held],
        counts.pair_orders[held],
    )
