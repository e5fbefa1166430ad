"""Whether products meet more often than chance would have it, with few false discoveries.

The null hypothesis shuffles products over the lines: how often each is sold and how large each
basket is stay as they are.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

FALSE_DISCOVERY_RATE = 0.05


class Moments(NamedTuple):
    """Sums over basket sizes s: of s, of s (s - 1), and of s (s - 1) (s - 2); they add up."""

    lines: int
    pairs: int
    threes: int

    @classmethod
    def of(cls, sizes: Counts) -> "Moments":
        """The sums of these baskets."""
        pairs = sizes * (sizes - 1)
        return cls(int(sizes.sum()), int(pairs.sum()), int((pairs * (sizes - 2)).sum()))


def chance_of_meeting(moments: Moments) -> float:
    """How likely two given lines of the shuffled shop stand in one basket.

    sum(s (s - 1)) / (L (L - 1)) over basket sizes s and L lines: the share of the pairs of line
    places that lie in one basket. 0 where no basket has two lines.
    """
    lines = moments.lines
    return moments.pairs / (lines * (lines - 1)) if moments.pairs else 0.0


def chance_of_joining(moments: Moments) -> float:
    """How likely a line of the shuffled shop stands in the basket where two given ones meet.

    sum(s (s - 1) (s - 2)) / sum(s (s - 1)) / (L - 2): two lines meet in a large basket more
    easily than in a small one, and there is more room for a third. 0 where no basket has three.
    """
    return moments.threes / moments.pairs / (moments.lines - 2) if moments.threes else 0.0


def p_values(together: Counts, expected: Floats) -> Floats:
    """An upper bound of the chance to see so many orders together, or more.

    The count is Poisson under the null, being a sum of many rare meetings. Its upper tail is at
    most pmf(c) (c + 1) / (c + 1 - m) for a mean m < c + 1, because the terms of the tail fall at
    least as fast as a geometric series with ratio m / (c + 1). 1 where no more is seen than
    expected.
    """
    seen = together.astype(np.float64)
    mean = np.maximum(expected, np.finfo(np.float64).tiny)
    log_pmf = seen * np.log(mean) - mean - _log_factorials(together)
    with np.errstate(divide="ignore", invalid="ignore"):
        tail = np.exp(log_pmf) * (seen + 1) / (seen + 1 - mean)
    return np.where(seen > mean, np.minimum(tail, 1.0), 1.0)


def q_values(p: Floats, *, tests: int) -> Floats:
    """The least false-discovery rate at which each test passes.

    Y. Benjamini and Y. Hochberg, Controlling the false discovery rate, J. R. Stat. Soc. B 57
    (1995) 289-300: p times tests over rank, made monotone from the largest down.

    Args:
        p: the p-values at hand; the others of the ``tests`` are taken as 1.
        tests: how many hypotheses were there to test, at least ``len(p)``.
    """
    order = np.argsort(p, kind="stable")
    ranked = p[order] * tests / np.arange(1, len(p) + 1)
    lowest = np.minimum.accumulate(ranked[::-1])[::-1]
    q = np.empty_like(p)
    q[order] = np.minimum(lowest, 1.0)
    return q


def _log_factorials(counts: Counts) -> Floats:
    most = int(counts.max(initial=0))
    table = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, most + 1, dtype=np.float64)))])
    return table[counts]
