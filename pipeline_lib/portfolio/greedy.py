"""One walk down the scores for each row of them, all rows at once; nothing is taken back."""

from dataclasses import dataclass

import numpy as np

from pipeline_lib.portfolio.holdings import OUT, Holdings
from pipeline_lib.portfolio.problem import Bools, Floats, Ints, Problem

ATTEMPTS = 64
SEED = 1
SHAKE = 1.0  # standard deviation of the logarithm


@dataclass(frozen=True)
class Plan:
    """What the rules come to on these candidates.

    Attributes:
        turns: objectives whose turn it is, one bundle each, before the rest is filled freely.
        least: by objective, how many bundles each portfolio has of it.
        fallback: (size,) a portfolio that keeps all that, ascending.
    """

    turns: tuple[int, ...]
    least: Ints
    fallback: Ints

    @property
    def size(self) -> int:
        """How many bundles each portfolio has."""
        return len(self.fallback)


def plan_of(problem: Problem) -> Plan:
    """Find what of the rules can be kept; where not all, they give way in a fixed order.

    Stock and the bundles of a product never give way. Objectives take turns, the scarcest
    first, the first bundle of each before the second of any; a turn that nothing fits is left
    out. Of many walks that prefer candidates with small draws, the one counts that grants the
    earliest turns, then the one with most bundles: so the last turns of the most plentiful
    objectives give way first, and where no walk fills it, portfolios are smaller than ``size``.
    """
    turns, most = _wanted(problem), min(problem.rules.size, len(problem))
    held = Holdings.empty(problem, ATTEMPTS)
    live = np.where(held.fitting(), -_efforts(problem), OUT)
    steps = [_step(held, live, problem.objective == turn) for turn in turns]
    granted = np.array(steps, dtype=np.bool_).reshape(-1, ATTEMPTS)
    for _ in range(most):
        live[held.inside.sum(axis=1) >= most] = OUT
        _step(held, live)
    best = np.lexsort((-held.inside.sum(axis=1), *~granted[::-1]))[0]
    kept = tuple(turn for turn, given in zip(turns, granted[:, best], strict=True) if given)
    objectives = int(problem.objective.max(initial=-1)) + 1
    least = np.bincount(np.array(kept, dtype=np.int64), minlength=objectives)
    return Plan(kept, least.astype(np.int64), np.flatnonzero(held.inside[best]))


def _efforts(problem: Problem) -> Floats:
    """(ATTEMPTS, n) the shares of its limits that a candidate takes, then the same shaken."""
    shares = (problem.draws / problem.room.clip(1)[problem.limits]).sum(axis=1)
    shaken = np.random.default_rng(SEED).normal(0, SHAKE, (ATTEMPTS - 1, len(problem)))
    return np.vstack([shares, shares * np.exp(shaken)])


def walked(problem: Problem, plan: Plan, scores: Floats) -> Holdings:
    """One portfolio for each row of scores: the best of each turn, then the best that fits.

    A walk that ends before the portfolio is full gives the plan's fallback instead.

    Args:
        problem: what to choose from.
        plan: as ``plan_of`` gives it.
        scores: (s, n) a candidate's score, the more the better; of equals the first is taken.
    """
    held = Holdings.empty(problem, len(scores))
    live = np.where(held.fitting(), scores, OUT)
    full = np.ones(len(scores), dtype=np.bool_)
    for turn in plan.turns:
        full &= _step(held, live, problem.objective == turn)
    for _ in range(plan.size - len(plan.turns)):
        full &= _step(held, live)
    held.inside[~full] = np.isin(np.arange(len(problem)), plan.fallback)
    return Holdings.of(problem, held.sets())


def _wanted(problem: Problem) -> list[int]:
    """The turns asked for, at most as many as a portfolio has bundles."""
    counts = np.bincount(problem.objective)
    scarcest = sorted(np.flatnonzero(counts).tolist(), key=lambda code: (counts[code], code))
    rounds = range(problem.rules.least_of_an_objective)
    turns = [code for number in rounds for code in scarcest if counts[code] > number]
    return turns[: problem.rules.size]


def _step(held: Holdings, live: Floats, among: Bools | None = None) -> Bools:
    """Put the best live candidate into each row; which rows had one."""
    codes = np.arange(live.shape[1]) if among is None else np.flatnonzero(among)
    best = codes[live[:, codes].argmax(axis=1)]
    rows = np.flatnonzero(live[np.arange(len(live)), best] > OUT)
    held.put(rows, best[rows])
    live[rows, best[rows]] = OUT
    held.block(rows, best[rows], live)
    found = np.zeros(len(live), dtype=np.bool_)
    found[rows] = True
    return found
