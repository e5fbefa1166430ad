"""Weight vectors that cover a triangle evenly, each prefix as well as the whole; no values."""

import numpy as np

from pipeline_lib.portfolio.problem import Floats

PLASTIC = 1.32471795724474602596  # the real root of x^3 = x + 1
FIRST = np.vstack([np.eye(3), np.full((1, 3), 1 / 3)])


def weight_vectors(count: int) -> Floats:
    """(count, 3) weights, at least 0, that sum to 1: corners, middle, then the R2 sequence.

    The n-th point of the sequence is (n/g, n/g^2) modulo 1 for the plastic number g (M. Roberts,
    "The unreasonable effectiveness of quasirandom sequences", 2018), folded from the square
    into the triangle. More vectors begin with the same ones.
    """
    steps = np.arange(1, max(0, count - len(FIRST)) + 1)
    across, up = (steps / PLASTIC) % 1, (steps / PLASTIC**2) % 1
    beyond = across + up > 1
    across, up = np.where(beyond, 1 - across, across), np.where(beyond, 1 - up, up)
    return np.vstack([FIRST, np.column_stack([across, up, 1 - across - up])])[:count]
