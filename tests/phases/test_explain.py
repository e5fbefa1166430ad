from datetime import UTC, datetime

import pytest

from pipeline_lib import frames, reports
from pipeline_lib.phases import deduplicate, explain, optimize, price
from pipeline_lib.recommendations.reasons import BundleFacts, explain_bundle
from pipeline_lib.reports import Facts
from tests.phases.test_candidates import CUPS, mined

AT = datetime(2026, 1, 28, tzinfo=UTC)


def test_each_bundle_is_told_why_in_the_numbers_of_its_evidence(job):
    mined(job, CUPS)
    job.artefacts.keep_json(reports.FACTS, Facts(currency="GBP", newest_order=AT))
    for phase in (deduplicate, optimize, price):
        phase.run(job)

    explain.run(job)

    (text,) = job.artefacts.frame(frames.Explained)["explanation"].to_list()
    assert text.startswith(
        "Bought together in 12 of 34 orders, 2.4 times what chance would give. Of the 12 orders "
        "with Saucer thing, 100.0 % also hold Cup thing (in orders to come expect "
    )
    assert "Offering them together at list price is estimated to earn " in text
    assert " GBP a month, with the margin of your settings (in eight of ten cases " in text


def product(**known):
    blank = dict.fromkeys(("created_at", "first_sold", "repeat_days", "product_type", "stock"))
    return (
        {"title": "Tea", "price_minor": 500, "month_units": 0, "repeat_rate": 0.0} | blank | known
    )


def row(objective, **known):
    nothing = {"orders_together": 0, "orders_total": 0, "source": "content", "similarity": 0.5}
    return {"objective": objective, "gain": None, "quantities": [1, 1]} | nothing | known


def test_without_orders_it_says_that_nothing_was_seen():
    text = explain_bundle(row("gift_box"), BundleFacts([product(), product()], None, "GBP"))

    assert text.startswith("No orders were given, so no co-purchase was seen: their titles")


@pytest.mark.parametrize(
    ("objective", "known", "sentence"),
    [
        (
            "clear_slow_movers",
            {"is_slow_mover": True, "stock": 60, "month_units": 5},
            "It carries along Tea, of which the stock lasts 12 months.",
        ),
        (
            "clear_slow_movers",
            {"is_slow_mover": True, "stock": 60},
            "It carries along Tea, of which 60 are in stock and none sold of late.",
        ),
        ("clear_slow_movers", {"is_slow_mover": True}, "It carries along Tea, which sells slowly."),
        ("seasonal_promo", {"is_seasonal": True}, "The season of Tea is at hand."),
        (
            "new_launch",
            {"is_new_launch": True, "first_sold": datetime(2026, 1, 18, tzinfo=UTC)},
            "It introduces Tea, 10 days old.",
        ),
        (
            "subscription_push",
            {"repeat_rate": 0.4, "repeat_days": 31.0},
            "Of the customers of Tea, 40.0 % bought it again, after 31 days in the median.",
        ),
        (
            "margin_guard",
            {"margin_basis": "cost", "margin_rate": 0.61},
            "Each leaves 61.0 % of its price or more after cost.",
        ),
        ("category_bundle", {"product_type": "Larder"}, "All are of the category Larder."),
    ],
)
def test_each_objective_is_told_by_its_own_figures(objective, known, sentence):
    facts = BundleFacts([product(**known), product(**known)], AT, "GBP")

    assert sentence in explain_bundle(row(objective), facts)


@pytest.mark.parametrize("objective", ["margin_guard", "new_launch", "subscription_push"])
def test_what_is_not_known_is_not_claimed(objective):
    text = explain_bundle(row(objective), BundleFacts([product(), product()], None, "GBP"))

    assert text.endswith("(similarity 0.50).")


def test_prices_rise_only_where_they_do():
    prices = (500, 900, 1500)
    rising = [product(product_type="Tea", price_minor=price) for price in prices]
    level = [product(product_type="Tea", price_minor=500) for _ in prices]
    bundle = row("category_bundle")

    assert "at prices from 5.00 to 15.00" in explain_bundle(
        bundle, BundleFacts(rising, None, "GBP")
    )
    assert "at prices" not in explain_bundle(bundle, BundleFacts(level, None, "GBP"))
