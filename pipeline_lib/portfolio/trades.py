"""One bundle out, another in: which such trades portfolios bear, and what comes of them."""

from typing import NamedTuple

import numpy as np

from pipeline_lib.portfolio.greedy import Plan
from pipeline_lib.portfolio.holdings import OUT, Holdings
from pipeline_lib.portfolio.problem import Bools, Floats, Ints

GAIN = 1e-9  # a smaller one is rounding, and would go round in circles
ROUNDS = 20


class Trades(NamedTuple):
    """In the portfolio of ``row``, ``enters`` comes for ``leaves``; no rule is broken by it."""

    row: Ints
    leaves: Ints
    enters: Ints
    gain: Floats

    def at(self, places: Ints | Bools) -> "Trades":
        """Those at the places, or where it is true."""
        row, leaves, enters, gain = self
        return Trades(row[places], leaves[places], enters[places], gain[places])


def improve(held: Holdings, plan: Plan, scores: Floats) -> None:
    """Make each portfolio's best trades by its own scores, round after round, while they gain."""
    rows = np.arange(len(scores))
    for _ in range(ROUNDS):
        found = _gaining(held, plan, scores, rows)
        rows = np.unique(found.row)
        if not len(rows):
            return
        while len(found.row):
            row, first = np.unique(found.row, return_index=True)
            held.take(row, found.leaves[first])
            held.put(row, found.enters[first])
            found = _borne(held, plan, found)


def neighbours(held: Holdings, plan: Plan, scores: Floats, *, most: int) -> Ints:
    """The portfolios one trade away that lose least by the scores, ``most`` of each looked at.

    Returns:
        (k, size) candidates, ascending in a row.
    """
    sets = held.sets()
    gain = scores[:, None, :] - np.take_along_axis(scores, sets, axis=1)[:, :, None]
    gain[~_may(held, plan, sets) | (gain > GAIN)] = OUT  # after improvement no gain fits
    gain = gain.reshape(len(sets), -1)
    kept = min(most, gain.shape[1])
    place = np.argpartition(gain, -kept, axis=1)[:, -kept:]
    row, column = np.nonzero(np.take_along_axis(gain, place, axis=1) > OUT)
    place = place[row, column]
    slot, enters = np.divmod(place, len(held.problem))
    found = _borne(held, plan, Trades(row, sets[row, slot], enters, gain[row, place]))
    sets = sets[found.row]
    traded = np.where(sets == found.leaves[:, None], found.enters[:, None], sets)
    return np.sort(traded, axis=1)


def _gaining(held: Holdings, plan: Plan, scores: Floats, rows: Ints) -> Trades:
    """The trades of these rows that gain, by row, most gain first, then by candidates."""
    sets, entering = held.sets()[rows], scores[rows]
    enough = np.take_along_axis(entering, sets, axis=1) + GAIN
    gains = entering[:, None, :] > enough[:, :, None]
    row, slot, enters = np.nonzero(gains & _may(held.part(rows), plan, sets))
    row, leaves = rows[row], sets[row, slot]
    gain = scores[row, enters] - scores[row, leaves]
    found = _borne(held, plan, Trades(row, leaves, enters, gain))
    return found.at(np.lexsort((found.enters, found.leaves, -found.gain, found.row)))


def _may(held: Holdings, plan: Plan, sets: Ints) -> Bools:
    """(s, size, n) what may enter for what, as far as it is known without counting draws."""
    problem = held.problem
    fits = held.fitting()[:, None, :] | problem.rivalry[sets]
    kinds = problem.objective[sets]
    spare = np.take_along_axis(_spare(held, plan), kinds, axis=1)
    keeps = spare[:, :, None] | (kinds[:, :, None] == problem.objective)
    return np.asarray(fits & keeps & ~held.inside[:, None, :])


def _spare(held: Holdings, plan: Plan) -> Bools:
    """(s, objectives) whether there are more bundles of an objective than the plan asks for."""
    kinds = held.problem.objective[:, None] == np.arange(len(plan.least))
    return np.asarray(held.inside.astype(np.int64) @ kinds.astype(np.int64) > plan.least)


def _borne(held: Holdings, plan: Plan, found: Trades) -> Trades:
    """Those of the trades that can be made and keep every rule, in the same order."""
    problem, (row, leaves, enters, _) = held.problem, found
    kind = problem.objective[leaves]
    keeps = _spare(held, plan)[row, kind] | (kind == problem.objective[enters])
    possible = held.inside[row, leaves] & ~held.inside[row, enters] & keeps
    found = found.at(possible)
    limits = problem.limits[found.enters]
    same = limits[:, :, None] == problem.limits[found.leaves][:, None, :]
    freed = (same * problem.draws[found.leaves][:, None, :]).sum(axis=2)
    left = held.left[found.row[:, None], limits] + freed
    fits = (left >= problem.draws[found.enters]).all(axis=1)
    return found.at(fits)
