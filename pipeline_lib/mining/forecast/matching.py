"""Choosing the k pairs of highest total score with each product in at most ``cap`` of them.

Walking down the scores comes within a few percent of the best: it errs where one good pair keeps
two nearly as good ones out. The choice is then improved along alternating walks (add a pair, drop
one that shares a product, add ...), as in Berge's theorem on matchings, until no short walk gains.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline_lib.mining.forecast.pair_orders import Ints
from pipeline_lib.mining.measures import Floats

Chosen = NDArray[np.bool_]

POOL = 4000  # pairs of highest score among which better ones are looked for
HOPS = 4  # pairs that one walk may add
TRIES = 16  # ends of walks tried until one is valid
LEAST_GAIN = 1e-9  # of the total: below it a gain is rounding


class Walk(NamedTuple):
    """Pairs to add and to drop, and the score that it gains."""

    gain: float
    add: list[int]
    drop: list[int]


NOTHING = Walk(-np.inf, [], [])


@dataclass(frozen=True)
class Pool:
    """Candidate pairs, best first; each is two arrows, ``tail`` to ``head`` and back."""

    tail: Ints
    head: Ints
    score: Floats
    cap: int

    def room(self, chosen: Chosen) -> Ints:
        """Per product, in how many more pairs it may be."""
        uses = np.bincount(self.tail, np.tile(chosen, 2)).astype(np.int64)
        return self.cap - uses


def choose_pairs(left: Ints, right: Ints, score: Floats, *, k: int, cap: int | None) -> Ints:
    """Positions of at most ``k`` pairs with each product in at most ``cap`` of them (None: any).

    Returns:
        Best score first, equal scores in the order given. Fewer than ``k`` when no more fit.
        The total score is never below that of ``walk_down``.
    """
    walked = walk_down(left, right, score, k=k, cap=cap)
    if cap is None or len(walked) == 0:
        return walked
    order = np.argsort(-score, kind="stable")
    last = int(np.flatnonzero(order == walked[-1])[0])
    order = order[: max(POOL, last + 1)]
    ends = np.unique(np.concatenate([left[order], right[order]]), return_inverse=True)[1]
    pool = Pool(ends, np.roll(ends, len(order)), score[order], cap)
    return order[np.flatnonzero(_improved(pool, np.isin(order, walked), k))]


def walk_down(left: Ints, right: Ints, score: Floats, *, k: int, cap: int | None) -> Ints:
    """The same by greed alone: down the scores, past pairs with a product already in ``cap``."""
    order = np.argsort(-score, kind="stable")
    if cap is None:
        return order[:k]
    uses: dict[int, int] = {}
    chosen: list[int] = []
    for at in order.tolist():
        if len(chosen) == k:
            break
        ends = (int(left[at]), int(right[at]))
        if all(uses.get(end, 0) < cap for end in ends):
            chosen.append(at)
            uses.update({end: uses.get(end, 0) + 1 for end in ends})
    return np.array(chosen, dtype=np.int64)


def _improved(pool: Pool, chosen: Chosen, k: int) -> Chosen:
    """Apply the best walk while one gains."""
    least = LEAST_GAIN * float(np.abs(pool.score[chosen]).sum())
    while True:
        walk = max(_swap(pool, chosen), _stretch(pool, chosen, k), key=lambda walk: walk.gain)
        if walk.gain <= least:
            return chosen
        chosen = chosen.copy()
        chosen[walk.drop] = False
        chosen[walk.add] = True


def _swap(pool: Pool, chosen: Chosen) -> Walk:
    """The best walk that drops as many pairs as it adds."""
    return max(_walks(pool, chosen, even=True), key=lambda walk: walk.gain, default=NOTHING)


def _stretch(pool: Pool, chosen: Chosen, k: int) -> Walk:
    """The best walk that adds one pair more; of ``k`` chosen the worst is given up for it."""
    given_up = np.flatnonzero(chosen)[-1:] if chosen.sum() == k else np.zeros(0, np.int64)
    fewer = chosen.copy()
    fewer[given_up] = False
    walk = max(_walks(pool, fewer, even=False), key=lambda walk: walk.gain, default=NOTHING)
    gain = walk.gain - float(pool.score[given_up].sum())
    return Walk(gain, walk.add, [*given_up.tolist(), *walk.drop])


def _walks(pool: Pool, chosen: Chosen, *, even: bool) -> Iterator[Walk]:
    """Of each length the best walk from a product with room; an odd one also ends at one."""
    room = pool.room(chosen)
    gain = np.where(room > 0, 0.0, -np.inf)
    arrows = [np.flatnonzero(np.tile(side, 2)) for side in (~chosen, chosen)]
    value = np.tile(pool.score, 2)
    trail: list[Ints] = []
    for hop in range(2 * HOPS):
        adds = hop % 2 == 0
        gain, came = _hop(pool, gain, arrows[hop % 2], value if adds else -value)
        trail.append(came)
        if adds != even:
            ends = gain if even else np.where(room > 0, gain, -np.inf)
            yield from _traced(pool, trail, ends, room)


def _hop(pool: Pool, gain: Floats, arrows: Ints, value: Floats) -> tuple[Floats, Ints]:
    """Per product, the most that a walk one arrow longer gains, and that arrow (-1: none)."""
    tail, head = pool.tail[arrows], pool.head[arrows]
    reached = gain[tail] + value[arrows]
    best = np.full(len(gain), -np.inf)
    np.maximum.at(best, head, reached)
    came = np.full(len(gain), -1)
    hit = np.flatnonzero((reached == best[head]) & np.isfinite(reached))[::-1]
    came[head[hit]] = arrows[hit]
    return best, came


def _traced(pool: Pool, trail: list[Ints], ends: Floats, room: Ints) -> Iterator[Walk]:
    """The best of these walks that uses no pair twice and no more room than there is."""
    pairs = len(pool.score)
    for end in np.argsort(-ends, kind="stable")[:TRIES].tolist():
        at, used = end, []
        for came in reversed(trail):
            if came[at] < 0:
                break
            used.append(int(came[at]) % pairs)
            at = int(pool.tail[came[at]])
        odd = len(used) % 2 == 1
        if len(set(used)) == len(trail) and (not odd or at != end or room[at] > 1):
            used.reverse()
            yield Walk(float(ends[end]), used[::2], used[1::2])
            return
