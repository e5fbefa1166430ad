"""What every source needs to make candidates of its sets: evidence, forecast, objectives."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline_lib.mining.baskets import CodedShop
from pipeline_lib.mining.candidates.assign import assigned
from pipeline_lib.mining.candidates.outlook import Outlook, foreseen
from pipeline_lib.mining.evidence import count_sets, evidence_of_sets, with_anchor_first


@dataclass(frozen=True)
class Sources:
    """A shop with all that its candidates are judged by."""

    shop: CodedShop
    flagged: pl.DataFrame
    fits: pl.DataFrame
    item_orders: NDArray[np.int64]
    ahead: Outlook

    def with_objectives(
        self, sets: pl.DataFrame, bundle_type: str, *, most: int, strength: str = "forecast"
    ) -> pl.DataFrame:
        """Candidates of the sets that serve each objective best, by what they will sell."""
        ones = pl.col("items").list.eval(pl.lit(1, dtype=pl.Int32))
        typed = foreseen(self.of_different_products(sets), self.ahead).with_columns(
            pl.lit(bundle_type).alias("bundle_type"),
            ones.alias("quantities"),
        )
        return assigned(typed, self.fits, self.flagged, strength=strength, most=most)

    def of_different_products(self, sets: pl.DataFrame) -> pl.DataFrame:
        """The sets of which no two items are variants of one product, in their order."""
        product = self.shop.catalog.sort("item")["product_key"].rank("dense").to_list()
        apart = [
            len({product[item] for item in items}) == len(items)
            for items in sets["items"].to_list()
        ]
        return sets.filter(pl.Series(apart, dtype=pl.Boolean))

    def packs(self, packs: pl.DataFrame, *, most: int) -> pl.DataFrame:
        """Candidates of the packs that most orders take."""
        weighed = foreseen(packs, self.ahead)
        return assigned(weighed, self.fits, self.flagged, strength="taken", most=most)

    def proven(self, sets: NDArray[np.int64], source: str) -> pl.DataFrame:
        """The sets with what the orders say of them, whatever they came from."""
        roles = with_anchor_first(sets, self.item_orders)
        together = count_sets(self.shop.baskets, roles)
        frame = evidence_of_sets(
            roles, together, item_orders=self.item_orders, orders=len(self.shop.orders)
        )
        return frame.with_columns(pl.lit(source).alias("source"))

    def guessed(self, pairs: pl.DataFrame, source: str, *, most: int) -> pl.DataFrame:
        """Candidates of pairs that are alike, whatever the orders say."""
        sets = pairs.select("left", "right").to_numpy().astype(np.int64).reshape(-1, 2)
        frame = self.proven(sets, source).with_columns(pairs["similarity"])
        return self.with_objectives(frame, "FBT", most=most, strength="similarity")
