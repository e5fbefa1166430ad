"""The strongest of many sets, so that those of one line or one product do not fill the list."""

from collections import Counter

import polars as pl

SERIES_SHARE = 0.25  # of the chosen: more of one line would only fall to the list's quota
MOST_OF_A_PRODUCT = 12  # sets; more would only fall to the list's own, smaller number


def strongest(
    sets: pl.DataFrame, *, by: str, most: int, series_share: float = SERIES_SHARE
) -> pl.DataFrame:
    """Walk down the sets and keep each set of products once.

    Args:
        sets: ``items``, ``series`` and the column named by ``by``; a null counts as least.
        by: what to rank by, then by ``orders_together`` and the items.
        most: how many at the most.
        series_share: of them, those of one line at the most.

    Returns:
        The kept rows, best first.
    """
    ranked = sets.with_columns(pl.col("items").list.sort().alias("set")).sort(
        by, "orders_together", "set", descending=[True, True, False], nulls_last=True
    )
    kept: list[int] = []
    seen: set[tuple[int, ...]] = set()
    uses: Counter[int] = Counter()
    series = 0
    for row, (items, is_series) in enumerate(ranked.select("set", "series").iter_rows()):
        if len(kept) == most:
            break
        full = is_series and series >= series_share * most
        crowded = any(uses[item] >= MOST_OF_A_PRODUCT for item in items)
        if tuple(items) in seen or full or crowded:
            continue
        kept.append(row)
        seen.add(tuple(items))
        uses.update(items)
        series += is_series
    return ranked[kept].drop("set")
