"""The list that a shop would have been shown on an earlier day, and what it did since."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np
import polars as pl

from pipeline_lib.frames import Candidates, StockLevels
from pipeline_lib.mining.baskets import CodedShop, encode_shop, last_order
from pipeline_lib.mining.candidates.co_purchase import Basis
from pipeline_lib.mining.candidates.duplicates import distinct
from pipeline_lib.mining.candidates.gather import BY_AFFINITY, BY_GAIN, gather_candidates
from pipeline_lib.mining.candidates.lines import Lines
from pipeline_lib.mining.candidates.sources import Choice
from pipeline_lib.mining.evidence import count_sets
from pipeline_lib.mining.ledger import ledger_of
from pipeline_lib.mining.measures import Floats
from pipeline_lib.mining.products.enrichment import with_flags, with_kinds
from pipeline_lib.mining.products.objectives import score_products
from pipeline_lib.money import UNKNOWN
from pipeline_lib.pricing.bundle_offers import Till, with_offers
from pipeline_lib.pricing.discounts import BEST_PRICES
from pipeline_lib.ranking.gain import PAGES, gain_at_list_price
from pipeline_lib.ranking.gate import ListRules
from pipeline_lib.ranking.pages import pages_of
from pipeline_lib.ranking.response import Response
from pipeline_lib.ranking.scores import GAIN
from pipeline_lib.ranking.set_rules import rules_of_shop
from pipeline_lib.ranking.shown import list_of, pool_of, score_candidates, with_ranks


class Exports(NamedTuple):
    """What a shop exports (``OrderLines``, ``Products``), and the first day to come."""

    lines: pl.DataFrame
    products: pl.DataFrame
    until: datetime


@dataclass(frozen=True)
class Rehearsal:
    """What a shop knew on a day, and the list that it would have been shown."""

    shop: CodedShop
    shown: pl.DataFrame


def rehearse(
    past: Exports, *, response: Response, profile: str = GAIN, keeps: ListRules | None = None
) -> Rehearsal:
    """Make the list from the orders before a day.

    Stock is left out: exports tell what there is, not what there was.

    Args:
        past: orders of its day or later are not looked at.
        response: the shop's.
        profile: by what the list is ranked.
        keeps: other rules of the list than the profile's.
    """
    shop = _shop_of(past)
    return Rehearsal(shop, make_list(shop, response=response, profile=profile, keeps=keeps))


def make_list(
    shop: CodedShop, *, response: Response, profile: str = GAIN, keeps: ListRules | None = None
) -> pl.DataFrame:
    """The list of a shop as its phases make it, but for the portfolio that stock limits.

    Args:
        shop: its catalogue with the columns of ``with_flags`` and ``with_kinds``.
        response: the shop's.
        profile: by what the list is ranked.
        keeps: other rules of the list than the profile's.
    """
    lines, by = Lines(shop.catalog), BY_GAIN if profile == GAIN else BY_AFFINITY

    def choice_of(basis: Basis) -> Choice:
        rules = rules_of_shop(shop, lines, response, crowding=basis.crowding, decided=[])
        return Choice(rules.with_gain, rules.with_rules, by)

    fits = score_products(shop.catalog)
    mined = gather_candidates(
        shop, shop.catalog, fits, ledger=ledger_of(shop), choice_of=choice_of, say=_silent
    )
    bundles = distinct(mined.candidates, shop.catalog["sku"])
    offers = with_offers(bundles, shop.catalog, Till(UNKNOWN, BEST_PRICES, response))
    found = score_candidates(offers, shop.catalog, profile=profile, own_prices=False)
    found = found._replace(keeps=keeps or found.keeps)
    pool = pool_of(found, lines)
    rows, _ = list_of(found, pool.rows, lines)
    return with_ranks(found, rows, pool, shop.catalog["written_sku"].to_list())


def _shop_of(past: Exports) -> CodedShop:
    """The shop as its exports of that day would have told it."""
    before = past.lines.filter(pl.col("ordered_at") < past.until)
    bare = past.products.with_columns(stock=pl.lit(None, dtype=pl.Int64))
    shop = encode_shop(before, bare, StockLevels.empty())
    catalog = with_kinds(with_flags(shop.catalog, as_of=last_order(shop.orders)))
    return shop._replace(catalog=catalog)


def gain_in(
    later: pl.DataFrame, sets: pl.DataFrame, catalog: pl.DataFrame, response: Response
) -> Floats:
    """(n,) the gain of showing each set at its list price, by what was bought in later orders.

    Args:
        later: columns ``BasketItems``, in the codes of ``catalog``.
        sets: ``items`` (the anchor first) and ``quantities``.
        catalog: columns ``PlainCatalog``.
        response: what is believed of showing; the orders cannot tell.
    """
    orders = np.bincount(later["item"].to_numpy(), minlength=len(catalog))
    together = _together(later, sets)
    demand = [
        [
            {"orders": float(orders[item]), "attach": both / max(orders[item], 1), "seen": 0.0}
            for item in items[: PAGES if len(items) == PAGES else 1]
        ]
        for items, both in zip(sets["items"].to_list(), together, strict=True)
    ]
    seen = sets.with_columns(pl.Series("demand", demand, dtype=Candidates.demand.dtype))
    gain = gain_at_list_price(pages_of(seen, catalog), response)
    return np.nan_to_num(gain, nan=0.0)


def _together(later: pl.DataFrame, sets: pl.DataFrame) -> list[int]:
    """How many orders hold each set; of a pack, so many units."""
    found = np.zeros(len(sets), dtype=np.int64)
    items = sets["items"].to_list()
    for size in sorted({len(held) for held in items} - {1}):
        at = [place for place, held in enumerate(items) if len(held) == size]
        found[at] = count_sets(later, np.array([items[place] for place in at]))
    for place, units in enumerate(sets["quantities"].to_list()):
        if len(units) == 1:
            enough = (pl.col("item") == items[place][0]) & (pl.col("quantity") >= units[0])
            found[place] = later.filter(enough).height
    return [int(one) for one in found]


def _silent(_message: str, **_counts: object) -> None:
    """Nobody waits for a rehearsal."""
