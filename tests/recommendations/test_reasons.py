import pytest

from pipeline_lib.recommendations.reasons import BundleFacts, explain_bundle

EVIDENCE = {
    "source": "co_purchase", "orders_together": 60, "orders_total": 900, "orders_each": [80, 100],
    "lift": 6.75, "confidence": 0.75, "confidence_low": 0.4, "similarity": None,
}  # fmt: skip


def told(**changed):
    row = {**EVIDENCE, "objective": "increase_aov", "quantities": [1, 1], "gain": None, **changed}
    return explain_bundle(row, BundleFacts([{"title": "Tea"}, {"title": "Cup"}], None, "EUR"))


def test_a_multiple_of_chance_is_told_where_orders_enough_stand_behind_it():
    assert "60 of 900 orders, 6.8 times what chance would give" in told()


@pytest.mark.parametrize("changed", [{"orders_together": 2, "lift": 6372.4}, {"lift": 6372.4}])
def test_no_multiple_is_told_of_a_few_orders_or_of_next_to_nothing(changed):
    assert "times" not in told(**changed)


def test_products_that_only_their_prices_join_are_said_to_be_just_that():
    said = told(source="price", orders_together=0, orders_total=0, similarity=0.9)

    assert "nothing else is known" in said
