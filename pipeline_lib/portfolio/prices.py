"""What the scarce limits are worth to each row of scores; no portfolio comes out of it."""

import numpy as np

from pipeline_lib.portfolio.greedy import Plan, walked
from pipeline_lib.portfolio.holdings import OUT, Holdings
from pipeline_lib.portfolio.problem import Floats, Ints, Problem

STEPS = 10
TAMER = 0.85  # of the last step's length, after a step that did not lower the bound


def shadow_priced(problem: Problem, plan: Plan, scores: Floats) -> Floats:
    """Take off each score what the limits that it draws on are worth elsewhere.

    Subgradient steps on the Lagrangian dual of "the most score within the limits" (Held, Wolfe
    and Crowder, "Validation of subgradient optimization", 1974; Fisher, "The Lagrangian
    relaxation method for solving integer programming problems", 1981): a limit's price rises
    while the portfolio that is best without limits overdraws it, and falls while it does not;
    the step aims at the value of a plain walk.

    Args:
        problem: what to choose from.
        plan: as ``plan_of`` gives it.
        scores: (s, n), as it would be without limits.

    Returns:
        (s, n) the reduced scores of the step with the lowest bound.
    """
    fits = Holdings.empty(problem, 1).fitting()[0]
    share = np.where(fits[:, None], problem.draws / problem.room.clip(1)[problem.limits], 0.0)
    goal = np.where(walked(problem, plan, scores).inside, scores, 0.0).sum(axis=1)
    price = np.zeros((len(scores), len(problem.room)))
    lowest, best = np.full(len(scores), np.inf), scores.copy()
    length = np.ones(len(scores))
    for _ in range(STEPS):
        reduced = np.where(fits, scores - _charged(problem, price, share), OUT)
        wanted = _unlimited(problem, plan, reduced)
        bound = np.take_along_axis(reduced, wanted, axis=1).sum(axis=1) + price.sum(axis=1)
        lower = bound < lowest
        best[lower], lowest = reduced[lower], np.minimum(bound, lowest)
        length = np.where(lower, length, length * TAMER)
        excess = _overdrawn(problem, wanted, share)
        excess[(price == 0) & (excess < 0)] = 0.0
        steepness = (excess**2).sum(axis=1).clip(1e-9)
        step = length * (bound - goal).clip(0) / steepness
        price = (price + step[:, None] * excess).clip(0)
    return best


def _charged(problem: Problem, price: Floats, share: Floats) -> Floats:
    """(s, n) what each candidate's draws cost."""
    charged = np.zeros((len(price), len(problem)))
    for limits, shares in zip(problem.limits.T, share.T, strict=True):
        charged += price[:, limits] * shares
    return charged


def _unlimited(problem: Problem, plan: Plan, scores: Floats) -> Ints:
    """(s, size) the best of each objective that the plan asks for, then the best of the rest."""
    order = np.argsort(-scores, axis=1, kind="stable")
    kinds = problem.objective[order]
    first = np.zeros(order.shape, dtype=np.bool_)
    for kind in np.flatnonzero(plan.least):
        same = kinds == kind
        first |= same & (same.cumsum(axis=1) <= plan.least[kind])
    place = np.argsort(~first, axis=1, kind="stable")[:, : plan.size]
    return np.take_along_axis(order, place, axis=1)


def _overdrawn(problem: Problem, sets: Ints, share: Floats) -> Floats:
    """(s, limits) how much more than all of each limit is drawn, as a share of it."""
    limits = len(problem.room)
    code = problem.limits[sets] + limits * np.arange(len(sets))[:, None, None]
    drawn = np.bincount(
        code.ravel(), weights=share[sets].ravel(), minlength=limits * len(sets)
    ).reshape(len(sets), limits)
    return np.asarray(drawn - 1.0)
