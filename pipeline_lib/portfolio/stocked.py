"""A shop's ranked bundles as a portfolio problem, and which portfolio it is shown; no search."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline_lib.frames import OBJECTIVES
from pipeline_lib.portfolio.choosing import Front, portfolios
from pipeline_lib.portfolio.problem import PAD, Bundles, Floats, Ints, Rules
from pipeline_lib.portfolio.worth import expected_margin, expected_revenue, shortage_risk
from pipeline_lib.reports import PortfolioRecord, Worth

LEAST_CANDIDATES = 10  # fewer are shown as they rank (requirement 162, and its ruling)
SIZE = 100
MOST_OF_A_PRODUCT = 8  # bundles, the same products under another objective among them
COVERED = 2  # bundles of each objective that has candidates
PROVISIONAL_DISCOUNT = 0.10  # prices come after the choice
UNFORESEEN = 0.1  # of its orders so far, what an offer without a forecast is taken to add
MONTH_DAYS = 30
KEPT = 0.95  # of the most revenue, what may not be given up for less risk


@dataclass(frozen=True)
class Selection:
    """The chosen rows, in rank order, and what there was to choose from."""

    rows: list[int]
    record: PortfolioRecord


def selected(ranked: pl.DataFrame, catalog: pl.DataFrame, *, days: float) -> Selection:
    """Choose among the ranked bundles under stock, product and objective limits.

    Of the portfolios of which none is better than another in revenue, margin and risk of
    running short, the one with least risk, then most margin, among those that keep 95 % of the
    most revenue.

    Args:
        ranked: as ``shelf.ranked`` gives it, best first.
        catalog: columns ``PlainCatalog``.
        days: how many days of orders the evidence rests on.
    """
    if len(ranked) < LEAST_CANDIDATES:
        return as_ranked(ranked)
    rules = Rules(
        size=min(SIZE, len(ranked)),
        most_of_a_product=MOST_OF_A_PRODUCT,
        least_of_an_objective=COVERED,
    )
    front = portfolios(_bundles(ranked, catalog, days), rules)
    shown = _shown(front)
    if shown is None:
        return as_ranked(ranked)
    values = _worth(front)
    record = PortfolioRecord(
        engine="greedy",
        candidates=len(ranked),
        portfolios=len(front.sets),
        hypervolume=front.hypervolume,
        shown=values[shown],
        most_revenue=values[0],
        knee=None if front.knee is None else values[front.knee],
    )
    return Selection(front.sets[shown].tolist(), record)


def as_ranked(ranked: pl.DataFrame) -> Selection:
    """The best-ranked, with nothing weighed against each other."""
    rows = list(range(min(SIZE, len(ranked))))
    return Selection(rows, PortfolioRecord(engine="linear", candidates=len(ranked)))


def _shown(front: Front) -> int | None:
    if not len(front.sets) or front.sets.shape[1] == 0:
        return None
    revenue, margin, safety = front.values.T
    enough = np.flatnonzero(revenue >= KEPT * revenue.max())
    order = np.lexsort((enough, -margin[enough], -safety[enough]))
    return int(enough[order[0]])


def _worth(front: Front) -> list[Worth]:
    values: list[list[float]] = (front.values * np.array([1, 1, -1])).round(2).tolist()
    return [Worth(revenue=revenue, margin=margin, risk=risk) for revenue, margin, risk in values]


def _bundles(ranked: pl.DataFrame, catalog: pl.DataFrame, days: float) -> Bundles:
    known = catalog.sort("item")
    items, units = _padded(ranked["items"], PAD), _padded(ranked["quantities"], 0)
    price, cost = (_sums(known[name], items, units) for name in ("price_minor", "cost_minor"))
    price *= 1 - PROVISIONAL_DISCOUNT
    sales = _monthly(ranked, days)
    stock = known["stock"].cast(pl.Float64).to_numpy()
    demand = known["month_units"].to_numpy().astype(np.float64)
    codes = {name: code for code, name in enumerate(OBJECTIVES)}
    return Bundles(
        revenue=expected_revenue(sales=sales, price=price),
        margin=expected_margin(sales=sales, price=price, cost=cost),
        risk=shortage_risk(items=items, units=units, sales=sales, stock=stock, demand=demand),
        items=items,
        units=units,
        sales=sales,
        stock=stock,
        objective=np.array([codes[name] for name in ranked["objective"]], dtype=np.int64),
    )


def _monthly(ranked: pl.DataFrame, days: float) -> Floats:
    """How many of each bundle a month is expected to sell: the forecast where there is one.

    Less what better-ranked bundles with the same products sell already (``novelty``).
    """
    months = max(days / MONTH_DAYS, 1.0)
    foreseen = pl.col("forecast") * pl.col("orders_total") / months
    otherwise = UNFORESEEN * pl.col("orders_together") / months
    sales = pl.when(pl.col("forecast") > 0).then(foreseen).otherwise(otherwise).fill_null(0.0)
    whole = pl.col("ranking_score") + pl.col("novelty")
    fresh = (pl.col("ranking_score") / whole).fill_nan(1.0)
    return ranked.select((sales * fresh).round(9)).to_series().to_numpy()


def _padded(lists: pl.Series, fill: int) -> Ints:
    width = max(int(lists.list.len().max() or 1), 1)  # type: ignore[arg-type]
    rows = [[*row, *[fill] * (width - len(row))] for row in lists.to_list()]
    return np.array(rows, dtype=np.int64).reshape(-1, width)


def _sums(values: pl.Series, items: Ints, units: Ints) -> Floats:
    """The sum over each bundle's units; NaN where a value is unknown."""
    each = np.append(values.cast(pl.Float64).to_numpy(), 0.0)
    sums: Floats = (each[items] * units).sum(axis=1)
    return sums
