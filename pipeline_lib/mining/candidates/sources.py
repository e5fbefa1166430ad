"""What every source needs to make candidates of its sets: evidence, forecast, demand, a judge."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline_lib.mining.baskets import CodedShop
from pipeline_lib.mining.candidates.demand import Demand
from pipeline_lib.mining.candidates.outlook import Outlook, foreseen
from pipeline_lib.mining.evidence import count_sets, evidence_of_sets, with_anchor_first

Judge = Callable[[pl.DataFrame], pl.DataFrame]

MOST_JUDGED = 10_000  # sets of a source that are held against the rules: the strongest


@dataclass(frozen=True)
class Choice:
    """How sets are chosen.

    Attributes:
        with_gain: gives sets (columns of ``evidence_of_sets`` with ``demand``) what they gain in
            a month, ``gain_minor``.
        with_rules: says whether they are of one line (``series``) and which ``rule`` they break.
        by: the column that ranks them, BY_GAIN or BY_AFFINITY.
    """

    with_gain: Judge
    with_rules: Judge
    by: str


@dataclass(frozen=True)
class Sources:
    """A shop with all that its candidates are judged by.

    Attributes:
        shop: catalogue, orders and baskets.
        flagged: what ``with_flags`` makes of the catalogue.
        fits: what ``score_products`` gives.
        item_orders: by item, the orders that hold it.
        ahead: the forecast of its pairs.
        demand: of the pages that sets are shown on.
        choice: how sets are chosen.
        left_out: which rule each set fell to so far.
    """

    shop: CodedShop
    flagged: pl.DataFrame
    fits: pl.DataFrame
    item_orders: NDArray[np.int64]
    ahead: Outlook
    demand: Demand
    choice: Choice
    left_out: dict[frozenset[int], str] = field(default_factory=dict)

    def judged(self, sets: pl.DataFrame, bundle_type: str) -> pl.DataFrame:
        """The sets that break no rule, strongest first, as bundles of a type."""
        ones = pl.col("items").list.eval(pl.lit(1, dtype=pl.Int32))
        typed = foreseen(sets, self.ahead).with_columns(pl.lit(bundle_type).alias("bundle_type"))
        if "quantities" not in typed.columns:
            typed = typed.with_columns(ones.alias("quantities"))
        demand = self.demand.of(typed)
        valued = self.choice.with_gain(with_larger_foreseen(typed, demand, self.demand))
        ranked = valued.sort(self.choice.by, descending=True, nulls_last=True, maintain_order=True)
        found = self.choice.with_rules(ranked.head(MOST_JUDGED))
        broken = found.filter(pl.col("rule").is_not_null()).select("items", "rule")
        self.left_out.update((frozenset(items), rule) for items, rule in broken.iter_rows())
        return found.filter(pl.col("rule").is_null()).drop("rule")

    def leave_out(self, sets: pl.DataFrame, rule: str) -> None:
        """Count the sets under a rule of the list."""
        self.left_out.update((frozenset(items), rule) for items in sets["items"].to_list())

    def proven(self, sets: NDArray[np.int64], source: str) -> pl.DataFrame:
        """The sets with what the orders say of them, whatever they came from."""
        roles = with_anchor_first(sets, self.item_orders)
        together = count_sets(self.shop.baskets, roles)
        frame = evidence_of_sets(
            roles, together, item_orders=self.item_orders, orders=len(self.shop.orders)
        )
        return frame.with_columns(pl.lit(source).alias("source"))

    def guessed(self, pairs: pl.DataFrame, source: str) -> pl.DataFrame:
        """Pairs that are alike, whatever the orders say, with what these do say."""
        sets = pairs.select("left", "right").to_numpy().astype(np.int64).reshape(-1, 2)
        return self.proven(sets, source).with_columns(pairs["similarity"])

    def rules_broken(self, kept: pl.DataFrame) -> dict[str, int]:
        """How many sets fell to each rule, of those that no other source brought in."""
        inside = {frozenset(items) for items in kept["items"].to_list()}
        fallen = Counter(rule for items, rule in self.left_out.items() if items not in inside)
        return dict(fallen.most_common())


def with_larger_foreseen(sets: pl.DataFrame, demand: pl.Series, of_late: Demand) -> pl.DataFrame:
    """The sets with ``demand``, and the ``forecast`` of those of three by their late orders."""
    three = pl.col("items").list.len() > 2  # noqa: PLR2004 - pairs have a forecast of their own
    late = of_late.together(demand)
    beyond = late - pl.col("expected_together") / pl.col("orders_total").clip(lower_bound=1)
    forecast = pl.when(three).then(beyond.clip(lower_bound=0.0)).otherwise("forecast")
    return sets.with_columns(demand, forecast.fill_null(0.0).alias("forecast"))
