"""Many portfolios side by side, and what each has left of every limit; no choice."""

from dataclasses import dataclass

import numpy as np

from pipeline_lib.portfolio.problem import Bools, Floats, Ints, Problem

OUT = -np.inf


@dataclass
class Holdings:
    """Portfolios, a row each, that change in place.

    Attributes:
        problem: what they are chosen from.
        left: (s, limits) what is left of each limit.
        inside: (s, n) which candidates are in.
    """

    problem: Problem
    left: Ints
    inside: Bools

    @classmethod
    def empty(cls, problem: Problem, count: int) -> "Holdings":
        """Begin with ``count`` empty portfolios."""
        left = np.broadcast_to(problem.room, (count, len(problem.room))).copy()
        return cls(problem, left, np.zeros((count, len(problem)), dtype=np.bool_))

    @classmethod
    def of(cls, problem: Problem, sets: Ints) -> "Holdings":
        """Begin with these portfolios, each a row of candidates."""
        held = cls.empty(problem, len(sets))
        rows = np.arange(len(sets))
        for bundles in sets.T:
            held.put(rows, bundles)
        return held

    def part(self, rows: Ints) -> "Holdings":
        """A copy of these rows."""
        return Holdings(self.problem, self.left[rows], self.inside[rows])

    def put(self, rows: Ints, bundles: Ints) -> None:
        """Put a candidate into each of the rows, no row twice."""
        self.inside[rows, bundles] = True
        places = rows[:, None], self.problem.limits[bundles]
        self.left[places] -= self.problem.draws[bundles]

    def take(self, rows: Ints, bundles: Ints) -> None:
        """Take a candidate out of each of the rows, no row twice."""
        self.inside[rows, bundles] = False
        places = rows[:, None], self.problem.limits[bundles]
        self.left[places] += self.problem.draws[bundles]

    def fit(self, rows: Ints, bundles: Ints) -> Bools:
        """Whether each candidate fits into what its row has left.

        Args:
            rows: (k,).
            bundles: (k, d).
        """
        left = self.left[rows[:, None, None], self.problem.limits[bundles]]
        return np.asarray((left >= self.problem.draws[bundles]).all(axis=2))

    def fitting(self) -> Bools:
        """(s, n) whether each candidate fits into what each portfolio has left."""
        fits = np.ones(self.inside.shape, dtype=np.bool_)
        for limits, draws in zip(self.problem.limits.T, self.problem.draws.T, strict=True):
            fits &= self.left[:, limits] >= draws
        return fits

    def block(self, rows: Ints, bundles: Ints, live: Floats) -> None:
        """Set to OUT the rivals of what was put into each row that do not fit any more."""
        rivals = self.problem.rivals[bundles]
        row, place = np.nonzero(~self.fit(rows, rivals))
        live[rows[row], rivals[row, place]] = OUT

    def sets(self) -> Ints:
        """(s, size) the candidates of each, ascending; all portfolios are of one size."""
        return np.nonzero(self.inside)[1].reshape(len(self.inside), -1)
