# ruff: noqa: E501  # rows of CSV read best on one line
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_lib.exports import cells, dates

AMOUNTS = st.integers(-(10**9), 10**9)
INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2099, 12, 31)).map(  # noqa: DTZ001
    lambda at: at.replace(microsecond=0, tzinfo=UTC)
)
ZONES = st.sampled_from([0, -300, -240, 60, 120, 330, 825])
STYLES = {
    ".": [
        ("{}{}.{:02d}", ""),
        ("{}${}.{:02d}", ","),
        ("{}{}.{:02d} USD", " "),
        ("{}£ {}.{:02d}", "'"),
    ],
    ",": [
        ("{}{},{:02d}", ""),
        ("{}{},{:02d} €", "."),
        ("EUR {}{},{:02d}", "\u202f"),
        ("{}{},{:02d}", "\xa0"),
    ],
}


def grouped(whole, sign):
    return f"{whole:,}".replace(",", sign)


@given(amounts=st.lists(AMOUNTS, max_size=20), data=st.data())
def test_an_amount_is_read_however_it_is_written(amounts, data):
    decimal = data.draw(st.sampled_from([".", ","]))
    texts = []
    for amount in amounts:
        form, sign = data.draw(st.sampled_from(STYLES[decimal]))
        minus = "-" if amount < 0 else ""
        texts.append(form.format(minus, grouped(abs(amount) // 100, sign), abs(amount) % 100))

    read = cells.minor_units(pl.Series(texts, dtype=pl.String), decimal=decimal, digits=2)

    assert read.to_list() == amounts


@given(st.lists(st.tuples(st.integers(-(10**8), 10**8), st.integers(0, 3)), max_size=20))
def test_minor_units_are_what_decimal_arithmetic_gives(numbers):
    texts = [str(Decimal(value).scaleb(-digits)) for value, digits in numbers]

    read = cells.minor_units(pl.Series(texts, dtype=pl.String), decimal=".", digits=3)

    assert read.to_list() == [int(Decimal(text) * 1000) for text in texts]


@pytest.mark.parametrize(
    ("text", "decimal", "value"),
    [
        ("1,234.56", ".", 1234.56), ("1.234,56", ".", 1234.56), ("1.234,56", ",", 1234.56),
        ("1,234", ".", 1234), ("1,234", ",", 1.234), ("1.234", ",", 1234), ("1.234", ".", 1.234),
        ("1.234.567", ".", 1234567), ("(12.50)", ".", -12.5), ("12.50-", ".", -12.5), ("-3", ",", -3),
        (".5", ".", 0.5), ("5.", ".", 5), ("0.125", ",", 0.125), (" 7 ", ".", 7), ("CHF 1'200", ".", 1200),
        ("", ".", None), ("abc", ".", None), ("1,2,3", ".", None), ("12abc34", ".", None),
        ("inf", ".", None), ("nan", ",", None), ("12/05", ".", None), ("free", ".", None),
    ],
)  # fmt: skip
def test_a_number_is_read_as_its_signs_say(text, decimal, value):
    assert cells.numbers(pl.Series([text]), decimal=decimal).to_list() == [value]


def test_amounts_are_rounded_half_away_from_zero():
    texts = ["0.125", "-0.125", "2.5"]

    expected = [int((Decimal(t) * 100).quantize(Decimal(1), ROUND_HALF_UP)) for t in texts]

    assert cells.minor_units(pl.Series(texts), decimal=".", digits=2).to_list() == expected


def test_an_amount_beyond_all_reason_is_none():
    assert (
        cells.minor_units(pl.Series(["1e300", "9" * 30]), decimal=".", digits=2).to_list()
        == [None] * 2
    )


@pytest.mark.parametrize(("currency", "digits"), [("JPY", 0), ("USD", 2), ("KWD", 3), (None, 2)])
def test_a_currency_has_its_own_minor_unit(currency, digits):
    assert cells.exponent(currency) == digits


def test_a_whole_number_is_read_with_its_thousands_and_an_idle_decimal():
    read = cells.integers(pl.Series(["1", "2.0", "1,000", "1.5", "x", ""]), decimal=".")

    assert read.to_list() == [1, 2, 1000, None, None, None]


@pytest.mark.parametrize(
    ("texts", "sign"),
    [
        (["1,50", "2,00"], ","),
        (["1.50"], "."),
        (["1,234"], None),
        (["1.234,5"], ","),
        (["7"], None),
    ],
)
def test_the_decimal_sign_is_the_one_that_the_cells_prove(texts, sign):
    assert cells.decimal_sign(pl.Series(texts)) == sign


def test_a_sku_has_one_spelling():
    texts = pl.Series([" ab-1 ", "AB-1", "a  b", "-", "", "'007"])

    assert texts.to_frame("s").select(cells.sku_key(pl.col("s"))).to_series().to_list() == [
        "AB-1", "AB-1", "A B", None, None, "007"
    ]  # fmt: skip


def shopify(at, minutes):
    local = at + timedelta(minutes=minutes)
    sign = "-" if minutes < 0 else "+"
    return f"{local:%Y-%m-%d %H:%M:%S} {sign}{abs(minutes) // 60:02d}{abs(minutes) % 60:02d}"


FORMS = {
    "shopify": lambda at: shopify(at, 0),
    "bare": lambda at: f"{at:%Y-%m-%d %H:%M:%S}",
    "iso": lambda at: f"{at:%Y-%m-%dT%H:%M:%S}Z",
    "iso with a fraction": lambda at: f"{at:%Y-%m-%dT%H:%M:%S}.123+00:00",
    "slashed year first": lambda at: f"{at:%Y/%m/%d %H:%M:%S}",
    "english": lambda at: f"{at:%B} {at.day}, {at.year} {at:%I:%M:%S %p}",
    "rfc": lambda at: f"{at:%a}, {at.day} {at:%b} {at:%Y %H:%M:%S} +0000",
    "serial": lambda at: f"{(at - datetime(1899, 12, 30, tzinfo=UTC)) / timedelta(days=1):.9f}",
}


@given(at=st.lists(INSTANTS, min_size=1, max_size=8), form=st.sampled_from(sorted(FORMS)))
def test_an_instant_is_read_however_it_is_written(at, form):
    read = dates.instants(pl.Series([FORMS[form](one) for one in at]), day_first=False)

    assert read.to_list() == at


@given(pairs=st.lists(st.tuples(INSTANTS, ZONES), min_size=1, max_size=30))
def test_a_zone_is_taken_off(pairs):
    read = dates.instants(pl.Series([shopify(*pair) for pair in pairs]), day_first=False)

    assert read.to_list() == [at for at, _ in pairs]


@given(
    at=st.lists(INSTANTS, min_size=1, max_size=8),
    day_first=st.booleans(),
    sign=st.sampled_from("/.-"),
)
def test_the_day_stands_where_it_is_told_to(at, day_first, sign):
    form = f"%d{sign}%m{sign}%Y %H:%M:%S" if day_first else f"%m{sign}%d{sign}%Y %H:%M:%S"

    read = dates.instants(pl.Series([one.strftime(form) for one in at]), day_first=day_first)

    assert read.to_list() == at


@pytest.mark.parametrize(
    "text", ["", "soon", "2024-13-01", "31/02/2024", "12:30", "0001-01-01", "2024-01-01 25:00:00"]
)
def test_what_is_no_date_is_none(text):
    assert dates.instants(pl.Series([text]), day_first=True).to_list() == [None]


def test_a_number_above_twelve_proves_where_the_day_stands():
    assert dates.proves_day_first(pl.Series(["01/02/2024", "13/02/2024"])) is True
    assert dates.proves_day_first(pl.Series(["01/02/2024", "02/13/2024"])) is False
    assert dates.proves_day_first(pl.Series(["01/02/2024"])) is None
