# ruff: noqa: E501  # rows of CSV read best on one line
import io
import json

import polars as pl
import pytest

from pipeline_lib.errors import BadExport
from pipeline_lib.exports import HygieneRules, mapping_report, read_orders, sniff_export

PERSONAL = (
    "Email", "Billing Name", "Billing Street", "Billing Address1", "Billing Phone", "Shipping Name",
    "Shipping Zip", "Notes", "Note Attributes", "Tags", "Phone", "Payment Reference", "Customer's wish",
)  # fmt: skip
HEAD = (
    "Name", "Email", "Financial Status", "Currency", "Created at", "Lineitem quantity", "Lineitem name",
    "Lineitem price", "Lineitem sku", *PERSONAL[1:],
)  # fmt: skip
MARK = "MARKER"


def row(n, **cells):
    told = {
        "Name": f"#{n}", "Financial Status": "paid", "Currency": "USD", "Lineitem quantity": "1",
        "Created at": "2024-05-01 10:00:00 -0400", "Lineitem name": "Mug", "Lineitem price": "5",
        "Lineitem sku": "A", **{name: f"{MARK}{at}" for at, name in enumerate(PERSONAL)},
    } | cells  # fmt: skip
    return [told[name] for name in HEAD]


def everything(told):
    """All that leaves the importer, as one text."""
    return "\n".join(
        [
            told.kept.write_csv(),
            told.rejected.write_csv(),
            json.dumps(mapping_report(told.format).model_dump()),
            json.dumps([told.set_aside, told.altered]),
            repr(told.format) + repr(told.format.sample.rows()),
        ]
    )


def shifted(cells, by, at):
    return (
        [*cells[:at], *["MARKER more"] * by, *cells[at:]]
        if by > 0
        else [*cells[:at], *cells[at - by :]]
    )


BROKEN = [
    row(7, **{"Lineitem quantity": "two"}),
    row(8, **{"Created at": "some day"}),
    row(9, **{"Lineitem price": "dear"}),
    row(10, Name=""),
    *[shifted(row(11), by, at) for by in (-3, -1) for at in range(1, len(HEAD) - 4)],
    *[shifted(row(11), by, HEAD.index(name) + 1) for by in (1, 3) for name in PERSONAL],
]


@pytest.mark.parametrize("broken", BROKEN)
def test_nothing_personal_leaves_the_file(orders, csv_text, broken):
    told = orders(csv_text(HEAD, [row(1), broken, row(2)]))

    assert told.rejected.height == 1
    assert MARK not in everything(told)
    assert "@" not in everything(told)


def test_a_lost_quote_shows_nothing_personal(orders, csv_text):
    good = csv_text(HEAD, [row(n) for n in range(9)])

    told = orders(good + '#20,"MARKER@example.com,paid,USD\nMARKER note,x\nMARKER,"y\n')

    assert told.rejected.height >= 1
    assert MARK not in everything(told)


def test_a_refusal_shows_no_cell(csv_text):
    text = csv_text(HEAD, [row(n, **{"Lineitem quantity": "MARKER"}) for n in range(3)]).encode()
    known = sniff_export(io.BytesIO(text), file="f.csv")

    with pytest.raises(BadExport) as refused:
        list(read_orders(io.BytesIO(text), known, rules=HygieneRules(), customer_key=b"k"))

    assert MARK not in str(refused.value)


def test_a_customer_is_a_hash_that_another_key_makes_another(orders, csv_text):
    text = csv_text(HEAD, [row(1), row(2, Email=f" {MARK}0 ".lower())])

    one, other = orders(text, key=b"one").kept, orders(text, key=b"other").kept

    assert one["customer"].n_unique() == 1
    assert set(one["customer"]).isdisjoint(other["customer"])
    assert one.schema["customer"] == pl.String
