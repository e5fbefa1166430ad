from pipeline_lib.recommendations.withdrawn import TOLD, refigured

EVIDENCE = {
    "source": "co_purchase",
    "similarity": None,
    "orders_together": 5,
    "orders_each": [9, 7],
    "orders_total": 90,
    "lift": 7.1,
}
ONE = {
    "id": "u-1",
    "pricing": {"list_price": "3.00"},
    "ai_copy": {"title": "Tea"},
    "evidence": EVIDENCE,
    "explanation": "Bought together in 5 of 90 orders.",
    "confidence": 0.5,
    "grade": {"orders_together": 3},
}


def test_what_was_made_again_takes_its_figures_and_keeps_its_price_and_words():
    again = {
        **ONE,
        "pricing": None,
        "evidence": {"orders_together": 4},
        "explanation": "e",
        "confidence": 0.4,
    }

    one = refigured(ONE, again)

    assert (one["evidence"], one["explanation"], one["confidence"]) == (
        {"orders_together": 4},
        "e",
        0.4,
    )
    assert (one["pricing"], one["ai_copy"]) == (ONE["pricing"], ONE["ai_copy"])
    assert "grade" not in one


def test_what_was_not_made_again_has_no_figure_left():
    one = refigured(ONE, None)

    assert one["evidence"] == {
        "source": "co_purchase",
        "similarity": None,
        "orders_together": 0,
        "orders_each": [0, 0],
        "orders_total": 0,
        "lift": None,
    }
    assert (one["explanation"], one["confidence"]) == (TOLD, 0.0)


def test_a_bundle_has_only_the_figures_that_it_had():
    bundle = {"id": "u-1", "evidence": EVIDENCE}

    assert set(refigured(bundle, None)) == {"id", "evidence"}
