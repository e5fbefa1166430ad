"""All sources together: from baskets and catalogue to the candidates of a run; no ranking."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl

from pipeline_lib.frames import Candidates
from pipeline_lib.mining.baskets import CodedShop
from pipeline_lib.mining.candidates import co_purchase, content, ladder, lookalikes, volume
from pipeline_lib.mining.candidates.assign import with_objectives
from pipeline_lib.mining.candidates.demand import Demand
from pipeline_lib.mining.candidates.outlook import outlook
from pipeline_lib.mining.candidates.sources import Choice, Sources
from pipeline_lib.mining.candidates.strongest import SERIES_SHARE, strongest
from pipeline_lib.mining.evidence import evidence_of_sets
from pipeline_lib.mining.itemsets import count_pairs
from pipeline_lib.mining.ledger import Ledger, counts_in_codes_of
from pipeline_lib.reports import ForecastRecord

MOST_SETS = 500  # that a run looks at closely (requirement 143)
MOST_PACKS, MOST_HELPED, MOST_LADDERS = 40, 40, 20  # of them, offers that only a discount makes
MOST_GUESSES = 60  # pairs that hardly rest on orders
NO_HISTORY_FROM = 0.9  # share of products without orders from which content leads
RECENT = timedelta(days=60)
MOST_RECENT = 500
RECENTLY = "recent"
HELPED = ("is_slow_mover", "is_high_margin", "is_new_launch")
BY_GAIN, BY_AFFINITY = "gain_minor", "forecast"
WEAKER = "not_among_the_strongest"

Say = Callable[..., None]


@dataclass(frozen=True)
class Mined:
    """What one run has to choose from (columns ``Candidates``), and how it was found.

    ``left_out`` says how many sets fell to each rule on the way.
    """

    candidates: pl.DataFrame
    counts: dict[str, int]
    outlook: ForecastRecord
    left_out: dict[str, int]


def gather_candidates(  # noqa: PLR0913 - the last three are said by name
    shop: CodedShop,
    flagged: pl.DataFrame,
    fits: pl.DataFrame,
    *,
    ledger: Ledger,
    choice_of: Callable[[co_purchase.Basis], Choice],
    say: Say,
) -> Mined:
    """Ask every source, keep the sets that gain most, and give each its objectives.

    Args:
        shop: catalogue, orders and baskets.
        flagged: what ``with_flags`` makes of the catalogue.
        fits: what ``score_products`` gives.
        ledger: the counts of all the shop's orders so far, this file's among them.
        choice_of: given what chance expects of the shop, how sets are chosen.
        say: told while counting, and after each source, what was found so far.

    Returns:
        At most 500 sets, each with a row for every objective that it serves.
    """
    basis = co_purchase.basis_of(shop.baskets, items=len(shop.catalog))
    say("Looking at what sells now", share=0.0)
    ahead = outlook(shop)
    choice = choice_of(basis)
    asked = Sources(shop, flagged, fits, basis.item_orders, ahead, Demand(shop, ahead), choice)

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
    bought = asked.judged(_once([pairs.sets, threes.sets, _of_late(asked)]), "FBT")
    say("Looking for packs, series and look-alikes", share=0.6, **counts)
    others = _at_a_discount(asked, pairs.sets, choice.by) + _from_products(asked, pairs.sets)
    sets = _together(asked, bought, others, choice.by)
    candidates = _shaped(with_objectives(sets, fits, flagged))
    say("Candidates found", share=1.0, candidates=len(candidates), sets=len(sets))
    return Mined(candidates, counts, ahead.record, asked.rules_broken(sets))


def _together(
    asked: Sources, bought: pl.DataFrame, others: list[pl.DataFrame], by: str
) -> pl.DataFrame:
    """The sets of the other sources, and as many of those bought together as there is room for."""
    room = MOST_SETS - sum(len(part) for part in others)
    share = SERIES_SHARE if by == BY_GAIN else 1.0
    best = strongest(bought, by=by, most=room, series_share=share)
    asked.leave_out(bought.join(best.select("items"), on="items", how="anti"), WEAKER)
    return pl.concat([best, *others], how="diagonal_relaxed")


def _once(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Each set once, as the first source tells it."""
    return pl.concat(parts, how="diagonal_relaxed").unique(
        "items", keep="first", maintain_order=True
    )


def _pairs(shop: CodedShop, ledger: Ledger) -> co_purchase.Found:
    """The pairs that stand out in all orders so far."""
    counts = counts_in_codes_of(ledger, shop.catalog)
    item_orders = co_purchase.counts_of(counts, items=len(shop.catalog))
    basis = co_purchase.judged_by(item_orders, orders=counts.orders, moments=ledger.moments)
    return co_purchase.significant_pairs(counts, basis)


def _at_a_discount(asked: Sources, pairs: pl.DataFrame, by: str) -> list[pl.DataFrame]:
    """What only a discount makes an offer: a pack, and a product given cheaper beside another."""
    packs = volume.volume_packs(
        asked.shop.baskets, orders=len(asked.shop.orders), most=MOST_PACKS
    ).with_columns(
        expected_together=pl.lit(None, dtype=pl.Float64), lift=pl.lit(None, dtype=pl.Float64)
    )
    helped = asked.judged(_bogo(asked, pairs), "BOGO")
    return [
        asked.judged(packs, "VOLUME"),
        strongest(helped, by=by, most=MOST_HELPED),
    ]


def _from_products(asked: Sources, pairs: pl.DataFrame) -> list[pl.DataFrame]:
    """What rests on the catalogue, or on the company that products keep."""
    new = asked.flagged.filter((pl.col("orders") == 0) | pl.col("is_new_launch"))["item"]
    unsold = int((asked.flagged["orders"] == 0).sum())
    nothing_sold = unsold >= NO_HISTORY_FROM * len(asked.flagged)
    most = 4 * MOST_GUESSES if nothing_sold else MOST_GUESSES
    ladders = ladder.price_ladders(asked.flagged, most=MOST_LADDERS)
    company = lookalikes.same_company(pairs, items=len(asked.flagged), most=most)
    alike = content.alike(asked.flagged, among=None if nothing_sold else new, most=most)
    beside = lookalikes.beside_known(alike, pairs, new)
    last = asked.flagged if nothing_sold and alike.is_empty() else asked.flagged.clear()
    guesses = [
        asked.guessed(company, lookalikes.COMPANY),
        asked.guessed(beside, lookalikes.NEWCOMER),
        asked.guessed(alike, content.SOURCE),
        asked.guessed(content.near_in_price(last, most=MOST_GUESSES), content.PRICES),
    ]
    judged = asked.judged(_once(guesses), "FBT").sort("similarity", descending=True)
    return [asked.judged(asked.proven(ladders, ladder.SOURCE), "MIX"), judged.head(most)]


def _of_late(asked: Sources) -> pl.DataFrame:
    """The pairs that stand out in the last sixty days, with their evidence of all time."""
    since = pl.col("ordered_at").max() - RECENT
    orders = asked.shop.orders.filter(pl.col("ordered_at") >= since).select("order")
    baskets = asked.shop.baskets.join(orders, on="order", maintain_order="left")
    basis = co_purchase.basis_of(baskets, items=len(asked.flagged))
    counts = count_pairs(baskets["order"].to_numpy(), baskets["item"].to_numpy())
    found = co_purchase.significant_pairs(counts, basis)
    recent = found.sets.head(MOST_RECENT)
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


def _shaped(part: pl.DataFrame) -> pl.DataFrame:
    missing = [
        pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in Candidates.schema.items()
        if name not in part.columns
    ]
    return part.with_columns(missing).select(*Candidates.schema).cast(Candidates.schema)
