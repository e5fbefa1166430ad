from pipeline_lib import frames, reports
from pipeline_lib.phases import deduplicate, explain, optimize, price
from pipeline_lib.recommendations.reasons import explained
from pipeline_lib.reports import Facts
from tests.phases.test_candidates import CUPS, mined


def test_each_bundle_is_told_why_in_the_numbers_of_its_evidence(job):
    mined(job, CUPS)
    job.artefacts.keep_json(reports.FACTS, Facts(currency="GBP", newest_order=None))
    for phase in (deduplicate, optimize, price):
        phase.run(job)

    explain.run(job)

    told = job.artefacts.frame(frames.Explained)["explanation"].to_list()
    pair = next(text for text in told if "orders with Saucer" in text)
    assert pair.startswith(
        "Bought together in 12 of 34 orders, 2.4 times what chance would give. Of the 12 orders "
        "with Saucer thing, 100.0 % also hold Cup thing (in orders to come expect "
    )
    pack = next(text for text in told if " took " in text)
    assert pack.startswith("Of the 22 orders with Tea thing, 20 (90.9 %) took 3 or more")


def test_without_orders_it_says_that_nothing_was_seen():
    evidence = {"source": "content", "orders_together": 0, "orders_total": 0, "similarity": 0.5}

    told = explained(evidence, objective="gift_box", names=["A", "B"], units=1)

    assert told.startswith("No orders were given, so no co-purchase was seen: their titles")
