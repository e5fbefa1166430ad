"""Ways to choose portfolios, ours and others'; each gives sets of candidates, and judges none."""

import time
from itertools import product
from typing import NamedTuple

import numpy as np
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.core.problem import Problem as Moo
from pymoo.core.repair import Repair
from pymoo.operators.crossover.pntx import TwoPointCrossover
from pymoo.operators.mutation.bitflip import BitflipMutation
from pymoo.operators.sampling.rnd import BinaryRandomSampling
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from pipeline_lib.portfolio.choosing import BATCH, CORNERS, searched
from pipeline_lib.portfolio.fronts import dominance_ranks
from pipeline_lib.portfolio.greedy import Plan, walked
from pipeline_lib.portfolio.problem import Problem
from pipeline_lib.portfolio.trades import improve
from pipeline_lib.portfolio.weights import weight_vectors

SEEDS = {"size": 50, "generations": 10}  # requirement 164
LONG = {"size": 200, "generations": 500}
MUTATION, CROSSOVER = 0.15, 0.7
MANY = 4_000  # weight vectors, more than any engine gets through in time
ENOUGH = 0.001  # relative gap at which a single MILP is taken as solved


class Case(NamedTuple):
    """What to choose from, what has to be kept, and the seconds after which to stop."""

    problem: Problem
    plan: Plan
    limit_s: float


def scores_of(problem, weights):
    """(w, n) the candidates' scores by each weighting, each value by its spread."""
    spread = problem.values.std(axis=0)
    return weights @ (problem.values / np.where(spread > 0, spread, 1.0)).T


def greedy(case, *, count):
    """A walk down the weighted values and trades while they gain; no shadow prices."""
    problem, plan, _ = case
    scores = scores_of(problem, weight_vectors(count))
    held = walked(problem, plan, scores)
    improve(held, plan, scores)
    return held.sets()


def sorted_alone(case):
    """One walk down the candidates, those first that the fewest others dominate in layers."""
    scores = -dominance_ranks(case.problem.values)[None].astype(np.float64)
    return walked(case.problem, case.plan, scores).sets()


def ours_at_length(case):
    """The default engine, with as many weight vectors as the time allows."""
    problem, plan, limit_s = case
    weights, begun, found = weight_vectors(MANY), time.perf_counter(), []
    for begin in [0, *range(CORNERS, MANY, BATCH)]:
        if time.perf_counter() - begun > limit_s:
            break
        end = begin + BATCH if begin else CORNERS
        found.append(searched(problem, plan, weights[begin:end]))
    return np.vstack(found)


class Selection(Moo):
    """One bit a candidate; what breaks the rules is added up."""

    def __init__(self, problem, plan):
        super().__init__(n_var=len(problem), n_obj=3, n_ieq_constr=1, xl=0, xu=1, vtype=np.bool_)
        self.asked, self.plan = problem, plan
        self.matrix, self.room = _matrix(problem)
        self.kinds = np.arange(len(plan.least))[:, None] == problem.objective

    def _evaluate(self, bits, out):
        x = bits.astype(np.float64)
        out["F"] = -(x @ self.asked.values)
        over = (x @ self.matrix.T - self.room).clip(0).sum(axis=1)
        missing = (self.plan.least - x @ self.kinds.T).clip(0).sum(axis=1)
        out["G"] = (over + missing + abs(x.sum(axis=1) - self.plan.size))[:, None]


class Refill(Repair):
    """What a row holds first, in a drawn order, then what it does not, as far as it fits."""

    def _do(self, problem, bits, *, random_state, **_):
        drawn = random_state.random(bits.shape)
        return walked(problem.asked, problem.plan, bits + drawn / 2).inside


def evolved(case, *, size, generations, repaired, seeded=False):
    """NSGA-II by pymoo, seed 1; what keeps every rule in its last generation."""
    problem, plan, limit_s = case
    asked = Selection(problem, plan)
    sampling = BinaryRandomSampling()
    if seeded:
        scores = scores_of(problem, weight_vectors(size))
        held = walked(problem, plan, scores)
        improve(held, plan, scores)
        sampling = held.inside
    algorithm = NSGA2(
        pop_size=size,
        sampling=sampling,
        crossover=TwoPointCrossover(prob=CROSSOVER),
        mutation=BitflipMutation(prob=MUTATION),
        eliminate_duplicates=True,
        **({"repair": Refill()} if repaired else {}),
    )
    algorithm.setup(asked, termination=("n_gen", generations), seed=1)
    begun = time.perf_counter()
    while algorithm.has_next() and time.perf_counter() - begun < limit_s:
        algorithm.next()
    good = [one.X for one in algorithm.pop if one.CV[0] <= 0]
    return np.array([np.flatnonzero(bits) for bits in good]).reshape(len(good), plan.size)


def weighed(case, *, count):
    """The best portfolio of each weighting, by HiGHS."""
    problem, plan, limit_s = case
    begun, found = time.perf_counter(), []
    constraints = _constraints(problem, plan)
    for scores in scores_of(problem, weight_vectors(count)):
        left = limit_s - (time.perf_counter() - begun)
        if left < 0:
            break
        found += _solved(scores, constraints, left)
    return np.array(found).reshape(len(found), plan.size)


def bounded(case, *, steps):
    """The most of the first value with at least so much of the others: epsilon constraints."""
    problem, plan, limit_s = case
    begun = time.perf_counter()
    constraints = _constraints(problem, plan)
    corners = [
        chosen
        for scores in scores_of(problem, np.eye(3) + 1e-4)
        for chosen in _solved(scores, constraints, limit_s)
    ]
    values = problem.totals(np.array(corners))
    ends = [np.linspace(values[:, part].min(), values[:, part].max(), steps) for part in (1, 2)]
    spread = problem.values.std(axis=0).clip(1e-12)
    for least in product(*ends):
        left = limit_s - (time.perf_counter() - begun)
        if left < 0:
            break
        more = LinearConstraint(problem.values[:, 1:].T / spread[1:, None], least / spread[1:])
        corners += _solved(problem.values[:, 0] / spread[0], [*constraints, more], left)
    return np.array(corners)


def _matrix(problem):
    """The limits as rows, each as a share of its room (or of one, where it has none)."""
    limits, spare = problem.limits.ravel(), len(problem.room) - 1
    column = np.repeat(np.arange(len(problem)), problem.limits.shape[1])
    room = problem.room[:-1].clip(1)
    binds = limits < spare
    share = problem.draws.ravel()[binds] / room[limits[binds]]
    shape = (spare, len(problem))
    matrix = csr_array((share, (limits[binds], column[binds])), shape=shape).toarray()
    return matrix, problem.room[:-1] / room


def _constraints(problem, plan):
    matrix, room = _matrix(problem)
    kinds = np.arange(len(plan.least))[:, None] == problem.objective
    return [
        LinearConstraint(csr_array(matrix), ub=room),
        LinearConstraint(kinds.astype(np.float64), lb=plan.least),
        LinearConstraint(np.ones((1, len(problem))), plan.size, plan.size),
    ]


def _solved(scores, constraints, limit_s):
    """The portfolio with most score as a list of one, of none where time was too short."""
    answer = milp(
        -scores,
        constraints=constraints,
        integrality=np.ones(len(scores)),
        bounds=Bounds(0, 1),
        options={"mip_rel_gap": ENOUGH, "time_limit": max(limit_s, 0.1)},
    )
    return [] if answer.x is None else [np.flatnonzero(answer.x > 0.5)]
