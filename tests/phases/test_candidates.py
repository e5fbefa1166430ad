from random import Random

import pytest

from pipeline_lib import frames, reports
from pipeline_lib.errors import TooLittleEvidence
from pipeline_lib.phases import candidates, enrich, score
from tests.conftest import lines_of, products_of
from tests.phases.test_enrich import keep

CUPS = [{"CUP": 1, "SAUCER": 1}] * 12 + [{"TEA": 3}] * 20 + [{"TEA": 1, "CUP": 1}] * 2


def mined(job, orders, *products):
    keep(job, lines_of(*orders), products_of(*products))
    enrich.run(job)
    score.run(job)
    outcome = candidates.run(job)
    skus = job.artefacts.frame(frames.Catalog)["sku"].to_list()
    found = job.artefacts.frame(frames.Candidates).rows(named=True)
    return outcome, [{**row, "skus": [skus[item] for item in row["items"]]} for row in found]


def test_what_is_bought_together_is_found_with_its_exact_counts(job):
    outcome, found = mined(job, CUPS)

    pair = next(row for row in found if row["bundle_type"] == "FBT")
    assert pair["skus"] == ["SAUCER", "CUP"]
    assert (pair["orders_together"], pair["orders_each"]) == (12, [12, 14])
    assert pair["orders_total"] == 34
    assert pair["expected_together"] == pytest.approx(12 * 14 / 34)
    assert pair["lift"] == pytest.approx(34 / 14)
    assert pair["confidence"] == 1
    drift = job.artefacts.json(reports.OUTLOOK).drift
    assert 0.75 * drift < pair["confidence_low"] < drift
    assert pair["rung"] == "strict"
    assert not any(set(row["skus"]) == {"TEA", "CUP"} for row in found)
    assert outcome.kept["candidates"] == len(found)


def test_what_is_bought_several_at_a_time_becomes_a_pack(job):
    _, found = mined(job, CUPS)

    pack = next(row for row in found if row["bundle_type"] == "VOLUME")
    assert (pack["skus"], pack["quantities"]) == (["TEA"], [3])
    assert (pack["orders_together"], pack["orders_each"]) == (20, [22])
    assert pack["lift"] is None


def test_products_without_orders_are_paired_by_their_words(job):
    words = ["Oak salad servers", "Oak salad bowl", "Linen napkin, blue", "Linen napkin ring, blue"]
    rows = [{"sku": f"S{n}", "title": title} for n, title in enumerate(words)]
    others = [{"sku": f"X{n}", "title": f"Thing{chr(97 + n) * 3}"} for n in range(20)]
    _, found = mined(job, [], *rows, *others)

    assert {frozenset(row["skus"]) for row in found} == {
        frozenset({"S0", "S1"}),
        frozenset({"S2", "S3"}),
    }
    assert {row["source"] for row in found} == {"content"}
    assert {row["orders_together"] for row in found} == {0}


def test_a_category_gives_series_of_rising_price(job):
    prices = [500, 600, 1500, 1600, 4000, 4100]
    rows = [
        {"sku": f"T{n}", "title": f"Tea {chr(97 + n) * 3}", "product_type": "Tea", "price_minor": p}
        for n, p in enumerate(prices)
    ]
    _, found = mined(job, [{"T0": 1, "T2": 1, "T4": 1}] * 3 + [{"T1": 1}], *rows)

    series = [row["skus"] for row in found if row["bundle_type"] == "MIX"]
    assert ["T0", "T2", "T4"] in [sorted(skus) for skus in series]


def test_a_shop_of_which_nothing_could_be_read_is_told_that_it_is_too_little(job):
    with pytest.raises(TooLittleEvidence, match="No product is in the files"):
        mined(job, [])


def test_a_shop_without_signal_is_told_so_with_the_numbers(job):
    alike = [{"sku": f"S{n}", "title": f"Oak bowl {chr(97 + n) * 3}"} for n in range(4)]
    others = [{"sku": f"X{n}", "title": f"Thing{chr(97 + n) * 3}"} for n in range(40)]
    random = Random(3)
    orders = [dict.fromkeys((f"X{random.randrange(40)}" for _ in range(2)), 1) for _ in range(80)]

    mined(job, orders, *alike, *others)

    told = job.artefacts.json(reports.SIGNAL)
    assert told.signal is False
    assert told.summary.startswith("No signal: 0 of ")
    assert "80 orders" in told.summary


def test_nothing_to_find_is_said_with_the_numbers(job):
    with pytest.raises(TooLittleEvidence, match="from 3 orders of 3 products"):
        mined(job, [{"A": 1}, {"B": 1}, {"C": 1}])
