import polars as pl

from pipeline_lib import frames, reports
from pipeline_lib.phases import enrich
from tests.conftest import lines_of, products_of


def keep(job, lines, products, stock=()):
    job.artefacts.keep(frames.OrderLines, lines, part=0)
    job.artefacts.keep(frames.Products, products)
    job.artefacts.keep(
        frames.StockLevels, pl.DataFrame(stock, schema=frames.StockLevels.schema, orient="row")
    )


def test_lines_become_baskets_whose_codes_are_rows_of_the_catalogue(job):
    lines = lines_of({"B": 1, "A": 2}, {"A": 1})
    keep(job, pl.concat([lines, lines.head(1)]), products_of())

    outcome = enrich.run(job)

    catalog = job.artefacts.frame(frames.Catalog)
    assert catalog["sku"].to_list() == ["A", "B"]
    assert job.artefacts.frame(frames.BasketItems).rows() == [(0, 0, 2), (0, 1, 2), (1, 0, 1)]
    assert catalog["orders"].to_list() == [2, 1]
    assert catalog["title"].to_list() == ["A thing", "B thing"]
    assert outcome.kept["orders"] == 2


def test_the_catalogue_keeps_its_own_words_and_the_inventory_has_the_last_word_on_stock(job):
    products = products_of(
        {"sku": "A", "title": "Oak board", "price_minor": 1999, "stock": 5, "cost_minor": 900},
        {"sku": "C", "title": "Never sold", "stock": 7},
    )
    keep(job, lines_of({"A": 1, "B": 1}), products, [("A", 3)])

    enrich.run(job)

    rows = {row["sku"]: row for row in job.artefacts.frame(frames.Catalog).iter_rows(named=True)}
    assert rows["A"]["title"] == "Oak board"
    assert (rows["A"]["price_minor"], rows["A"]["stock"]) == (1999, 3)
    assert rows["B"]["price_minor"] == 1000
    assert (rows["C"]["orders"], rows["C"]["stock"]) == (0, 7)


def test_what_the_orders_can_promise_is_counted_before_anything_is_mined(job):
    keep(job, lines_of({"A": 1, "B": 1}, {"A": 1}), products_of({"sku": "A"}))

    enrich.run(job)

    ready = job.artefacts.json(reports.READINESS)
    assert (ready.orders, ready.baskets, ready.products) == (2, 1, 2)
    assert ready.outcome == "too_little_evidence"
    assert ready.matched == 2 / 3
    assert ready.cannot


def test_archived_products_and_their_lines_are_out(job):
    keep(
        job,
        lines_of({"A": 1, "B": 1}, {"B": 1}),
        products_of({"sku": "A"}, {"sku": "B", "status": "archived"}),
    )

    outcome = enrich.run(job)

    assert job.artefacts.frame(frames.Catalog)["sku"].to_list() == ["A"]
    assert outcome.kept["deleted_product"] == 2


def test_flags_tell_slow_high_margin_and_seasonal_products(job):
    products = products_of(
        {"sku": "A", "cost_minor": 900},
        {"sku": "B", "cost_minor": 100, "title": "Christmas star"},
        {"sku": "C", "cost_minor": 800},
    )
    keep(job, lines_of({"A": 9, "B": 5}, {"A": 9, "C": 1}), products)

    enrich.run(job)

    rows = {row["sku"]: row for row in job.artefacts.frame(frames.Catalog).iter_rows(named=True)}
    assert [sku for sku, row in rows.items() if row["is_slow_mover"]] == ["C"]
    assert [sku for sku, row in rows.items() if row["is_high_margin"]] == ["B"]
    assert [sku for sku, row in rows.items() if row["is_seasonal"]] == ["B"]
    assert {row["margin_basis"] for row in rows.values()} == {"cost"}


def test_orders_without_prices_give_no_discount_and_no_nan(job):
    lines = lines_of({"A": 1, "B": 1}).with_columns(price_minor=pl.lit(None, pl.Int64))
    keep(job, lines, products_of({"sku": "A", "price_minor": 500}, {"sku": "B"}))

    enrich.run(job)

    assert job.artefacts.frame(frames.Catalog)["discount_rate"].to_list() == [0.0, 0.0]
