"""A shop's ranked bundles as a portfolio problem, and which portfolio it is shown; no search."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline_lib.frames import OBJECTIVES
from pipeline_lib.portfolio.choosing import Front, portfolios
from pipeline_lib.portfolio.problem import PAD, Bundles, Ints, Rules
from pipeline_lib.portfolio.worth import expected_revenue, shortage_risk
from pipeline_lib.ranking.gain import orders_with_the_set
from pipeline_lib.ranking.pages import pages_of
from pipeline_lib.ranking.response import Response
from pipeline_lib.reports import PortfolioRecord, Worth

LEAST_CANDIDATES = 10  # fewer are shown as they rank
SIZE = 100
MOST_OF_A_PRODUCT = 8  # bundles, the same products under another objective among them
COVERED = 2  # bundles of each objective that has candidates
KEPT = 0.95  # of the most gain, what may not be given up for less risk


@dataclass(frozen=True)
class Selection:
    """The chosen rows, in rank order, and what there was to choose from."""

    rows: list[int]
    record: PortfolioRecord


def select_portfolio(ranked: pl.DataFrame, catalog: pl.DataFrame, response: Response) -> Selection:
    """Choose among the ranked bundles under stock, product and objective limits.

    Of the portfolios of which none is better than another in revenue, gain and risk of running
    short, the one with least risk, then most revenue, among those that keep 95 % of the most
    gain. Where stock allows no portfolio of that size, a smaller one is chosen; where it allows
    none at all, the sets are shown as they rank, and the record says so.

    Args:
        ranked: candidates with their offers, best first.
        catalog: columns ``PlainCatalog``.
        response: the shop's.
    """
    if len(ranked) < LEAST_CANDIDATES:
        return as_ranked(ranked, because="too few to choose among")
    rules = Rules(
        size=min(SIZE, len(ranked)),
        most_of_a_product=MOST_OF_A_PRODUCT,
        least_of_an_objective=COVERED,
    )
    front = portfolios(_bundles(ranked, catalog, response), rules)
    shown = _shown(front)
    if shown is None:
        return as_ranked(ranked, because="stock allows no portfolio")
    values = _worth(front)
    record = PortfolioRecord(
        engine="greedy",
        candidates=len(ranked),
        size=front.sets.shape[1],
        portfolios=len(front.sets),
        hypervolume=front.hypervolume,
        shown=values[shown],
        most_gain=max(values, key=lambda one: one.gain),
        knee=None if front.knee is None else values[front.knee],
    )
    return Selection(front.sets[shown].tolist(), record)


def as_ranked(ranked: pl.DataFrame, *, because: str = "asked for") -> Selection:
    """The best-ranked, with nothing weighed against each other, and why."""
    record = PortfolioRecord(engine="linear", candidates=len(ranked), because=because)
    return Selection(list(range(len(ranked))), record)


def _shown(front: Front) -> int | None:
    if not len(front.sets) or front.sets.shape[1] == 0:
        return None
    revenue, gain, safety = front.values.T
    most = gain.max()
    enough = np.flatnonzero(gain >= most - (1 - KEPT) * abs(most))
    order = np.lexsort((enough, -revenue[enough], -safety[enough]))
    return int(enough[order[0]])


def _worth(front: Front) -> list[Worth]:
    rows: list[list[float]] = (front.values * np.array([1, 1, -1])).round(2).tolist()
    return [Worth(revenue=revenue, gain=gain, risk=risk) for revenue, gain, risk in rows]


def _bundles(ranked: pl.DataFrame, catalog: pl.DataFrame, response: Response) -> Bundles:
    """The candidates by what a month of their offers sells, brings and endangers."""
    known = catalog.sort("item")
    items, units = _padded(ranked["items"], PAD), _padded(ranked["quantities"], 0)
    pages, off = pages_of(ranked, known), ranked["off_minor"].to_numpy().astype(np.float64)
    sales = orders_with_the_set(pages, off, response)
    stock = known["stock"].cast(pl.Float64).to_numpy()
    demand = known["month_units"].to_numpy().astype(np.float64)
    codes = {name: code for code, name in enumerate(OBJECTIVES)}
    return Bundles(
        revenue=expected_revenue(sales=sales, price=ranked["bundle_minor"].to_numpy()),
        margin=ranked["gain_minor"].fill_null(0.0).to_numpy(),
        risk=shortage_risk(items=items, units=units, sales=sales, stock=stock, demand=demand),
        items=items,
        units=units,
        sales=sales,
        stock=stock,
        objective=np.array([codes[name] for name in ranked["objective"]], dtype=np.int64),
    )


def _padded(lists: pl.Series, fill: int) -> Ints:
    width = max(int(lists.list.len().max() or 1), 1)  # type: ignore[arg-type]
    rows = [[*row, *[fill] * (width - len(row))] for row in lists.to_list()]
    return np.array(rows, dtype=np.int64).reshape(-1, width)
