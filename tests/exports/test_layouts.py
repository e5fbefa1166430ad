import io

import polars as pl
import pytest

from pipeline_lib.errors import BadExport
from pipeline_lib.exports import mapping_report, sniff_export
from tests.exports.layouts import MARK, file_of, layouts

LAYOUTS = [pytest.param(one, id=one["system"]) for one in layouts()]
SURE = 0.95


def columns_of(layout, export):
    return {field: layout["columns"][at] for field, at in export.matched.fields.items()}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_system_s_file_is_of_the_right_kind_with_the_right_columns(layout):
    export = sniff_export(io.BytesIO(file_of(layout)), file="f.csv")

    found = columns_of(layout, export)

    assert export.kind == layout["kind"]
    assert {field: found.get(field) for field in layout["maps"]} == layout["maps"]
    personal = {field for field, column in found.items() if column in layout["personal"]}
    assert personal <= {"customer"}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_person_of_a_system_s_file_is_in_anything_that_leaves_the_reader(orders, layout):
    read = orders(file_of(layout))

    said = mapping_report(read.format).model_dump_json() + repr(read.format.sample.rows())
    assert MARK not in read.kept.write_csv() + read.rejected.write_csv() + said
    assert read.conserved
    assert read.kept.height > read.rows / 2


def test_of_the_columns_said_to_be_sure_nearly_all_are_right():
    said = []
    for layout in layouts():
        for seed in (1, 2, 3):
            export = sniff_export(io.BytesIO(file_of(layout, seed=seed)), file="f.csv")
            found = columns_of(layout, export)
            said += [
                (export.matched.sure[field], column == layout["maps"][field])
                for field, column in found.items()
                if field in layout["maps"]
            ]

    sure = [right for surely, right in said if surely >= SURE]

    assert len(sure) > 300
    assert sum(sure) >= SURE * len(sure)


def test_a_list_price_and_a_discount_by_share_are_told_from_money(orders):
    layout = next(one for one in layouts() if "Superstore" in one["system"])

    kept = orders(file_of(layout)).kept

    gross = kept["price_minor"] * kept["quantity"]
    share = (kept["discount_minor"] / gross).round(2)
    assert set(share) == {0.0, 0.2, 0.5}
    assert kept.group_by("sku").agg(pl.col("price_minor").n_unique())["price_minor"].max() == 1


def test_a_date_and_a_time_in_two_columns_are_one_moment(orders):
    layout = next(one for one in layouts() if "Square" in one["system"])

    kept = orders(file_of(layout)).kept

    assert kept["ordered_at"][0].isoformat() == "2024-01-03T09:05:00+00:00"


def test_a_day_that_is_a_bare_number_dates_nothing(orders):
    layout = next(one for one in layouts() if "dunnhumby" in one["system"])

    read = orders(file_of(layout))

    assert "ordered_at" not in read.format.matched.fields
    assert read.kept["ordered_at"].null_count() == read.kept.height


def test_a_column_that_numbers_an_order_s_lines_is_no_product(orders):
    layout = next(one for one in layouts() if "WooCommerce" in one["system"])

    read = orders(file_of(layout))

    assert "Item #" not in columns_of(layout, read.format).values()


@pytest.mark.parametrize("beside", ["Phone", "Email", "Billing Zip"])
def test_a_bare_name_beside_a_person_s_columns_is_no_product(beside):
    rows = "".join(f"{n // 2},Anna {n % 5},x,{n % 3}\n" for n in range(40))
    text = f"Order No,Name,{beside},SKU\n{rows}"

    export = sniff_export(io.BytesIO(text.encode()), file="f.csv")

    assert "name" not in export.matched.fields


def test_a_bare_name_is_the_product_where_it_changes_within_orders():
    rows = "".join(f"{n // 2},Thing {n % 5}\n" for n in range(40))

    export = sniff_export(io.BytesIO(f"Order No,Name\n{rows}".encode()), file="f.csv")

    assert export.matched.fields["name"] == 1
    assert export.matched.sure["name"] >= SURE


def test_a_text_that_shoppers_wrote_is_no_option_of_a_product(orders):
    rows = "".join(f"{n // 2},Mug,Personalization: MARKER {n},{n % 3}\n" for n in range(60))

    read = orders(f"Order ID,Item Name,Variations,SKU\n{rows}")

    assert "MARKER" not in read.kept.write_csv()


def test_a_list_of_payments_with_persons_is_no_list_of_products():
    rows = "".join(f"ch_{n},Tea {n % 5},2024-01-02,3.00,a@x.example\n" for n in range(40))
    text = f"id,Description,Created (UTC),Amount,Customer Email\n{rows}"

    with pytest.raises(BadExport, match="--map"):
        sniff_export(io.BytesIO(text.encode()), file="payments.csv")
