"""From candidates to the front of portfolios and the one to show; no opinion on a bundle."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from pipeline_lib.portfolio.fronts import compromise, knee, non_dominated
from pipeline_lib.portfolio.greedy import Plan, plan_of, walked
from pipeline_lib.portfolio.hypervolume import hypervolume
from pipeline_lib.portfolio.prices import shadow_priced
from pipeline_lib.portfolio.problem import Bundles, Floats, Ints, Problem, Rules, problem_of
from pipeline_lib.portfolio.trades import improve, neighbours
from pipeline_lib.portfolio.weights import weight_vectors

WEIGHT_VECTORS = 140
NEIGHBOURS = 100
CORNERS = 3  # weight vectors that ask for one value alone
BATCH = 25  # weight vectors at a time, which bounds the memory


class Box(NamedTuple):
    """What hypervolume is a share of: the corners, (3,) each."""

    worst: Floats
    best: Floats


@dataclass(frozen=True, kw_only=True)
class Front:
    """Portfolios of which none is better than another in all of revenue, margin and risk.

    Attributes:
        sets: (f, size) rows of the candidates, ascending; portfolios by revenue, margin and
            less risk, best first; of those equal in all, the first found alone.
        values: (f, 3) revenue and margin, and risk with its sign turned.
        hypervolume: share of ``box_of`` the corner weightings, which is the same for any number
            of weight vectors.
        knee: the portfolio where the front bends most; None where it does not.
        chosen: the one to show: the knee, or the nearest to the best of all; None of none.
        least: by objective, how many bundles every portfolio has of it.
    """

    sets: Ints
    values: Floats
    hypervolume: float
    knee: int | None
    chosen: int | None
    least: Ints

    @classmethod
    def of(cls, problem: Problem, plan: Plan, found: Sequence[Ints]) -> "Front":
        """The front of what was found, that of the corner weightings first."""
        if not found:
            none = np.zeros((0, 0), dtype=np.int64)
            return cls(
                sets=none,
                values=np.zeros((0, 3)),
                hypervolume=0.0,
                knee=None,
                chosen=None,
                least=plan.least,
            )
        box = box_of(problem, found[0])
        sets = np.vstack(found)
        values = problem.totals(sets)
        kept = np.flatnonzero(non_dominated(values))
        kept = kept[np.lexsort(-values[kept].T[::-1])]
        bend = knee(values[kept])
        return cls(
            sets=sets[kept],
            values=values[kept],
            hypervolume=hypervolume(values[kept], worst=box.worst, best=box.best),
            knee=bend,
            chosen=compromise(values[kept]) if bend is None else bend,
            least=plan.least,
        )


def portfolios(bundles: Bundles, rules: Rules, *, weight_count: int = WEIGHT_VECTORS) -> Front:
    """Choose sets of bundles that make the most of revenue and margin with the least risk.

    For each weight vector: scores less the shadow prices of scarce stock and of products in
    many bundles, a greedy walk down them, trades of one bundle for another while they gain;
    then the portfolios one trade away, which fill the front between. Equal input, equal front;
    more weight vectors never make it smaller.

    Args:
        bundles: the candidates, all numbers finite but for unknown stock.
        rules: what every portfolio keeps, as far as ``greedy.plan_of`` finds possible.
        weight_count: how many weightings to try, at least CORNERS.
    """
    problem = problem_of(bundles, rules)
    plan = plan_of(problem)
    if not plan.size:
        return Front.of(problem, plan, [])
    weights = weight_vectors(weight_count)
    ends = [0, *range(CORNERS, weight_count, BATCH), weight_count]
    batches = [weights[begin:end] for begin, end in pairwise(ends)]
    return Front.of(problem, plan, [searched(problem, plan, part) for part in batches])


def searched(problem: Problem, plan: Plan, weights: Floats) -> Ints:
    """(s, size) the portfolios found for these weight vectors and one trade around them."""
    spread = problem.values.std(axis=0)
    scaled = problem.values / np.where(spread > 0, spread, 1.0)
    scores = np.asarray((weights[:, None, :] * scaled).sum(axis=2))
    held = walked(problem, plan, shadow_priced(problem, plan, scores))
    improve(held, plan, scores)
    sets, first = np.unique(held.sets(), axis=0, return_index=True)
    around = neighbours(held.part(first), plan, scores[first], most=NEIGHBOURS)
    return np.vstack([sets, around])


def box_of(problem: Problem, sets: Ints) -> Box:
    """The box that the corner weightings' portfolios span, a tenth longer at the worst end.

    Ends exactly at the worst would count the extreme portfolios for nothing (Ishibuchi et al.,
    "How to specify a reference point in hypervolume calculation for fair performance
    comparison", 2018).
    """
    values = problem.totals(sets)
    worst, best = values.min(axis=0), values.max(axis=0)
    return Box(worst - (best - worst) / 10, best)
