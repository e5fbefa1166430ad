import io
from dataclasses import replace

import pytest

from pipeline_lib import frames, reports
from pipeline_lib.errors import BadExport
from pipeline_lib.phases import ingest
from pipeline_lib.reports import Facts
from tests.shops import cut, exports


def landed(job, **files):
    names = {slot: f"u/{slot}/{slot}.csv" for slot in files}
    for slot, content in files.items():
        job.landing.write_once(names[slot], io.BytesIO(content))
    return replace(job, files=names)


def test_the_three_exports_become_lines_products_and_stock(job):
    orders = cut(exports()["orders"], 500)
    given = landed(job, **{**exports(), "orders": orders})

    outcome = ingest.run(given)

    lines = job.artefacts.frame(frames.OrderLines)
    assert outcome.kept["lines"] == len(lines) > 400
    assert job.artefacts.frame(frames.Products)["sku"].n_unique() == outcome.kept["products"]
    assert job.artefacts.frame(frames.StockLevels)["available"].sum() > 0
    assert job.artefacts.json(reports.FACTS).currency == "GBP"


def test_every_row_is_accounted_for(job):
    given = landed(job, **exports())

    ingest.run(given)

    report = job.artefacts.json(reports.IMPORT)
    assert report.rows == report.kept + sum(report.set_aside.values()) + report.rejected


def test_products_alone_leave_no_lines_and_no_currency(job):
    ingest.run(landed(job, products=exports()["products"]))

    assert job.artefacts.frame(frames.OrderLines).is_empty()
    assert job.artefacts.json(reports.FACTS) == Facts(currency="XXX", newest_order=None)


def priced_in(text):
    """A file of two products whose prices are written as ``text`` has them."""
    rows = "".join(f"Board {n},board-{n},B{n},{text}\n" for n in (1, 2))
    return f"Title,URL handle,SKU,{'Price,Currency' if text.endswith(',JPY') else 'Price'}\n{rows}"


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("12.00,JPY", "JPY", 12),
        ("12.00 GBP", "GBP", 1200),
        ("USD 12.00", "USD", 1200),
        ("12.00", "XXX", 1200),
    ],
)
def test_without_orders_the_products_tell_the_currency(job, text, currency, minor):
    ingest.run(landed(job, products=priced_in(text).encode()))

    assert job.artefacts.json(reports.FACTS).currency == currency
    assert job.artefacts.frame(frames.Products)["price_minor"].to_list() == [minor, minor]


def test_a_file_of_another_kind_is_refused(job):
    with pytest.raises(BadExport, match="a file of products, not of inventory"):
        ingest.run(landed(job, inventory=exports()["products"]))


def test_no_shopper_is_in_anything_that_is_kept(job, tmp_path):
    content = cut(exports()["orders"], 2_000)
    rows = content.splitlines()
    broken = b"\n".join([*rows[:50], rows[50][: len(rows[50]) // 2], *rows[51:], b""])
    ingest.run(landed(job, orders=broken))

    kept = b"".join(
        file.read_bytes() for file in (tmp_path / "artefacts").rglob("*") if file.is_file()
    )
    assert b"@example.com" not in kept
    assert b"Imaginary" not in kept
