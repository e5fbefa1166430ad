"""From scored candidates to the list that a shop is shown, with what fell to which rule."""

from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

from pipeline_lib.ranking.gate import Contender, ListRules, OneLine, ShownList, choose_shown
from pipeline_lib.ranking.scores import GAIN, PROFILES, parts, score

POOL = 200  # sets that a portfolio is chosen from (requirement 163)
SIZE = 100  # sets that a shop is shown


class Scored(NamedTuple):
    """Candidates with their scores, the same as contenders, and the rules of their list."""

    frame: pl.DataFrame
    contenders: list[Contender]
    keeps: ListRules


def score_candidates(
    candidates: pl.DataFrame, catalog: pl.DataFrame, *, profile: str, own_prices: bool
) -> Scored:
    """Score the candidates by a profile.

    Args:
        candidates: columns ``Candidates``, ``key``, and of ``OfferColumns`` ``off_minor`` and
            ``clears``.
        catalog: columns ``PlainCatalog``, by item.
        profile: one of PROFILES; by any but gain the list keeps only the rules of its sets.
        own_prices: whether the shop asked for other prices than those that gain most; then it is
            shown what they cost.
    """
    features = parts(candidates, catalog)
    scored = candidates.with_columns(
        score(features, PROFILES[profile]), features.to_struct("score_parts")
    )
    columns = ("items", "bundle_type", "objective", "objective_fit", "ranking_score")
    money = ("gain_minor", "series", "off_minor", "clears")
    contenders = [
        Contender(tuple(items), kind, objective, fit, value, gain, series, off > 0, clears)
        for items, kind, objective, fit, value, gain, series, off, clears in scored.select(
            *columns, *money
        ).iter_rows()
    ]
    return Scored(scored, contenders, _rules(profile, own_prices=own_prices))


def pool_of(scored: Scored, lines: OneLine) -> ShownList:
    """The sets that a portfolio is chosen from."""
    return choose_shown(scored.contenders, lines, scored.keeps._replace(most=POOL))


def list_of(scored: Scored, rows: list[int], lines: OneLine) -> tuple[list[int], Mapping[str, int]]:
    """The list of the chosen rows, and what fell to the rules of the list on the way."""
    found = choose_shown([scored.contenders[row] for row in rows], lines, scored.keeps)
    return [rows[place] for place in found.rows], found.left_out


def with_ranks(scored: Scored, rows: list[int], pool: ShownList, skus: list[str]) -> pl.DataFrame:
    """The shown rows with their place, the other objectives and the options of each.

    Args:
        scored: the candidates.
        rows: of them, in the order of the list.
        pool: what the list was chosen from.
        skus: as the shop writes them, by item.

    Returns:
        ``rank_position`` (from 1), the columns of ``scored.frame``, ``novelty`` (0: no set is
        shown twice), ``others`` (objectives, best first) and ``options`` (lists of SKUs).
    """
    items = scored.frame["items"].to_list()
    return (
        scored.frame[rows]
        .with_columns(
            pl.lit(0.0).alias("novelty"),
            pl.Series("others", [pool.others[row] for row in rows], dtype=pl.List(pl.String)),
            pl.Series(
                "options",
                [
                    [[skus[item] for item in items[option]] for option in pool.options.get(row, [])]
                    for row in rows
                ],
                dtype=pl.List(pl.List(pl.String)),
            ),
        )
        .with_row_index("rank_position", offset=1)
    )


def _rules(profile: str, *, own_prices: bool) -> ListRules:
    if profile != GAIN:
        return ListRules(SIZE, series_share=1.0, merges_lines=False, asks_for_gain=False)
    return ListRules(SIZE, asks_for_gain=not own_prices)
