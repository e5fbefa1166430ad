import csv
import io

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_lib.exports.cells import integers, minor_units
from pipeline_lib.exports.fast_csv import FastParser
from pipeline_lib.exports.layout import Layout

FIELDS = {"order_id": 0, "name": 1, "quantity": 2, "price": 3}  # of five columns; a note is unread
NUMBERS = {"quantity": pl.Int64(), "price": pl.Float64()}


def layout(numbers):
    return Layout("f.csv", ",", 5, FIELDS, "order_id", header_lines=1, numbers=numbers)


def text(rows):
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()


NOTED = ["#1", "mug", "1", "5.00", "at the\ndoor,\nplease"]
NAMED = ["#2", "mug\nlarge", "2", "5.50", "fast\nplease"]
PLAIN = ["#3", "towel", "3", "6.00", ""]
cells_with_ends = st.text(alphabet='a ,\n"', max_size=4)
PLAINLY = ("1", "2.50", "+4", "-5", "06", ".5", "7.", "1e3", "2.675", "0.29")
ODDLY = (" 3", "3 ", "1,000.00", "$8", "", "-", "inf", "nan", "9" * 20, "1e400")
written = st.sampled_from(PLAINLY + ODDLY) | st.decimals(-(10**7), 10**7, places=2).map(str)


@pytest.mark.parametrize("third", [NOTED, NAMED, PLAIN])
def test_line_ends_inside_cells_stay_whatever_the_texts_before_held(third):
    clean = FastParser(layout({}))

    read = [clean.frame(text([rows, PLAIN])) for rows in (NOTED, NOTED, third, NAMED, NOTED)]

    names = [frame["name"].to_list() for frame, _ in read]
    assert names[2:] == [[third[1], "towel"], ["mug\nlarge", "towel"], ["mug", "towel"]]
    assert [lines for _, lines in read] == [4, 4, 2 + str(third).count("\\n"), 4, 4]


@given(st.lists(st.lists(st.tuples(*[cells_with_ends] * 5), min_size=1, max_size=4), max_size=6))
def test_each_text_is_read_as_the_csv_module_reads_it(texts):
    clean = FastParser(layout({}))

    for rows in texts:
        body = text(rows)
        read, _ = clean.frame(body)

        expected = csv.reader(io.StringIO(body.decode(), newline=""))
        assert read.rows() == [tuple(row[:4]) for row in expected]


def test_plain_numbers_are_read_as_numbers_and_others_leave_their_text_as_text():
    clean = FastParser(layout(NUMBERS))

    plain, _ = clean.frame(text([NOTED, PLAIN]))
    odd, _ = clean.frame(text([NOTED, ["#4", "mug", "1", "$5", ""]]))

    assert plain.select("quantity", "price").rows() == [(1, 5.0), (3, 6.0)]
    assert odd.select("quantity", "price").rows() == [("1", "5.00"), ("1", "$5")]


@given(st.lists(st.tuples(written, written), min_size=1, max_size=5))
def test_numbers_mean_the_same_whether_read_as_numbers_or_as_text(pairs):
    body = text([["#1", "mug", *pair, ""] for pair in pairs])

    read = [FastParser(layout(numbers)).frame(body) for numbers in (NUMBERS, {})]

    quantities = [integers(frame["quantity"], decimal=".") for frame, _ in read]
    prices = [minor_units(frame["price"], decimal=".", digits=2) for frame, _ in read]
    assert quantities[0].equals(quantities[1])
    assert prices[0].equals(prices[1])
