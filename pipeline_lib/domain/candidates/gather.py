"""All sources together: from baskets and catalogue to the candidates of a run; no ranking."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline_lib.domain.baskets import Shop
from pipeline_lib.domain.candidates import co_purchase, content, ladder, volume
from pipeline_lib.domain.candidates.assign import assigned
from pipeline_lib.domain.candidates.evidence import anchored, counted, stated
from pipeline_lib.domain.columns import CANDIDATES

MOST_PAIRS, MOST_TRIPLES, MOST_OTHERS = 60, 25, 15  # of each source for each objective
MOST_ALIKE = 60
NO_HISTORY_FROM = 0.9  # share of products without orders from which content leads

Say = Callable[..., None]


@dataclass(frozen=True)
class Mined:
    """What one run has to choose from: candidates (columns CANDIDATES) and counts on the way."""

    candidates: pl.DataFrame
    counts: dict[str, int]


def gathered(shop: Shop, flagged: pl.DataFrame, fits: pl.DataFrame, *, say: Say) -> Mined:
    """Ask every source, and give each its objectives.

    Args:
        shop: catalogue, orders and baskets.
        flagged: what ``flags.flagged`` makes of the catalogue.
        fits: what ``objectives.scored`` gives.
        say: told after each source what was found so far.

    Returns:
        The candidates by bundle type, objective and strength.
    """
    item_orders = np.bincount(shop.baskets["item"].to_numpy(), minlength=len(shop.catalog))
    found = co_purchase.mined(
        shop.baskets,
        orders=len(shop.orders),
        item_orders=item_orders,
        said=lambda what, count: say(f"Counting {what}", share=0.3, **{what: count}),
    )
    say("Weighing what is bought together", share=0.5, **found.counts)
    parts = [
        _with_objectives(found.pairs, flagged, fits, "FBT", most=MOST_PAIRS),
        _with_objectives(found.threes, flagged, fits, "FBT", most=MOST_TRIPLES),
        _with_objectives(
            _bogo(found.pairs, flagged, item_orders, orders=len(shop.orders)),
            flagged,
            fits,
            "BOGO",
            most=MOST_OTHERS,
        ),
    ]
    say("Looking for packs, series and look-alikes", share=0.8, candidates=_rows(parts))
    packs = volume.volume_packs(shop.baskets, orders=len(shop.orders), most=MOST_PAIRS)
    parts.append(_volume(packs, flagged, fits))
    series = ladder.price_ladders(flagged, most=MOST_PAIRS)
    proven = _proven(series, shop, item_orders, ladder.SOURCE)
    parts.append(_with_objectives(proven, flagged, fits, "MIX", most=MOST_OTHERS))
    parts.append(_alike(shop, flagged, fits, item_orders))
    candidates = pl.concat([_shaped(part) for part in parts])
    say("Candidates found", share=1.0, candidates=len(candidates))
    return Mined(candidates, found.counts)


def _with_objectives(
    sets: pl.DataFrame, flagged: pl.DataFrame, fits: pl.DataFrame, bundle_type: str, most: int
) -> pl.DataFrame:
    excess = pl.col("orders_together") - pl.col("expected_together")
    ones = pl.col("items").list.eval(pl.lit(1, dtype=pl.Int32))
    typed = sets.with_columns(
        excess.alias("excess"),
        pl.lit(bundle_type).alias("bundle_type"),
        ones.alias("quantities"),
    )
    return assigned(typed, fits, flagged, strength="excess", most=most)


def _volume(packs: pl.DataFrame, flagged: pl.DataFrame, fits: pl.DataFrame) -> pl.DataFrame:
    weighed = packs.with_columns(pl.col("orders_together").cast(pl.Float64).alias("excess"))
    return assigned(weighed, fits, flagged, strength="excess", most=MOST_OTHERS)


def _bogo(
    pairs: pl.DataFrame, flagged: pl.DataFrame, item_orders: NDArray[np.int64], *, orders: int
) -> pl.DataFrame:
    """The pairs of a product in demand and a slow or high-margin one, which is given cheaper."""
    helped = (flagged["is_slow_mover"] | flagged["is_high_margin"]).to_numpy()
    rarer_first = pairs["items"].list.to_array(2).to_numpy().astype(np.int64).reshape(-1, 2)
    fits = helped[rarer_first[:, 0]]
    evidence = stated(
        rarer_first[fits][:, ::-1],
        pairs["orders_together"].to_numpy()[fits],
        item_orders=item_orders,
        orders=orders,
    )
    return evidence.with_columns(pl.lit(co_purchase.SOURCE).alias("source"))


def _proven(
    sets: NDArray[np.int64], shop: Shop, item_orders: NDArray[np.int64], source: str
) -> pl.DataFrame:
    """The sets with what the orders say of them, whatever they came from."""
    roles = anchored(sets, item_orders)
    together = counted(shop.baskets, roles)
    evidence = stated(roles, together, item_orders=item_orders, orders=len(shop.orders))
    return evidence.with_columns(pl.lit(source).alias("source"))


def _alike(
    shop: Shop, flagged: pl.DataFrame, fits: pl.DataFrame, item_orders: NDArray[np.int64]
) -> pl.DataFrame:
    """Pairs by content: of any products where nothing was sold, else with the unsold ones."""
    unsold = shop.catalog.filter(pl.col("orders") == 0)["item"]
    everything = len(unsold) >= NO_HISTORY_FROM * len(shop.catalog)
    pairs = content.alike(
        shop.catalog,
        among=None if everything else unsold,
        most=4 * MOST_ALIKE if everything else MOST_ALIKE,
    )
    sets = pairs.select("left", "right").to_numpy().astype(np.int64).reshape(-1, 2)
    proven = _proven(sets, shop, item_orders, content.SOURCE).with_columns(pairs["similarity"])
    ones = pl.col("items").list.eval(pl.lit(1, dtype=pl.Int32)).alias("quantities")
    typed = proven.with_columns(pl.lit("FBT").alias("bundle_type"), ones)
    return assigned(typed, fits, flagged, strength="similarity", most=MOST_ALIKE)


def _shaped(part: pl.DataFrame) -> pl.DataFrame:
    missing = [
        pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in CANDIDATES.items()
        if name not in part.columns
    ]
    return part.with_columns(missing).select(*CANDIDATES).cast(pl.Schema(CANDIDATES))


def _rows(parts: list[pl.DataFrame]) -> int:
    return sum(len(part) for part in parts)
