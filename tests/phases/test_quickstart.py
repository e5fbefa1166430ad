import polars as pl

from pipeline_lib.phases import quickstart
from tests.conftest import lines_of, products_of
from tests.phases.test_enrich import keep


def test_ten_pairs_of_what_sells_most_are_shown_at_ten_per_cent_off(job):
    orders = [{"A": 1, "B": 1}] * 5 + [{f"P{n}": 1, "A": 1} for n in range(20)]
    keep(job, lines_of(*orders), products_of())
    job.artefacts.keep_json("facts.json", {"currency": "GBP", "newest_order": None})

    outcome = quickstart.run(job)

    shown = job.documents.read("previews/u").data["bundles"]
    assert len(shown) == outcome.kept["preview_bundles"] == 10
    assert {product["sku"] for product in shown[0]["products"]} == {"A", "B"}
    assert shown[0]["evidence"]["orders_together"] == 5
    assert shown[0]["pricing"]["bundle_price"] == "18.00"
    assert {one["wave"] for one in shown} == {0}
    assert outcome.then == ()


def test_a_product_on_two_lines_of_an_order_is_no_pair(job):
    keep(job, lines_of({"A": 1}, {"A": 1}).with_columns(order_id=pl.lit("#1")), products_of())
    job.artefacts.keep_json("facts.json", {"currency": "GBP", "newest_order": None})

    assert quickstart.run(job).kept["preview_bundles"] == 0
