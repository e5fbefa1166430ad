"""What a portfolio is chosen from and what binds it; no search."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

THOUSANDTHS = 1_000  # expected units are counted in whole thousandths, so that sums are exact
PAD = -1
PLENTY = np.int64(1) << 60


@dataclass(frozen=True, kw_only=True)
class Bundles:
    """The candidates, a row each; ``items`` and ``units`` have a column for each place.

    Attributes:
        revenue: what each is expected to bring, any one unit of money, at least 0.
        margin: what is left of it after cost, same unit; may be below 0.
        risk: what the shop would rather have less of, such as ``worth.shortage_risk``.
        items: product codes from 0, different ones in a row; -1 fills up.
        units: how many of each product one bundle holds; 0 fills up.
        sales: how many of each bundle are expected to be sold.
        stock: by product code, units at hand; NaN where unknown, which binds nothing.
        objective: codes from 0.
    """

    revenue: Floats
    margin: Floats
    risk: Floats
    items: Ints
    units: Ints
    sales: Floats
    stock: Floats
    objective: Ints

    def __len__(self) -> int:
        return len(self.revenue)


@dataclass(frozen=True, kw_only=True)
class Rules:
    """How many bundles a portfolio has, a product may be in, and each objective should have."""

    size: int
    most_of_a_product: int
    least_of_an_objective: int


@dataclass(frozen=True, kw_only=True)
class Problem:
    """The candidates as what they are worth and what they take; all of it to be maximised.

    A limit is the stock of a product or the number of bundles that it may be in; limits that
    all candidates together do not reach are left out.

    Attributes:
        values: (n, 3) revenue, margin and risk with its sign turned.
        limits: (n, places) codes of the limits that a candidate draws on; the last code, which
            never binds, fills up.
        draws: (n, places) how much it draws on each.
        room: how much each limit has.
        rivalry: (n, n) which other candidates draw on a limit of this one.
        rivals: (n, d) the same as lists; the candidate itself fills up.
        objective: (n,) codes from 0.
        rules: as asked for.
    """

    values: Floats
    limits: Ints
    draws: Ints
    room: Ints
    rivalry: Bools
    rivals: Ints
    objective: Ints
    rules: Rules

    def __len__(self) -> int:
        return len(self.values)

    def totals(self, sets: Ints) -> Floats:
        """(s, 3) values of the portfolios, each a row of candidates in ascending order."""
        return np.asarray(self.values[sets].sum(axis=1), dtype=np.float64)


def problem_of(bundles: Bundles, rules: Rules) -> Problem:
    """State the candidates as a problem.

    Draws are rounded up to thousandths of a unit, so that no stock is oversold by rounding.
    """
    held = bundles.items != PAD
    wanted = np.ceil(bundles.sales[:, None] * bundles.units * THOUSANDTHS).astype(np.int64)
    enough = float(PLENTY // THOUSANDTHS)
    known = np.nan_to_num(bundles.stock, nan=enough).clip(0, enough)
    stock = np.floor(known * THOUSANDTHS).astype(np.int64)
    most = np.full(len(stock), rules.most_of_a_product, dtype=np.int64)
    limits = np.hstack([bundles.items, np.where(held, bundles.items + len(stock), PAD)])
    draws = np.hstack([np.where(held, wanted, 0), held.astype(np.int64)])
    limits, draws, room = _binding(limits, draws, np.concatenate([stock, most]))
    rivalry = _rivalry(limits, spare=len(room) - 1)
    return Problem(
        values=np.column_stack([bundles.revenue, bundles.margin, -bundles.risk]),
        limits=limits,
        draws=draws,
        room=room,
        rivalry=rivalry,
        rivals=_listed(rivalry),
        objective=bundles.objective,
        rules=rules,
    )


def _binding(limits: Ints, draws: Ints, room: Ints) -> tuple[Ints, Ints, Ints]:
    """Renumber the limits that can bind, and point all others at a spare one."""
    wanted = np.zeros(len(room) + 1, dtype=np.int64)
    np.add.at(wanted, limits, draws)
    binds = wanted[:-1] > room
    code = np.full(len(room) + 1, binds.sum(), dtype=np.int64)
    code[:-1][binds] = np.arange(binds.sum())
    bound = np.append(binds, np.False_)[limits]
    order = np.argsort(~bound, axis=1, kind="stable")
    order = order[:, : max(1, int(bound.sum(axis=1).max(initial=0)))]
    drawn = np.take_along_axis(np.where(bound, draws, 0), order, axis=1)
    return np.take_along_axis(code[limits], order, axis=1), drawn, np.append(room[binds], PLENTY)


def _rivalry(limits: Ints, *, spare: int) -> Bools:
    """(n, n) which candidates share a limit, none with itself."""
    rivalry = np.zeros((len(limits), len(limits)), dtype=np.bool_)
    code, candidate = limits.ravel(), np.arange(limits.size) // limits.shape[1]
    order = np.argsort(code, kind="stable")
    ends = np.searchsorted(code[order], np.arange(spare + 1))
    for begin, end in pairwise(ends.tolist()):
        sharing = candidate[order[begin:end]]
        rivalry[sharing[:, None], sharing] = True
    np.fill_diagonal(rivalry, val=False)
    return rivalry


def _listed(rivalry: Bools) -> Ints:
    """(n, d) the rivals of each, and itself where it has fewer than the most."""
    width = max(1, int(rivalry.sum(axis=1).max(initial=0)))
    rivals = np.repeat(np.arange(len(rivalry))[:, None], width, axis=1)
    first, second = np.nonzero(rivalry)
    place = np.arange(len(first)) - np.searchsorted(first, first)
    rivals[first, place] = second
    return rivals
