# ruff: noqa: E501  # rows of CSV read best on one line
import gzip
import io
from datetime import UTC, datetime
from hashlib import blake2b

import polars as pl
import pytest

from pipeline_lib.errors import BadExport
from pipeline_lib.exports import HygieneRules, read_orders, sniff_export
from pipeline_lib.exports.dialect import PIECE

SHOPIFY = (
    "Name,Email,Financial Status,Currency,Total,Created at,Lineitem quantity,Lineitem name,"
    "Lineitem price,Lineitem sku,Lineitem discount,Notes,Cancelled at,Refunded Amount,Tags"
)
PLAIN = "order_id,sku,name,qty,price,date"


def shopify(*rows):
    return "\n".join([SHOPIFY, *rows]) + "\n"


def first(order="#1", at="2024-05-01 10:00:00 -0400", sku="A", **cells):
    told = {
        "email": "ann@example.com", "paid": "paid", "currency": "USD", "total": "9.00", "quantity": "1",
        "name": f"Thing {sku}", "price": "9.00", "discount": "0.00", "notes": "", "cancelled": "",
        "refunded": "0.00", "tags": "",
    } | cells  # fmt: skip
    return (
        "{order},{email},{paid},{currency},{total},{at},{quantity},{name},{price},{sku},{discount},"
        "{notes},{cancelled},{refunded},{tags}"
    ).format(order=order, at=at, sku=sku, **told)


def later(order="#1", sku="B", quantity="2", price="3.50"):
    return f"{order},,,,,,{quantity},Thing {sku},{price},{sku},0.00,,,,"


def plain(*rows):
    return "\n".join([PLAIN, *rows]) + "\n"


def test_a_line_has_its_promised_columns_and_types(orders):
    told = orders(shopify(first(discount="1.25"), later()))

    at = datetime(2024, 5, 1, 14, tzinfo=UTC)
    who = blake2b(b"ann@example.com", key=b"a key of a test", digest_size=8).hexdigest()
    assert told.kept.schema == {
        "order_id": pl.String, "ordered_at": pl.Datetime("us", "UTC"), "sku": pl.String,
        "name": pl.String, "quantity": pl.Int32, "price_minor": pl.Int64,
        "discount_minor": pl.Int64, "customer": pl.String,
    }  # fmt: skip
    assert told.kept.rows() == [
        ("#1", at, "A", "Thing A", 1, 900, 125, who),
        ("#1", at, "B", "Thing B", 2, 350, 0, who),
    ]


def test_blank_order_cells_are_filled_from_their_own_order_only(orders):
    told = orders(shopify(first("#1"), later("#1"), first("#2", email=""), later("#2")))

    assert told.kept["customer"].is_null().to_list() == [False, False, True, True]


def test_lines_of_one_order_need_not_be_adjacent(orders):
    told = orders(
        shopify(first("#1"), first("#2", at="2024-06-01 10:00:00 -0400"), later("#1", "C"))
    )

    assert told.kept.filter(sku="C")["ordered_at"].to_list() == [
        datetime(2024, 5, 1, 14, tzinfo=UTC)
    ]


def test_a_cancelled_order_s_lines_go_wherever_they_stand(orders):
    stray = later("#1", "C").replace("#1,,,,,,", "#1,,,,,2024-05-01 10:00:00 -0400,")

    told = orders(shopify(first("#1", cancelled="2024-05-02"), first("#2"), first("#3"), stray))

    assert told.set_aside == {"cancelled": 2}
    assert told.kept["order_id"].to_list() == ["#2", "#3"]


def test_an_order_s_first_row_may_come_after_its_others(orders):
    told = orders(shopify(first("#2"), later("#1", "C"), first("#3"), first("#1")))

    assert told.kept.filter(order_id="#1")["customer"].null_count() == 0
    assert told.kept.height == 4


def test_an_order_without_any_date_is_rejected_line_by_line(orders):
    told = orders(shopify(first("#1"), later("#1"), later("#1"), later("#9")))

    assert told.kept.height == 3
    assert told.rejected.select("row", "line").rows() == [(4, 5)]
    assert "date is missing" in told.rejected["reason"][0]


def test_orders_are_whole_where_a_stream_is_cut(orders):
    rows = [
        row
        for order in range(30_000)
        for row in (first(f"#{order}", notes=f'"{"n" * 150}\n{order}"'), later(f"#{order}"))
    ]
    told = orders(shopify(*rows))

    assert len(told.data) > PIECE
    assert len(told.batches) > 1
    assert told.kept.height == told.rows == 60_000
    assert told.kept["ordered_at"].null_count() == told.kept["customer"].null_count() == 0
    ids = [set(batch.kept["order_id"]) for batch in told.batches]
    assert not ids[0] & ids[1]


def test_a_zipped_file_gives_the_same_lines(orders):
    text = shopify(first(), later()).encode()

    assert orders(gzip.compress(text[:50]) + gzip.compress(text[50:])).kept.equals(
        orders(text).kept
    )


def test_equal_bytes_give_equal_batches_however_few_a_read_gives():
    class Slow(io.BytesIO):
        def read(self, size=-1):
            return super().read(min(size, 7))

    data = shopify(*(first(f"#{n}") for n in range(50))).encode()
    known = sniff_export(Slow(data), file="f")
    read = [
        [b.kept for b in read_orders(stream, known, rules=HygieneRules(), customer_key=b"k")]
        for stream in (Slow(data), io.BytesIO(data))
    ]

    assert [one.equals(two) for one, two in zip(*read, strict=True)] == [True]


def test_a_sku_is_one_whatever_its_case_and_spaces(orders):
    told = orders(
        plain("1,ab-1,X,1,1,2024-01-01", "2, AB-1 ,X,1,1,2024-01-01", "3,Ab-1,X,1,1,2024-01-01")
    )

    assert told.kept["sku"].unique().to_list() == ["AB-1"]


def test_a_blank_sku_is_made_of_the_variant_else_of_the_name_and_always_the_same(orders):
    head = "order_id,sku,variant_id,name,qty\n"

    told = orders(
        head + "1,,gid://x/44123456789012,Tea,1\n2,-,,Tea  pot,1\n3,,,TEA POT ,1\n4,,,,1\n"
    )

    assert told.kept["sku"][0] == "no-sku-3456789012"
    assert told.kept["sku"][1] == told.kept["sku"][2]
    assert told.kept["sku"][1].startswith("no-sku-")
    assert told.rejected["reason"].to_list() == ["neither SKU nor name is given"]


def test_a_blank_name_is_unspecified(orders):
    assert orders(plain("1,a,,1,1,2024-01-01")).kept["name"].to_list() == ["unspecified"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",a,X,1,1,2024-01-01", "the order's number is missing"),
        ("1,,,1,1,2024-01-01", "neither SKU nor name is given"),
        ("1,a,X,,1,2024-01-01", "the quantity is missing"),
        ("1,a,X,one,1,2024-01-01", "the quantity is no whole number"),
        ("1,a,X,99999999999,1,2024-01-01", "the quantity is no whole number"),
        ("1,a,X,1,,2024-01-01", "the price is missing"),
        ("1,a,X,1,cheap,2024-01-01", "the price is no amount"),
        ("1,a,X,1,1,yesterday", "the order's date cannot be read"),
        ("1,a,X,1,1", "it has 5 cells where the header has 6"),
    ],
)
def test_a_broken_row_is_rejected_alone_with_its_reason(orders, row, reason):
    told = orders(plain("7,z,Z,1,1,2024-01-01", row, "8,y,Y,1,1,2024-01-02"))

    assert told.kept["order_id"].to_list() == ["7", "8"]
    assert told.rejected.select("row", "line", "reason").rows() == [(2, 3, reason)]
    assert told.conserved


def test_a_corrected_rejects_file_is_read_like_any_other(orders):
    told = orders(shopify(first("#1"), later("#1", quantity="two"), first("#2")))

    text = told.rejected.write_csv().replace("two", "2")
    again = orders(text)

    kept = again.kept.drop("customer").row(0)
    assert kept == ("#1", datetime(2024, 5, 1, 14, tzinfo=UTC), "B", "Thing B", 2, 350, 0)
    assert again.conserved


def test_a_file_that_is_mostly_broken_is_refused_with_the_first_row_and_reason(orders):
    with pytest.raises(BadExport, match=r"orders\.csv, row 2: 2 of 3 rows .* whole number"):
        orders(plain("1,a,X,1,1,2024-01-01", "2,b,X,x,1,2024-01-01", "3,c,X,x,1,2024-01-01"))


@pytest.mark.parametrize(("currency", "minor"), [("JPY", 1234), ("USD", 123400), ("KWD", 1234000)])
def test_money_is_in_the_minor_unit_of_its_currency(orders, currency, minor):
    told = orders(shopify(first(currency=currency, price="1234")))

    assert told.kept["price_minor"].to_list() == [minor]


def test_dates_are_read_day_first_when_any_row_proves_it(orders):
    early = [f"{n},a,X,1,1,0{1 + n % 9}/02/2024" for n in range(5000)]

    told = orders(plain(*early, "9999,a,X,1,1,25/02/2024"))

    assert told.format.day_first is True
    assert told.kept["ordered_at"].dt.month().unique().to_list() == [2]


def test_dates_that_prove_nothing_are_read_in_the_order_that_they_follow(orders):
    told = orders(plain(*(f"{day},a,X,1,1,{day:02d}/03/2024" for day in range(1, 13))))

    assert told.format.day_first is True


def test_the_file_may_begin_with_a_separator_hint_or_a_title(orders):
    told = orders("sep=;\norder_id;sku;qty;price\n1;a;2;3,50\n")

    assert told.kept.select("sku", "quantity", "price_minor").rows() == [("A", 2, 350)]


def test_two_columns_of_one_name_are_no_trouble(orders):
    told = orders("order_id,sku,qty,note,note\n1,a,x,p,q\n2,b,1,r,s\n3,c,1,t,u\n")

    assert told.kept["sku"].to_list() == ["B", "C"]
    assert told.rejected.columns == [
        "row",
        "line",
        "reason",
        "order_id",
        "sku",
        "qty",
        "note",
        "note (5)",
    ]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (PLAIN.encode() + b"\n", "has a header and no rows"),
        (b"a,b,c\n1,2,3\n", "no header row"),
        (b"PK\x03\x04rest", "save it as CSV"),
        (b"\xd0\xcf\x11\xe0rest", "save it as CSV"),
        (b"%PDF-1.7", "is a PDF"),
        (b"<html>", "web page"),
        (bytes(range(256)) * 8, "not a text file"),
        (gzip.compress(shopify(first()).encode() * 500, mtime=0)[:100], "cut short"),
        (b"\x1f\x8b\x01" + b"garbage" * 9, "damaged"),
    ],
)
def test_what_is_no_export_is_refused_in_plain_words(orders, data, said):
    with pytest.raises(BadExport, match=said) as refused:
        orders(data, file="mine.csv")

    assert str(refused.value).startswith("mine.csv")


def test_a_reader_may_stop_early(orders):
    data = shopify(*(first(f"#{n}", notes="n" * 400) for n in range(40_000))).encode()
    known = sniff_export(io.BytesIO(data), file="f")

    batches = read_orders(io.BytesIO(data), known, rules=HygieneRules(), customer_key=b"k")

    assert next(batches).rows > 0
    batches.close()


def test_a_zipped_file_that_ends_too_early_is_refused_while_it_is_read():
    data = gzip.compress(shopify(*(first(f"#{n}") for n in range(9))).encode())
    known = sniff_export(io.BytesIO(data), file="mine.csv.gz")
    batches = read_orders(io.BytesIO(data[:-9]), known, rules=HygieneRules(), customer_key=b"k")

    with pytest.raises(BadExport, match="cut short"):
        list(batches)


def test_a_file_without_quantities_counts_one_a_line(orders):
    assert orders("order_id,sku\n1,a\n1,b\n").kept["quantity"].to_list() == [1, 1]


def test_dates_of_several_zones_and_forms_are_read_side_by_side(orders):
    told = orders(
        plain(
            "1,a,X,1,1,2024-03-01 10:00:00 -0500",
            "2,a,X,1,1,2024-07-01 10:00:00 -0400",
            "3,a,X,1,1,2024-07-01T10:00:00Z",
        )
    )

    assert told.kept["ordered_at"].dt.hour().to_list() == [15, 14, 10]
