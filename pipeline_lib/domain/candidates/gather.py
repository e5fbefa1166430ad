"""All sources together: from baskets and catalogue to the candidates of a run; no ranking."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline_lib.domain.baskets import Shop
from pipeline_lib.domain.candidates import co_purchase, content, kindred, ladder, volume
from pipeline_lib.domain.candidates.assign import assigned
from pipeline_lib.domain.candidates.evidence import anchored, counted, stated
from pipeline_lib.domain.candidates.outlook import Outlook, foreseen, outlook
from pipeline_lib.domain.columns import CANDIDATES

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
    """What one run has to choose from: candidates (columns CANDIDATES), and how they were found."""

    candidates: pl.DataFrame
    counts: dict[str, int]
    outlook: dict[str, Any]


@dataclass(frozen=True)
class Sources:
    """A shop with all that its candidates are judged by."""

    shop: Shop
    flagged: pl.DataFrame
    fits: pl.DataFrame
    item_orders: NDArray[np.int64]
    ahead: Outlook

    def with_objectives(
        self, sets: pl.DataFrame, bundle_type: str, *, most: int, strength: str = "forecast"
    ) -> pl.DataFrame:
        """Candidates of the sets that serve each objective best, by what they will sell."""
        ones = pl.col("items").list.eval(pl.lit(1, dtype=pl.Int32))
        typed = foreseen(sets, self.ahead).with_columns(
            pl.lit(bundle_type).alias("bundle_type"),
            ones.alias("quantities"),
        )
        return assigned(typed, self.fits, self.flagged, strength=strength, most=most)

    def packs(self, packs: pl.DataFrame, *, most: int) -> pl.DataFrame:
        """Candidates of the packs that most orders take."""
        weighed = foreseen(packs, self.ahead)
        return assigned(weighed, self.fits, self.flagged, strength="taken", most=most)

    def proven(self, sets: NDArray[np.int64], source: str) -> pl.DataFrame:
        """The sets with what the orders say of them, whatever they came from."""
        roles = anchored(sets, self.item_orders)
        together = counted(self.shop.baskets, roles)
        frame = stated(roles, together, item_orders=self.item_orders, orders=len(self.shop.orders))
        return frame.with_columns(pl.lit(source).alias("source"))

    def guessed(self, pairs: pl.DataFrame, source: str, *, most: int) -> pl.DataFrame:
        """Candidates of pairs that are alike, whatever the orders say."""
        sets = pairs.select("left", "right").to_numpy().astype(np.int64).reshape(-1, 2)
        frame = self.proven(sets, source).with_columns(pairs["similarity"])
        return self.with_objectives(frame, "FBT", most=most, strength="similarity")


def gathered(shop: Shop, flagged: pl.DataFrame, fits: pl.DataFrame, *, say: Say) -> Mined:
    """Ask every source, and give each its objectives.

    Args:
        shop: catalogue, orders and baskets.
        flagged: what ``flags.flagged`` makes of the catalogue.
        fits: what ``objectives.scored`` gives.
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

    pairs = co_purchase.significant_pairs(shop.baskets, basis, said=said)
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
    return [
        asked.with_objectives(asked.proven(series, ladder.SOURCE), "MIX", most=MOST_OTHERS),
        asked.guessed(company, kindred.COMPANY, most=MOST_OTHERS),
        asked.guessed(beside, kindred.NEWCOMER, most=MOST_OTHERS),
        asked.guessed(alike, content.SOURCE, most=MOST_PAIRS if nothing_sold else MOST_OTHERS),
    ]


def _of_late(asked: Sources) -> pl.DataFrame:
    """The pairs that stand out in the last sixty days, with their evidence of all time."""
    since = pl.col("ordered_at").max() - RECENT
    orders = asked.shop.orders.filter(pl.col("ordered_at") >= since).select("order")
    baskets = asked.shop.baskets.join(orders, on="order", maintain_order="left")
    basis = co_purchase.basis_of(baskets, items=len(asked.flagged))
    found = co_purchase.significant_pairs(baskets, basis, said=lambda _what, _count: None)
    recent = found.sets.head(MOST_PAIRS * 2)
    sets = recent["items"].list.to_array(2).to_numpy().astype(np.int64).reshape(-1, 2)
    return asked.proven(sets, RECENTLY).with_columns(recent["q_value"])


def _bogo(asked: Sources, pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs of a product in demand and one that needs or bears help, which is given cheaper."""
    flags = asked.flagged.select(pl.any_horizontal(*HELPED))
    helped = flags.to_series().to_numpy()
    rarer_first = pairs["items"].list.to_array(2).to_numpy().astype(np.int64).reshape(-1, 2)
    fits = helped[rarer_first[:, 0]]
    frame = stated(
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
        for name, dtype in CANDIDATES.items()
        if name not in part.columns
    ]
    return part.with_columns(missing).select(*CANDIDATES).cast(pl.Schema(CANDIDATES))
