import numpy as np
import polars as pl
import pytest

from pipeline_lib.mining.baskets import encode_shop
from pipeline_lib.mining.candidates.lines import Lines
from pipeline_lib.ranking import rules
from pipeline_lib.ranking.set_rules import (
    Decided,
    SetRules,
    decided_sets,
    times_chance,
)
from tests.conftest import lines_of, products_of
from tests.recommendations.made_recommendations import bundle_of, product, recommendation

NO_STOCK = pl.DataFrame(schema={"sku": pl.String, "available": pl.Int64})


def shop(*rows, orders=()):
    return encode_shop(lines_of(*orders), products_of(*rows), NO_STOCK)


def judged(rows, pair, *, seasons=None, month=6, decided=(), orders=(), units=(1, 1), lift=9.0):
    """The rule that a pair of SKUs breaks, and whether it is of one line."""
    found = shop(*rows, orders=orders)
    codes = dict(found.catalog.select("sku", "item").iter_rows())
    none = [frozenset()] * len(found.catalog)
    keeps = SetRules(
        found.catalog,
        Lines(found.catalog),
        none if seasons is None else [frozenset(seasons.get(sku, ())) for sku in codes],
        month,
        decided,
        1.0,
        lambda sets: np.ones(len(sets)),
    )
    sets = pl.DataFrame(
        {
            "items": [[codes[sku] for sku in pair]],
            "quantities": [list(units)],
            "lift": [lift],
            "expected_together": [10.0],
        }
    )
    return keeps.with_rules(sets).select("rule", "series").row(0)


TEA, CUP = {"sku": "TEA", "title": "Green tea"}, {"sku": "CUP", "title": "Stone cup"}


def test_two_different_things_break_no_rule():
    assert judged([TEA, CUP], ("TEA", "CUP")) == (None, False)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"handle": "mug", "title": "Blue"}, {"handle": "mug", "title": "Red"}),
        ({"title": "Cups, set of 4"}, {"title": "Cups, set of 6"}),
    ],
)
def test_variants_of_one_product_are_no_set(one, other):
    rows = [{"sku": "A", **one}, {"sku": "B", **other}]

    assert judged(rows, ("A", "B"))[0] == rules.VARIANTS


def test_what_is_out_of_stock_is_in_no_set():
    assert judged([{**TEA, "stock": 0}, CUP], ("TEA", "CUP"))[0] == rules.UNSELLABLE
    assert judged([{**TEA, "stock": 2}, CUP], ("TEA", "CUP"))[0] is None
    pack = judged([{**TEA, "stock": 2}, CUP], ("TEA", "CUP"), units=(3, 1))
    assert pack[0] == rules.UNSELLABLE


def test_what_is_sold_in_less_than_half_a_month_is_in_no_set():
    sold = [{"TEA": 1}] * 20

    assert judged([{**TEA, "stock": 9}, CUP], ("TEA", "CUP"), orders=sold)[0] == rules.UNSELLABLE
    assert judged([{**TEA, "stock": 10}, CUP], ("TEA", "CUP"), orders=sold)[0] is None


def test_a_season_has_to_be_at_hand_and_is_not_mixed():
    def rule(month, **seasons):
        return judged([TEA, CUP], ("TEA", "CUP"), seasons=seasons, month=month)[0]

    assert rule(6, TEA=(12,), CUP=(12,)) == rules.OUT_OF_SEASON
    assert rule(12, TEA=(12,), CUP=(12,)) is None
    assert rule(12, TEA=(12,)) == rules.MIXED_SEASONS
    assert rule(6, TEA=(4, 5, 6), CUP=(6, 7, 8)) == rules.MIXED_SEASONS
    assert rule(0, TEA=(12,), CUP=(12,)) is None


def test_what_is_bought_together_as_often_as_by_chance_is_no_set():
    assert judged([TEA, CUP], ("TEA", "CUP"), lift=1.1)[0] == rules.NEAR_CHANCE
    assert judged([TEA, CUP], ("TEA", "CUP"), lift=1.3)[0] is None


def test_large_orders_make_chance_larger_and_few_expected_orders_say_nothing():
    sets = pl.DataFrame(
        {
            "items": [[0, 1], [0, 1, 2], [0, 1]],
            "lift": [6.0, 6.0, 0.0],
            "expected_together": [10.0, 10.0, 0.1],
        }
    )

    assert times_chance(sets, crowding=2.0).to_list() == [3.0, 1.5, None]


@pytest.mark.parametrize("decision", rules.DECISIONS)
def test_a_set_that_was_decided_on_stays_away(decision):
    decided = [Decided(frozenset({"CUP", "TEA"}), decision)]

    assert judged([TEA, CUP], ("TEA", "CUP"), decided=decided)[0] == decision


def test_decisions_are_read_from_the_records_of_a_shop():
    def one(*skus, **flags):
        return recommendation(products=tuple(map(product, skus)), **flags)

    found = decided_sets(
        [one("A", "B", is_approved=True), one("C", is_rejected=True), one("D", is_approved=False)],
        [bundle_of(one("E", "F"))],
    )

    assert set(found) == {
        Decided(frozenset({"E", "F"}), rules.ACTIVE),
        Decided(frozenset({"A", "B"}), rules.APPROVED),
        Decided(frozenset({"C"}), rules.REJECTED),
    }
