import io
from dataclasses import replace

import pytest

from pipeline_lib import frames, reports
from pipeline_lib.errors import BadExport
from pipeline_lib.phases import ingest
from pipeline_lib.records.uploads import Parameters
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


def test_a_file_in_another_s_slot_is_read_as_what_it_is(job):
    outcome = ingest.run(landed(job, inventory=exports()["products"]))

    assert outcome.kept["products"] > 0
    assert job.artefacts.json(reports.IMPORT).files["products"].slot == "inventory"


def test_a_second_file_of_the_same_kind_is_left_out_and_said(job):
    ingest.run(landed(job, products=exports()["products"], inventory=exports()["products"]))

    report = job.artefacts.json(reports.IMPORT)
    assert "a file of products, not of inventory" in report.unusable["inventory"]


@pytest.mark.parametrize("slot", ["products", "inventory"])
@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"First Name,Email,Total Spent\nA,b@x,1\n"])
def test_a_file_beside_the_orders_that_cannot_be_used_is_left_out_and_said(job, slot, content):
    outcome = ingest.run(landed(job, orders=cut(exports()["orders"], 100), **{slot: content}))

    assert outcome.kept["lines"] > 0
    assert list(job.artefacts.json(reports.IMPORT).unusable) == [slot]


def test_a_products_file_of_which_no_row_can_be_read_is_left_out(job):
    bad = b"product_id,name,price\n1,a,x\n2,b,y\n"

    ingest.run(landed(job, orders=cut(exports()["orders"], 100), products=bad))

    assert "2 of 2 rows" in job.artefacts.json(reports.IMPORT).unusable["products"]


def test_orders_that_cannot_be_used_are_refused_whatever_else_came(job):
    with pytest.raises(BadExport, match="is a PDF"):
        ingest.run(landed(job, orders=b"%PDF-1.7", products=exports()["products"]))


def test_a_person_s_word_about_a_column_is_followed(job):
    rows = "".join(f"{n // 2},Kind {n % 3},Thing {n % 5},2.00\n" for n in range(40))
    given = landed(job, orders=f"Order No,Item name,Whatnot,Price\n{rows}".encode())

    ingest.run(replace(given, parameters=Parameters(mapping={"title": "Whatnot"})))

    assert set(job.artefacts.frame(frames.OrderLines)["name"]) == {f"Thing {n}" for n in range(5)}


def test_a_column_that_somebody_named_and_no_file_has_is_refused(job):
    given = landed(job, orders=cut(exports()["orders"], 100))

    with pytest.raises(BadExport, match='no column "Whatnot"'):
        ingest.run(replace(given, parameters=Parameters(mapping={"title": "Whatnot"})))


def test_order_products_and_products_are_joined(job):
    lines = "".join(f"{n // 3},{100 + n % 7},{n % 3 + 1},0\n" for n in range(60))
    names = "".join(f"{100 + n},Thing {n},4,16\n" for n in range(7))

    ingest.run(
        landed(
            job,
            orders=f"order_id,product_id,add_to_cart_order,reordered\n{lines}".encode(),
            products=f"product_id,product_name,aisle_id,department_id\n{names}".encode(),
        )
    )

    sold = set(job.artefacts.frame(frames.OrderLines)["sku"])
    assert sold <= set(job.artefacts.frame(frames.Products)["sku"])


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
