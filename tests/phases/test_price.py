from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_lib import frames, reports
from pipeline_lib.frames import OBJECTIVES
from pipeline_lib.phases import deduplicate, optimize, price
from pipeline_lib.pricing.pricing import CAPS_PCT, charm, price_bundle
from pipeline_lib.pricing.tiers import never_undercut, tiers
from pipeline_lib.records.uploads import Parameters
from pipeline_lib.reports import Facts
from tests.phases.test_candidates import CUPS, mined

prices = st.integers(1, 10_000_000)


def test_every_bundle_of_the_portfolio_gets_a_price_within_its_bounds(job):
    asked = replace(job, parameters=Parameters(pricing="evidence"))
    mined(asked, CUPS, {"sku": "CUP", "cost_minor": 990}, {"sku": "SAUCER", "cost_minor": 995})
    job.artefacts.keep_json(reports.FACTS, Facts(currency="GBP", newest_order=None))
    deduplicate.run(asked)
    optimize.run(asked)

    price.run(asked)

    rows = job.artefacts.frame(frames.Priced).rows(named=True)
    pair = next(row for row in rows if row["bundle_type"] == "FBT")
    assert (pair["list_minor"], pair["bundle_minor"]) == (2000, 2000)
    assert pair["margin_pct"] == 0.75
    pack = next(row for row in rows if row["bundle_type"] == "VOLUME")
    assert pack["margin_pct"] is None
    assert pack["tiers"][0]["price_minor"] == pack["bundle_minor"] < pack["list_minor"]


def test_the_gain_of_the_whole_list_is_told_once_with_its_range(job):
    mined(job, CUPS)
    job.artefacts.keep_json(reports.FACTS, Facts(currency="GBP", newest_order=None))
    deduplicate.run(job)
    optimize.run(job)

    price.run(job)

    whole, rows = job.artefacts.json(reports.GAIN), job.artefacts.frame(frames.Priced)
    assert whole.expected == pytest.approx(rows["gain_minor"].sum(), abs=0.1)
    assert whole.low < whole.expected < whole.high
    assert whole.response["theta"] == 0.15


@given(
    prices,
    st.none() | prices,
    st.floats(0, 1),
    st.sampled_from(OBJECTIVES),
    st.sampled_from(["GBP", "JPY", "KWD"]),
)
def test_no_rounding_breaks_the_cap_or_the_cost(whole, cost, discount, objective, currency):
    found = price_bundle(
        list_minor=whole, cost_minor=cost, discount=discount, objective=objective, currency=currency
    )

    least, most = CAPS_PCT[objective]
    floor = min(cost or 0, whole)
    assert found.bundle_minor >= floor
    assert 100 * found.bundle_minor >= (100 - most) * whole or found.bundle_minor == 1
    assert found.bundle_minor <= whole
    given_off = whole - found.bundle_minor
    assert given_off == 0 or given_off >= 0.03 * whole
    if 100 * floor <= (100 - max(least, 4)) * whole and whole > 1_000:
        assert 100 * found.bundle_minor <= (100 - least) * whole


@given(
    st.integers(1, 100_000),
    st.none() | st.integers(1, 100_000),
    st.integers(2, 12),
    st.floats(0, 0.5),
    st.sampled_from(OBJECTIVES),
    st.sampled_from(["GBP", "JPY"]),
)
def test_no_pack_is_dearer_by_the_unit_than_a_smaller_one(
    unit, cost, pack, discount, objective, currency
):
    first = price_bundle(
        list_minor=unit * pack,
        cost_minor=None if cost is None else cost * pack,
        discount=discount,
        objective=objective,
        currency=currency,
    )
    found = tiers(
        unit_minor=unit,
        unit_cost_minor=cost,
        pack=pack,
        first_minor=first.bundle_minor,
        objective=objective,
        currency=currency,
    )

    assert never_undercut(found)
    assert found[0].price_minor == first.bundle_minor
    for tier in found:
        assert tier.price_minor >= min(cost or 0, unit) * tier.units


@pytest.mark.slow
def test_in_a_hundred_thousand_cases_none_is_priced_under_its_cost():
    random = Random(7)
    for _ in range(100_000):
        whole = random.randint(1, 10 ** random.randint(1, 7))
        cost = random.randint(1, whole)
        found = price_bundle(
            list_minor=whole,
            cost_minor=cost,
            discount=random.random(),
            objective=random.choice(OBJECTIVES),
            currency=random.choice(["GBP", "JPY", "KWD"]),
        )
        assert found.bundle_minor >= cost


@given(prices, st.sampled_from(["GBP", "JPY"]))
def test_without_a_discount_the_price_is_the_list_price_and_not_a_penny_less(whole, currency):
    found = price_bundle(
        list_minor=whole, cost_minor=None, discount=0, objective="margin_guard", currency=currency
    )

    assert (found.bundle_minor, found.discount_pct) == (whole, 0)


@pytest.mark.parametrize(
    ("wanted", "low", "high", "decimals", "charming"),
    [
        (4312, 4000, 4500, 2, 4300),
        (4397, 4000, 4500, 2, 4399),
        (4397, 4000, 4398, 2, 4395),
        (4312, 4310, 4315, 2, 4312),
        (52, 40, 60, 2, 49),
        (4312, 4000, 4500, 0, 4310),
        (4318, 4000, 4500, 0, 4319),
    ],
)
def test_a_charm_ending_is_the_nearest_that_fits(wanted, low, high, decimals, charming):
    assert charm(wanted, low=low, high=high, decimals=decimals) == charming
