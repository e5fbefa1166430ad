import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_lib.ranking import rules
from pipeline_lib.ranking.gate import (
    MOST_OF_A_PRODUCT,
    SERIES_SHARE,
    Contender,
    ListRules,
    choose_shown,
)


class Tens:
    """Items of the same ten are of one line."""

    def are_of_one_line(self, one, other):
        return one // 10 == other // 10


def contender(items, gain, *, objective="increase_aov", fit=0.5, kind="FBT", **more):
    series = len({item // 10 for item in items}) < len(items)
    return Contender(tuple(items), kind, objective, fit, gain, gain, series, **more)


def shown(*contenders, most=100, **keeps):
    return choose_shown(contenders, Tens(), ListRules(most, **keeps))


def test_sets_are_shown_by_what_they_gain():
    found = shown(contender((1, 11), 5.0), contender((21, 31), 9.0))

    assert found.rows == [1, 0]
    assert not found.left_out


def test_a_set_is_shown_once_with_its_best_objective_and_names_the_others():
    found = shown(
        contender((1, 11), 5.0, objective="gift_box", fit=0.6),
        contender((11, 1), 5.0, objective="new_launch", fit=1.0),
        contender((1, 11), 4.0, objective="increase_aov", fit=1.0),
    )

    assert found.rows == [1]
    assert found.others == {1: ["gift_box", "increase_aov"]}
    assert not found.left_out


def test_what_gains_nothing_is_left_out_unless_stock_must_go():
    found = shown(
        contender((1, 11), -5.0), contender((21, 31), -1.0, clears=True), contender((41, 51), 0.5)
    )

    assert found.rows == [1]
    assert found.left_out == {rules.NO_GAIN: 2}


def test_what_nothing_is_known_of_may_be_shown():
    unknown = contender((1, 11), 0.0)._replace(gain=None)

    assert shown(unknown).rows == [0]


@pytest.mark.parametrize("kind", ["BOGO", "VOLUME"])
def test_what_only_a_discount_makes_an_offer_needs_one(kind):
    found = shown(
        contender((1, 11), 5.0, kind=kind), contender((21, 31), 4.0, kind=kind, discounted=True)
    )

    assert found.rows == [1]
    assert found.left_out == {rules.NO_DISCOUNT: 1}


def test_of_equal_gain_the_simple_type_is_shown():
    found = shown(contender((1, 11), 5.0, kind="BOGO", discounted=True), contender((1, 11), 5.0))

    assert found.rows == [1]


def test_a_set_inside_a_larger_one_does_not_stand_beside_it():
    found = shown(
        contender((1, 11, 21), 9.0),
        contender((1, 11), 8.0),
        contender((31, 41), 7.0),
        contender((31, 41, 51), 6.0),
    )

    assert found.rows == [0, 2]
    assert found.left_out == {rules.PART: 2}


def test_the_same_two_lines_in_other_colours_are_options_of_the_first():
    found = shown(contender((1, 11), 9.0), contender((2, 12), 8.0), contender((1, 13), 7.0))

    assert found.rows == [0]
    assert found.options == {0: [1, 2]}
    assert found.left_out == {rules.SAME_LINES: 2}


def test_a_product_is_shown_beside_few_others():
    found = shown(*(contender((1, 10 * n + 1), 9.0 - n) for n in range(1, 6)))

    assert found.rows == [0, 1]
    assert found.left_out == {rules.CROWDED: 3}


def test_a_set_of_three_takes_two_places_of_each_product():
    found = shown(contender((1, 11, 21), 9.0), contender((1, 31), 8.0))

    assert found.rows == [0]


def test_sets_of_one_line_wait_for_their_share():
    lines = [contender((100 * n, 100 * n + 1), 99.0 - n) for n in range(1, 10)]
    others = [contender((1000 * n, 2000 * n + 500), 50.0 - n) for n in range(1, 41)]

    found = shown(*lines, *others)

    series = [row < len(lines) for row in found.rows]
    assert sum(series[:7]) == 0
    assert series[7]
    assert sum(series) == 9
    assert all(sum(series[:n]) <= n / 4 for n in range(1, len(series) + 1))


def test_the_list_is_no_longer_than_it_may_be():
    found = shown(contender((1, 11), 5.0), contender((21, 31), 4.0), most=1)

    assert found.rows == [0]
    assert found.left_out == {rules.BEYOND: 1}


def test_every_rule_has_its_sentence():
    names = {one for name, one in vars(rules).items() if name.isupper() and isinstance(one, str)}

    assert set(rules.SENTENCES) == names


items = st.lists(st.integers(0, 60), min_size=2, max_size=3, unique=True).map(tuple)
contenders = st.lists(
    st.builds(
        contender,
        items,
        st.floats(-5, 100),
        objective=st.sampled_from(["increase_aov", "gift_box"]),
        kind=st.sampled_from(["FBT", "BOGO", "MIX"]),
        discounted=st.booleans(),
    ),
    max_size=60,
)


@given(contenders)
def test_whatever_there_is_to_choose_from_the_list_keeps_its_rules(found):
    listed = shown(*found)

    chosen = [found[row] for row in listed.rows]
    sets = [frozenset(one.items) for one in chosen]
    assert len(set(sets)) == len(sets)
    assert all(one.gain >= 1 for one in chosen)
    assert not any(a < b for a in sets for b in sets)
    for item in range(61):
        assert sum(len(one) - 1 for one in sets if item in one) <= MOST_OF_A_PRODUCT
    for n in (20, 50):
        head = chosen[:n]
        assert sum(one.series for one in head) <= SERIES_SHARE * len(head)
    every = {frozenset(one.items) for one in found}
    assert len(every) == len(sets) + sum(listed.left_out.values())
