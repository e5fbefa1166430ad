from dataclasses import replace

import polars as pl
import pytest

from pipeline_lib import reports
from pipeline_lib.messages import Work
from pipeline_lib.phases import quickstart
from pipeline_lib.ports import Limits
from pipeline_lib.records.shops import Shop
from pipeline_lib.reports import Facts
from tests.conftest import lines_of, products_of
from tests.phases.test_enrich import keep


def test_ten_pairs_of_what_sells_most_are_shown_at_ten_per_cent_off(job):
    orders = [{"A": 1, "B": 1}] * 5 + [{f"P{n}": 1, "A": 1} for n in range(20)]
    keep(job, lines_of(*orders), products_of())
    job.artefacts.keep_json(reports.FACTS, Facts(currency="GBP", newest_order=None))

    outcome = quickstart.run(job)

    shown = job.collections.previews.read("u").record.bundles
    assert len(shown) == outcome.kept["preview_bundles"] == 10
    assert {product.sku for product in shown[0].products} == {"A", "B"}
    assert shown[0].evidence.orders_together == 5
    assert shown[0].pricing.bundle_price == "18.00"
    assert {one.wave for one in shown} == {0}


@pytest.mark.parametrize(
    ("limits", "skus"),
    [
        (Limits(preview_bundles=1), {("A", "B")}),
        (Limits(preview_products=3), {("A", "B"), ("A", "C")}),
        (Limits(preview=False), None),
    ],
)
def test_an_operator_says_how_much_a_preview_shows(job, limits, skus):
    orders = [{"A": 1, "B": 1}] * 5 + [{"A": 1, "C": 1}] * 4 + [{"A": 1, "D": 1}] * 3
    keep(job, lines_of(*orders), products_of())
    job.artefacts.keep_json(reports.FACTS, Facts(currency="GBP", newest_order=None))

    quickstart.run(replace(job, limits=limits))

    found = job.collections.previews.read("u")
    assert (found is None) == (skus is None)
    if found is not None:
        shown = [sorted(one.sku for one in bundle.products) for bundle in found.record.bundles]
        assert {*map(tuple, shown)} == skus


def test_a_product_on_two_lines_of_an_order_is_no_pair(job):
    keep(job, lines_of({"A": 1}, {"A": 1}).with_columns(order_id=pl.lit("#1")), products_of())
    job.artefacts.keep_json(reports.FACTS, Facts(currency="GBP", newest_order=None))

    assert quickstart.run(job).kept["preview_bundles"] == 0


def test_a_shop_that_had_its_bundles_gets_no_preview(job):
    job.collections.put(Shop(shop_id="shop", newest=Work("t", 1)))
    keep(job, lines_of(*[{"A": 1, "B": 1}] * 5), products_of())

    outcome = quickstart.run(job)

    assert outcome.kept["preview_bundles"] == 0
    assert job.collections.previews.read("u") is None


def test_without_orders_there_is_no_preview(job):
    keep(job, lines_of(), products_of({"sku": "A"}, {"sku": "B"}))

    assert quickstart.run(job).kept["preview_bundles"] == 0
    assert job.collections.previews.read("u") is None
