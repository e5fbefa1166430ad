"""What a set of products must keep by itself before it is compared with any other."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline_lib.mining.baskets import CodedShop
from pipeline_lib.mining.candidates.lines import Lines
from pipeline_lib.mining.candidates.seasons import (
    MOST_MONTHS,
    in_season,
    month_to_come,
    months_of_season,
)
from pipeline_lib.mining.measures import Floats
from pipeline_lib.ranking import rules
from pipeline_lib.ranking.gain import gain_at_list_price
from pipeline_lib.ranking.pages import pages_of
from pipeline_lib.ranking.response import Response
from pipeline_lib.records.recommendations import Bundle, Recommendation

LEAST_STOCK_MONTHS = 0.5  # of a product's sales must be in stock, or a shelf is empty at once
LEAST_TIMES_CHANCE = 1.2  # less is nothing to a merchant, however many orders prove it
TELLING = 1.0  # orders that chance expects; where it expects fewer, none together is no news

Value = Callable[[pl.DataFrame], Floats]


class Decided(NamedTuple):
    """A set that the shop has decided on: its SKUs, and one of ``rules.DECISIONS``."""

    skus: frozenset[str]
    decision: str


@dataclass(frozen=True)
class SetRules:
    """The rules that need no other set, for one shop at one time.

    Attributes:
        catalog: columns ``PlainCatalog``, by item.
        lines: of the same catalogue.
        seasons: by item, the months of its season; empty is all year.
        month: the calendar month in which the list is read; 0 is unknown, and then no season is.
        decided: sets that the shop has decided on.
        crowding: how much more often two products meet than independence of them has it.
        value: a set's gain a month, in minor units; NaN where nothing can be said.
    """

    catalog: pl.DataFrame
    lines: Lines
    seasons: Sequence[frozenset[int]]
    month: int
    decided: Iterable[Decided]
    crowding: float
    value: Value

    def with_gain(self, sets: pl.DataFrame) -> pl.DataFrame:
        """The sets (``items``, ``quantities``, ``demand``) with ``gain_minor``, null if unknown."""
        gain = pl.Series("gain_minor", self.value(sets), dtype=pl.Float64)
        return sets.with_columns(gain.fill_nan(None))

    def with_rules(self, sets: pl.DataFrame) -> pl.DataFrame:
        """Say of each set whether it is of one line, and which rule it breaks.

        Args:
            sets: ``items``, ``quantities``, ``lift`` and ``expected_together``.

        Returns:
            The same rows with ``series`` and ``rule``, null where it breaks none.
        """
        decisions = self._decisions()
        sellable = self._sellable()
        seasonable = in_season(self.catalog, self.seasons, self.month)
        times = times_chance(sets, crowding=self.crowding).to_list()
        rows = zip(sets["items"].to_list(), sets["quantities"].to_list(), times, strict=True)
        broken = [
            decisions.get(frozenset(items))
            or self._broken(items, units, sellable, seasonable)
            or (rules.NEAR_CHANCE if often is not None and often < LEAST_TIMES_CHANCE else None)
            for items, units, often in rows
        ]
        series = [
            rule is None and self._is_series(items)
            for items, rule in zip(sets["items"].to_list(), broken, strict=True)
        ]
        return sets.with_columns(
            pl.Series("series", series, dtype=pl.Boolean),
            pl.Series("rule", broken, dtype=pl.String),
        )

    def _broken(
        self,
        items: Sequence[int],
        units: Sequence[int],
        sellable: Floats,
        seasonable: NDArray[np.bool_],
    ) -> str | None:
        if any(sellable[item] < count for item, count in zip(items, units, strict=True)):
            return rules.UNSELLABLE
        if not seasonable[items].all():
            return rules.OUT_OF_SEASON
        months = [self.seasons[item] for item in items]
        mixed = any(months) and not all(months)
        if mixed or len(frozenset().union(*months)) > MOST_MONTHS:
            return rules.MIXED_SEASONS
        if any(self.lines.are_variants(*pair) for pair in combinations(items, 2)):
            return rules.VARIANTS
        return None

    def _is_series(self, items: Sequence[int]) -> bool:
        return any(self.lines.are_of_one_line(*pair) for pair in combinations(items, 2))

    def _decisions(self) -> dict[frozenset[int], str]:
        codes: dict[str, int] = dict(self.catalog.select("written_sku", "item").iter_rows())
        return {
            frozenset(codes[sku] for sku in one.skus): one.decision
            for one in self.decided
            if all(sku in codes for sku in one.skus)
        }

    def _sellable(self) -> Floats:
        """By item, the units that a set may hold of it: none where stock is short."""
        stock = self.catalog["stock"].cast(pl.Float64).fill_null(np.inf).to_numpy()
        pace = self.catalog["month_units"].to_numpy().astype(np.float64)
        return np.where(stock >= LEAST_STOCK_MONTHS * pace, stock, 0.0)


def decided_sets(
    recommendations: Iterable[Recommendation], active: Iterable[Bundle]
) -> list[Decided]:
    """The sets of products that a shop has decided on.

    Args:
        recommendations: of earlier runs.
        active: the bundles that it sells.
    """
    found = [Decided(one.skus, rules.ACTIVE) for one in active]
    for one in recommendations:
        if one.is_approved:
            found.append(Decided(one.skus, rules.APPROVED))
        elif one.is_rejected:
            found.append(Decided(one.skus, rules.REJECTED))
    return found


def rules_of_shop(
    shop: CodedShop,
    lines: Lines,
    response: Response,
    *,
    crowding: float,
    decided: Iterable[Decided],
) -> SetRules:
    """The rules for a shop whose list is read in the weeks after its newest order."""
    return SetRules(
        shop.catalog,
        lines,
        months_of_season(shop),
        month_to_come(shop),
        decided,
        crowding,
        lambda sets: gain_at_list_price(pages_of(sets, shop.catalog), response),
    )


def times_chance(sets: pl.DataFrame, *, crowding: float) -> pl.Series:
    """How often each set was bought by how often chance has it; null where that is no news.

    Chance is that of the shuffled shop, which knows how large orders are: where they vary, any
    two products meet ``crowding`` times more often than in orders of one size. What a source has
    tested (column ``times_chance``) stays.
    """
    telling = pl.col("expected_together") * crowding >= TELLING
    size = pl.col("items").list.len() - 1
    found = pl.when(telling).then(pl.col("lift") / pl.lit(crowding).pow(size)).otherwise(None)
    tested = pl.col("times_chance") if "times_chance" in sets.columns else pl.lit(None)
    return sets.select(pl.coalesce(tested, found).alias("times_chance")).to_series()
