"""Which candidates a merchant should see, and in which order; from stored parts, no price."""

from collections import Counter
from collections.abc import Mapping
from itertools import islice

import numpy as np
import polars as pl

PROFILES: Mapping[str, Mapping[str, float]] = {
    # what finds most on orders not seen (`bundles backtest`); the rest only breaks ties
    "forecast": {
        "forecast": 0.97,
        "objective_fit": 0.01,
        "inventory": 0.01,
        "price_sanity": 0.01,
    },
    # requirement 160
    "seeds": {
        "confidence": 0.35,
        "lift": 0.25,
        "objective_fit": 0.20,
        "inventory": 0.10,
        "price_sanity": 0.10,
    },
    # one figure that everybody can follow
    "confidence": {"confidence": 1.0},
}
DEFAULT, FIXED, UNWEIGHTED = "forecast", "seeds", "confidence"
PARTS = ("forecast", "confidence", "lift", "objective_fit", "inventory", "price_sanity")
MOST_OF_A_PRODUCT = 4  # different bundles that one product may be in
SHARED, AGAIN = 0.85, 0.25  # what a shared product, and the same products again, leave of a score
NEAR = 2 / 3  # of the products of two bundles shared: the same bundle but for a detail
COVERED = 2  # bundles of each objective and of each type that come in whatever their score
LEAST = 50  # recommendations of a run (requirement 166)
POOL = 200  # ranked bundles that a portfolio is chosen from (requirement 163)
DEAREST_RATIO = 8.0  # beyond it the cheaper product looks like an afterthought


def parts(candidates: pl.DataFrame, catalog: pl.DataFrame) -> pl.DataFrame:
    """The parts of each candidate's score, each 0 to 1.

    ``forecast`` is relative to the run's best; ``confidence`` the lower bound, or a tenth of the
    similarity where nothing was bought; ``lift`` the share of the bundle's orders that chance
    does not explain, 1 - 1/lift, weighed by the logarithm of their number; ``inventory`` the
    share of the products that are in stock or untracked; ``price_sanity`` falls from 1 at equal
    prices to 0 where the dearest costs eight times the cheapest.

    Args:
        candidates: columns ``Candidates``.
        catalog: columns ``PlainCatalog``, by item.

    Returns:
        One Float64 column for each of PARTS; rows as in ``candidates``.
    """
    beyond_chance = (1 - 1 / pl.col("lift")).clip(0, 1).fill_null(0.0)
    weight = ((1 + pl.col("orders_together")).log() / np.log(1_000)).clip(0, 1)
    guessed = pl.col("similarity").fill_null(0.0) / 10
    best = pl.col("forecast").max().clip(lower_bound=1e-12)
    of_bundle = candidates.select(
        (pl.col("forecast").fill_null(0.0) / best).alias("forecast"),
        pl.max_horizontal(pl.col("confidence_low").fill_null(0.0), guessed).alias("confidence"),
        (beyond_chance * weight).alias("lift"),
        "objective_fit",
    )
    return pl.concat([of_bundle, _of_products(candidates, catalog)], how="horizontal").select(PARTS)


def _of_products(candidates: pl.DataFrame, catalog: pl.DataFrame) -> pl.DataFrame:
    ratio = pl.col("price_minor").max() / pl.col("price_minor").min()
    return (
        candidates.select("items")
        .with_row_index("row")
        .explode("items")
        .rename({"items": "item"})
        .join(catalog.select("item", "price_minor", "stock"), on="item", maintain_order="left")
        .group_by("row", maintain_order=True)
        .agg(
            ((pl.col("stock") > 0).fill_null(value=True)).mean().alias("inventory"),
            (1 - ratio.log() / np.log(DEAREST_RATIO)).clip(0, 1).alias("price_sanity"),
        )
        .sort("row")
        .select("inventory", "price_sanity")
    )


def score(features: pl.DataFrame, weights: Mapping[str, float]) -> pl.Series:
    """The weighted sum of the parts, rounded so that no platform's arithmetic changes a rank."""
    total = pl.sum_horizontal(pl.col(name) * weight for name, weight in weights.items())
    return features.select(total.round(9)).to_series().alias("ranking_score")


def ranked(
    candidates: pl.DataFrame, catalog: pl.DataFrame, weights: Mapping[str, float]
) -> pl.DataFrame:
    """Choose and order the bundles to recommend.

    Walks down by score. A bundle that shares a product with earlier ones, or has the same
    products under another objective, counts less each time; one with a product that is in
    enough bundles is left out, and so is a near-duplicate: one that shares two thirds of all
    products with a better one of the same type and objective. The best of each objective and
    of each type come in whatever their score.

    Args:
        candidates: columns ``Candidates`` and ``key``, each key once.
        catalog: columns ``PlainCatalog``, by item.
        weights: of PARTS; those it leaves out weigh nothing.

    Returns:
        At most ``POOL`` rows with ``rank_position`` (from 1), ``ranking_score``, ``novelty``
        (what of the score is taken off) and ``score_parts``, best first.
    """
    features = parts(candidates, catalog)
    scored = candidates.with_columns(
        score(features, weights), features.to_struct("score_parts")
    ).sort("ranking_score", "orders_together", "key", descending=[True, True, False])
    shelf = _Shelf(scored)
    shelf.fill(_covering(scored), most=POOL)
    shelf.fill(list(range(len(scored))), most=POOL)
    return numbered(
        scored[list(shelf.chosen)]
        .with_columns(pl.Series("novelty", list(shelf.chosen.values()), dtype=pl.Float64))
        .with_columns((pl.col("ranking_score") - pl.col("novelty")).round(9))
        .sort("ranking_score", "key", descending=[True, False])
    )


def filled(rows: list[int], pool: pl.DataFrame) -> list[int]:
    """The chosen rows of the pool, and as many of its best others as the least number asks for.

    These are the forced pairs of requirement 150.
    """
    others = (row for row in range(len(pool)) if row not in set(rows))
    return sorted([*rows, *islice(others, max(0, LEAST - len(rows)))])


def numbered(bundles: pl.DataFrame) -> pl.DataFrame:
    """The bundles with their place as ``rank_position``, from 1."""
    place = pl.int_range(1, pl.len() + 1, dtype=pl.UInt32)
    return bundles.with_columns(place.alias("rank_position"))


def _covering(scored: pl.DataFrame) -> list[int]:
    """Rows of the best of each objective, and of each type."""
    rows = scored.with_row_index("row")
    best = [
        rows.group_by(by, maintain_order=True).head(COVERED)["row"].to_list()
        for by in ("objective", "bundle_type")
    ]
    return sorted({row for part in best for row in part})


class _Shelf:
    """Bundles taken one by one, each at what those before it leave of its score."""

    def __init__(self, scored: pl.DataFrame) -> None:
        self._items: list[tuple[int, ...]] = [tuple(items) for items in scored["items"].to_list()]
        self._kinds = scored.select("bundle_type", "objective").rows()
        self._taken: dict[tuple[str, ...], list[set[int]]] = {}
        self._scores: list[float] = scored["ranking_score"].to_list()
        self._uses: Counter[int] = Counter()
        self._sets: Counter[tuple[int, ...]] = Counter()
        self.chosen: dict[int, float] = {}

    def fill(self, rows: list[int], *, most: int) -> None:
        """Take the best of ``rows`` until ``most`` are taken or none is left that may be."""
        left = [row for row in rows if row not in self.chosen]
        while left and len(self.chosen) < most:
            best = max(left, key=lambda row: (round(self._worth(row), 9), -row))
            self.chosen[best] = round(self._scores[best] - self._worth(best), 9)
            self._take(best)
            left = [row for row in left if row != best and self._may(row)]

    def _worth(self, row: int) -> float:
        shared = max((self._uses[item] for item in self._items[row]), default=0)
        again = self._sets[tuple(sorted(self._items[row]))]
        return self._scores[row] * SHARED**shared * AGAIN**again

    def _take(self, row: int) -> None:
        key = tuple(sorted(self._items[row]))
        if not self._sets[key]:
            self._uses.update(self._items[row])
        self._sets[key] += 1
        self._taken.setdefault(self._kinds[row], []).append(set(key))

    def _may(self, row: int) -> bool:
        items = set(self._items[row])
        alike = self._taken.get(self._kinds[row], [])
        if any(len(items & other) >= NEAR * len(items | other) for other in alike):
            return False
        known = self._sets[tuple(sorted(items))]
        return bool(known) or all(self._uses[item] < MOST_OF_A_PRODUCT for item in items)
