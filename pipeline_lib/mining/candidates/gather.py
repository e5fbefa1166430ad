"""All sources together: from baskets and catalogue to the candidates of a run; no ranking."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl

from pipeline_lib.frames import Candidates
from pipeline_lib.mining.baskets import CodedShop
from pipeline_lib.mining.candidates import co_purchase, content, kindred, ladder, volume
from pipeline_lib.mining.candidates.outlook import outlook
from pipeline_lib.mining.candidates.sources import Sources
from pipeline_lib.mining.evidence import evidence_of_sets
from pipeline_lib.mining.itemsets import count_pairs
from pipeline_lib.mining.ledger import Ledger, counts_in_codes_of
from pipeline_lib.reports import ForecastRecord

MOST_PAIRS, MOST_TRIPLES, MOST_OTHERS = 60, 25, 15  # of each source for each objective
MOST_GUESSES = 60  # pairs that hardly rest on orders
MOST_CANDIDATES = 500  # of a run (requirement 143)
NO_HISTORY_FROM = 0.9  # share of products without orders from which content leads
RECENT = timedelta(days=60)
RECENTLY = "recent"
HELPED = ("is_slow_mover", "is_high_margin", "is_new_launch")

Say = Callable[..., None]


@dataclass(frozen=True)
class Mined:
    """What one run has to choose from (columns ``Candidates``), and how it was found."""

    candidates: pl.DataFrame
    counts: dict[str, int]
    outlook: ForecastRecord


def gathered(
    shop: CodedShop, flagged: pl.DataFrame, fits: pl.DataFrame, *, ledger: Ledger, say: Say
) -> Mined:
    """Ask every source, and give each its objectives.

    Args:
        shop: catalogue, orders and baskets.
        flagged: what ``with_flags`` makes of the catalogue.
        fits: what ``objectives.scored`` gives.
        ledger: the counts of all the shop's orders so far, this file's among them.
        say: told while counting, and after each source, what was found so far.

    Returns:
        At most 500 candidates: of each source, type and objective the strongest, in turn.
    """
    basis = co_purchase.basis_of(shop.baskets, items=len(shop.catalog))
    say("Looking at what sells now", share=0.0)
    ahead = outlook(shop)
    asked = Sources(shop, flagged, fits, basis.item_orders, ahead)

    def said(what: str, count: int) -> None:
        say(f"Counting {what}", share=0.3, **{what: count})

    pairs = _pairs(shop, ledger)
    say("Counting sets of three", share=0.3, pairs=pairs.counted)
    threes = co_purchase.significant_threes(shop.baskets, basis, said=said)
    counts = {
        "pairs": pairs.counted,
        "significant_pairs": pairs.significant,
        "triples": threes.counted,
        "significant_triples": threes.significant,
    }
    parts = _from_orders(asked, pairs.sets, threes.sets)
    say("Looking for packs, series and look-alikes", share=0.6, **counts, sources=len(parts))
    parts += _from_products(asked, pairs.sets)
    candidates = _in_turn(parts)
    say("Candidates found", share=1.0, candidates=len(candidates), sources=len(parts))
    return Mined(candidates, counts, ahead.record)


def _pairs(shop: CodedShop, ledger: Ledger) -> co_purchase.Found:
    """The pairs that stand out in all orders so far."""
    counts = counts_in_codes_of(ledger, shop.catalog)
    item_orders = co_purchase.counts_of(counts, items=len(shop.catalog))
    basis = co_purchase.judged_by(item_orders, orders=counts.orders, moments=ledger.moments)
    return co_purchase.significant_pairs(counts, basis)


def _from_orders(asked: Sources, pairs: pl.DataFrame, threes: pl.DataFrame) -> list[pl.DataFrame]:
    packs = volume.volume_packs(
        asked.shop.baskets, orders=len(asked.shop.orders), most=MOST_PAIRS
    ).with_columns(
        expected_together=pl.lit(None, dtype=pl.Float64),
        taken=pl.col("orders_together").cast(pl.Float64),
    )
    return [
        asked.with_objectives(pairs, "FBT", most=MOST_PAIRS),
        asked.with_objectives(threes, "FBT", most=MOST_TRIPLES),
        asked.with_objectives(_of_late(asked), "FBT", most=MOST_OTHERS),
        asked.with_objectives(_bogo(asked, pairs), "BOGO", most=MOST_OTHERS),
        asked.packs(packs, most=MOST_OTHERS),
    ]


def _from_products(asked: Sources, pairs: pl.DataFrame) -> list[pl.DataFrame]:
    series = ladder.price_ladders(asked.flagged, most=MOST_PAIRS)
    company = kindred.same_company(pairs, items=len(asked.flagged), most=MOST_GUESSES)
    new = asked.flagged.filter((pl.col("orders") == 0) | pl.col("is_new_launch"))["item"]
    unsold = int((asked.flagged["orders"] == 0).sum())
    nothing_sold = unsold >= NO_HISTORY_FROM * len(asked.flagged)
    most = 4 * MOST_GUESSES if nothing_sold else MOST_GUESSES
    among = None if nothing_sold else new
    alike = content.alike(asked.flagged, among=among, most=most)
    beside = kindred.beside_known(alike, pairs, new)
    last = asked.flagged if nothing_sold and alike.is_empty() else asked.flagged.clear()
    near = content.near_in_price(last, most=MOST_GUESSES)
    return [
        asked.with_objectives(asked.proven(series, ladder.SOURCE), "MIX", most=MOST_OTHERS),
        asked.guessed(company, kindred.COMPANY, most=MOST_OTHERS),
        asked.guessed(beside, kindred.NEWCOMER, most=MOST_OTHERS),
        asked.guessed(alike, content.SOURCE, most=MOST_PAIRS if nothing_sold else MOST_OTHERS),
        *([asked.guessed(near, content.PRICES, most=MOST_OTHERS)] if len(near) else []),
    ]


def _of_late(asked: Sources) -> pl.DataFrame:
    """The pairs that stand out in the last sixty days, with their evidence of all time."""
    since = pl.col("ordered_at").max() - RECENT
    orders = asked.shop.orders.filter(pl.col("ordered_at") >= since).select("order")
    baskets = asked.shop.baskets.join(orders, on="order", maintain_order="left")
    basis = co_purchase.basis_of(baskets, items=len(asked.flagged))
    counts = count_pairs(baskets["order"].to_numpy(), baskets["item"].to_numpy())
    found = co_purchase.significant_pairs(counts, basis)
    recent = found.sets.head(MOST_PAIRS * 2)
    sets = recent["items"].list.to_array(2).to_numpy().astype(np.int64).reshape(-1, 2)
    return asked.proven(sets, RECENTLY).with_columns(recent["q_value"])


def _bogo(asked: Sources, pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs of a product in demand and one that needs or bears help, which is given cheaper."""
    flags = asked.flagged.select(pl.any_horizontal(*HELPED))
    helped = flags.to_series().to_numpy()
    rarer_first = pairs["items"].list.to_array(2).to_numpy().astype(np.int64).reshape(-1, 2)
    fits = helped[rarer_first[:, 0]]
    frame = evidence_of_sets(
        rarer_first[fits][:, ::-1],
        pairs["orders_together"].to_numpy()[fits],
        item_orders=asked.item_orders,
        orders=len(asked.shop.orders),
    )
    return frame.with_columns(
        pl.lit(co_purchase.SOURCE).alias("source"), pairs["q_value"].filter(pl.Series(fits))
    )


def _in_turn(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """The strongest of each source, type and objective before the second of any."""
    shaped = [_shaped(part).with_columns(part=pl.lit(n)) for n, part in enumerate(parts)]
    together = pl.concat(shaped).with_columns(
        turn=pl.int_range(pl.len()).over("part", "bundle_type", "objective")
    )
    chosen = together.sort("turn", "part", "objective", maintain_order=True).head(MOST_CANDIDATES)
    return chosen.sort("part", "objective", "turn").drop("part", "turn")


def _shaped(part: pl.DataFrame) -> pl.DataFrame:
    missing = [
        pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in Candidates.schema.items()
        if name not in part.columns
    ]
    return part.with_columns(missing).select(*Candidates.schema).cast(Candidates.schema)
