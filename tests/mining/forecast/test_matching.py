from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline_lib.mining.forecast.matching import choose_pairs, walk_down

edges = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(-3, 20)).filter(
        lambda edge: edge[0] < edge[1]
    ),
    max_size=9,
    unique_by=lambda edge: edge[:2],
)
sizes, caps = st.integers(0, 6), st.one_of(st.none(), st.integers(1, 3))


def arrays(pairs):
    left, right, score = np.array(pairs, dtype=np.int64).reshape(-1, 3).T
    return left, right, score.astype(np.float64)


def fits(pairs, chosen, cap):
    uses = np.bincount([end for at in chosen for end in pairs[at][:2]], minlength=6)
    return cap is None or uses.max(initial=0) <= cap


def greedy_by_hand(pairs, k, cap):
    chosen = []
    for at in sorted(range(len(pairs)), key=lambda at: (-pairs[at][2], at)):
        if len(chosen) < k and fits(pairs, [*chosen, at], cap):
            chosen.append(at)
    return chosen


def best_by_hand(pairs, size, cap):
    """The most that any choice of this many pairs is worth."""
    fitting = (c for c in combinations(range(len(pairs)), size) if fits(pairs, c, cap))
    return max(sum(pairs[at][2] for at in choice) for choice in fitting)


@given(edges, sizes, caps)
def test_walking_down_takes_what_fits_best_first(pairs, k, cap):
    assert walk_down(*arrays(pairs), k=k, cap=cap).tolist() == greedy_by_hand(pairs, k, cap)


@given(edges, sizes, caps)
def test_a_choice_fits_is_sorted_and_lies_between_greed_and_the_best(pairs, k, cap):
    chosen = choose_pairs(*arrays(pairs), k=k, cap=cap).tolist()

    greedy = greedy_by_hand(pairs, k, cap)
    worth = sum(pairs[at][2] for at in chosen)
    assert len(set(chosen)) == len(chosen) <= k
    assert fits(pairs, chosen, cap)
    assert chosen == sorted(chosen, key=lambda at: (-pairs[at][2], at))
    assert len(chosen) >= len(greedy)
    assert worth <= best_by_hand(pairs, len(chosen), cap)
    if len(chosen) == len(greedy):
        assert worth >= sum(pairs[at][2] for at in greedy)


def test_a_good_pair_gives_way_to_two_nearly_as_good():
    path = [(0, 1, 9), (1, 2, 10), (2, 3, 9)]

    assert walk_down(*arrays(path), k=2, cap=1).tolist() == [1]
    assert choose_pairs(*arrays(path), k=2, cap=1).tolist() == [0, 2]


def test_with_k_chosen_the_worst_makes_room_for_two():
    path = [(0, 1, 9), (1, 2, 10), (2, 3, 9), (4, 5, 1)]

    assert walk_down(*arrays(path), k=2, cap=1).tolist() == [1, 3]
    assert choose_pairs(*arrays(path), k=2, cap=1).tolist() == [0, 2]


def test_a_swap_of_two_for_two_is_found():
    path = [(0, 1, 9), (1, 2, 10), (2, 3, 9), (3, 4, 5)]

    assert choose_pairs(*arrays(path), k=2, cap=1).tolist() == [0, 2]


def test_on_catalogues_the_choice_beats_greed():
    greedy, chosen = 0.0, 0.0
    for seed in range(5):
        random = np.random.default_rng(seed)
        pairs = np.unique(np.sort(random.integers(0, 120, (900, 2)), axis=1), axis=0)
        left, right = pairs[pairs[:, 0] != pairs[:, 1]].T
        score = random.random(len(left))
        greedy += score[walk_down(left, right, score, k=40, cap=1)].sum()
        chosen += score[choose_pairs(left, right, score, k=40, cap=1)].sum()

    assert chosen > greedy * 1.001
