"""Which candidates a merchant should see, and in which order; from stored parts, no price."""

from collections import Counter
from collections.abc import Mapping

import numpy as np
import polars as pl

WEIGHTS = {  # requirement 160
    "confidence": 0.35,
    "lift": 0.25,
    "objective_fit": 0.20,
    "inventory": 0.10,
    "price_sanity": 0.10,
}
MOST_OF_A_PRODUCT = 4  # bundles that one product may be in
NOVELTY = 0.15  # what each earlier bundle with the same product takes off the score
LEAST, MOST = 50, 100  # recommendations of a run (requirement 166)
DEAREST_RATIO = 8.0  # beyond it the cheaper product looks like an afterthought


def parts(candidates: pl.DataFrame, catalog: pl.DataFrame) -> pl.DataFrame:
    """The parts of each candidate's score, each 0 to 1.

    ``confidence`` is the lower bound, or a tenth of the similarity where nothing was bought;
    ``lift`` is the share of the bundle's orders that chance does not explain, 1 - 1/lift,
    weighed by the logarithm of their number; ``inventory`` the share of the products that are
    in stock or untracked; ``price_sanity`` falls from 1 at equal prices to 0 where the dearest
    costs eight times the cheapest.

    Args:
        candidates: columns CANDIDATES.
        catalog: columns CATALOG, by item.

    Returns:
        One Float64 column for each of WEIGHTS; rows as in ``candidates``.
    """
    members = (
        candidates.select("items")
        .with_row_index("row")
        .explode("items")
        .rename({"items": "item"})
        .join(catalog.select("item", "price_minor", "stock"), on="item", maintain_order="left")
        .group_by("row", maintain_order=True)
        .agg(
            ((pl.col("stock") > 0).fill_null(value=True)).mean().alias("inventory"),
            (pl.col("price_minor").max() / pl.col("price_minor").min()).alias("ratio"),
        )
        .sort("row")
    )
    sanity = (1 - pl.col("ratio").log() / np.log(DEAREST_RATIO)).clip(0, 1)
    beyond_chance = (1 - 1 / pl.col("lift")).clip(0, 1).fill_null(0.0)
    weight = ((1 + pl.col("orders_together")).log() / np.log(1_000)).clip(0, 1)
    guessed = pl.col("similarity").fill_null(0.0) / 10
    return pl.concat(
        [
            candidates.select(
                pl.max_horizontal(pl.col("confidence_low").fill_null(0.0), guessed).alias(
                    "confidence"
                ),
                (beyond_chance * weight).alias("lift"),
                "objective_fit",
            ),
            members.select("inventory", sanity.alias("price_sanity")),
        ],
        how="horizontal",
    ).select(*WEIGHTS)


def score(features: pl.DataFrame, weights: Mapping[str, float]) -> pl.Series:
    """The weighted sum of the parts, rounded so that no platform's arithmetic changes a rank."""
    total = pl.sum_horizontal(pl.col(name) * weight for name, weight in weights.items())
    return features.select(total.round(9)).to_series().alias("ranking_score")


def ranked(candidates: pl.DataFrame, catalog: pl.DataFrame) -> pl.DataFrame:
    """Choose and order the bundles to recommend.

    Walks down by score, takes ``NOVELTY`` off for each bundle already chosen that shares a
    product, and leaves out a bundle with a product that is in enough of them. Where fewer than
    ``LEAST`` come out, the strongest left out fill up (the forced pairs of requirement 150).

    Args:
        candidates: columns CANDIDATES and ``key``, each key once.
        catalog: columns CATALOG, by item.

    Returns:
        At most ``MOST`` rows with ``rank_position`` (from 1), ``ranking_score``, ``forced`` and
        ``score_parts``, best first.
    """
    features = parts(candidates, catalog)
    columns = [score(features, WEIGHTS), features.to_struct("score_parts")]
    scored = candidates.with_columns(columns).sort(
        "ranking_score", "orders_together", "key", descending=[True, True, False]
    )
    chosen, penalty = _walk(scored)
    filled = chosen + _fill(scored, chosen)
    picked = scored[filled].with_columns(
        pl.Series("novelty", penalty + [0.0] * (len(filled) - len(chosen)), dtype=pl.Float64),
        pl.Series(
            "forced", [index >= len(chosen) for index in range(len(filled))], dtype=pl.Boolean
        ),
    )
    return (
        picked.with_columns((pl.col("ranking_score") - pl.col("novelty")).clip(0).round(9))
        .sort("forced", "ranking_score", "key", descending=[False, True, False])
        .with_row_index("rank_position", offset=1)
    )


def _walk(scored: pl.DataFrame) -> tuple[list[int], list[float]]:
    """Rows to take, best first, each time the best of what is left after its penalty."""
    items = scored["items"].to_list()
    scores = scored["ranking_score"].to_list()
    used: Counter[int] = Counter()
    chosen: list[int] = []
    penalties: list[float] = []
    left = list(range(len(items)))
    while left and len(chosen) < MOST:
        penalty = {row: NOVELTY * max(used[item] for item in items[row]) for row in left}
        best = max(left, key=lambda row: (round(scores[row] - penalty[row], 9), -row))
        chosen.append(best)
        penalties.append(penalty[best])
        used.update(items[best])
        full = {item for item in items[best] if used[item] >= MOST_OF_A_PRODUCT}
        left = [row for row in left if row != best and not full & set(items[row])]
    return chosen, penalties


def _fill(scored: pl.DataFrame, chosen: list[int]) -> list[int]:
    taken = set(chosen)
    rest = [row for row in range(len(scored)) if row not in taken]
    return rest[: max(0, LEAST - len(chosen))]
