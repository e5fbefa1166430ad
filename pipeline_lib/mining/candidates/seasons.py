"""In which months of the year a product has its season, by its words or by a year of sales."""

import re
from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline_lib.mining.baskets import CodedShop
from pipeline_lib.mining.products.enrichment import SEASONAL_SHARE

Counts = NDArray[np.int64]

AHEAD_DAYS = 15  # a list is read in the weeks after its orders end
SELLS = 0.5  # of its usual month, from which on a product sells before its season
JUST_OVER = 3  # months after a season in which what sold last was the season's
MONTH_DAYS = 30
MOST_MONTHS = 4  # that the seasons of one set may span together
SEASONS: Mapping[str, frozenset[int]] = {  # months in which such a thing still sells
    "christmas|xmas|advent|santa|snowman|reindeer|nativity|no[eë]l|weihnacht|navidad": frozenset(
        (10, 11, 12)
    ),
    "easter|ostern": frozenset((3, 4)),
    "halloween|pumpkin": frozenset((9, 10)),
    "valentine": frozenset((1, 2)),
    "mother'?s day": frozenset((3, 4, 5)),
    "father'?s day": frozenset((5, 6)),
    "summer|bbq|picnic": frozenset((5, 6, 7, 8)),
    "winter": frozenset((10, 11, 12, 1, 2)),
    "spring": frozenset((3, 4, 5)),
    "autumn|thanksgiving": frozenset((9, 10, 11)),
}


def months_of_season(shop: CodedShop) -> list[frozenset[int]]:
    """By item, the months of its season; empty where it sells all year.

    The words of a title decide; without any, a product of which three quarters were sold in two
    neighbouring months of a year (``season_share``) has these and the one before.
    """
    titles = shop.catalog["title"].fill_null("").str.to_lowercase().to_list()
    found = [_by_words(title) for title in titles]
    share = shop.catalog["season_share"].fill_null(0.0).to_numpy()
    unsaid = np.flatnonzero((share >= SEASONAL_SHARE) & np.array([not months for months in found]))
    if not len(unsaid):
        return found
    sold = _sold_by_month(shop)
    for item in unsaid.tolist():
        found[item] = _around_the_best(sold[item])
    return found


def in_season(
    catalog: pl.DataFrame, seasons: Sequence[frozenset[int]], month: int
) -> NDArray[np.bool_]:
    """By item, whether its season is at hand in that calendar month; 0 is unknown, and then it is.

    What sells half as well as usual is in season before its months, as Christmas is to a shop whose
    customers stock up in September, and where its words mean a pattern and no season; in the
    months after its season it is not, whatever it sold last.
    """
    since = (pl.col("last_sold").max() - pl.col("first_sold")).dt.total_days() / MONTH_DAYS
    usual = pl.col("orders") / since.clip(lower_bound=1.0)
    sells = catalog.select(
        ((pl.col("month_orders") > 0) & (pl.col("month_orders") >= SELLS * usual)).fill_null(
            value=False
        )
    ).to_series()
    return np.array(
        [
            not months
            or not month
            or month in months
            or (well and not _is_just_over(months, month))
            for months, well in zip(seasons, sells.to_list(), strict=True)
        ],
        dtype=np.bool_,
    )


def _is_just_over(months: frozenset[int], month: int) -> bool:
    """Whether one of the last months was of the season, and this one is not."""
    return any((month - 1 - ago) % 12 + 1 in months for ago in range(1, JUST_OVER + 1))


def month_to_come(shop: CodedShop) -> int:
    """The calendar month in the middle of the thirty days after the newest order; 0 of none."""
    newest = shop.orders["ordered_at"].max()
    if newest is None:
        return 0
    ahead = pl.select((pl.lit(newest) + pl.duration(days=AHEAD_DAYS)).dt.month()).item()
    return int(ahead)


def _by_words(title: str) -> frozenset[int]:
    months = [months for words, months in SEASONS.items() if re.search(words, title)]
    return frozenset().union(*months)


def _sold_by_month(shop: CodedShop) -> Counts:
    """(items, 12) orders that hold each product, by calendar month."""
    month = shop.orders["ordered_at"].dt.month().fill_null(1).to_numpy().astype(np.int64) - 1
    item = shop.baskets["item"].to_numpy().astype(np.int64)
    at = item * 12 + month[shop.baskets["order"].to_numpy()]
    return np.bincount(at, minlength=12 * len(shop.catalog)).reshape(-1, 12)


def _around_the_best(sold: Counts) -> frozenset[int]:
    """The two neighbouring months that sold most, and the one before them."""
    top = int(np.argmax(sold + np.roll(sold, -1)))
    return frozenset((top + step) % 12 + 1 for step in (-1, 0, 1))
