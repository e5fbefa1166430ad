import io
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_lib.errors import BadExport
from pipeline_lib.exports import sniff_export

HEADS = {
    "orders": (
        "Name,Email,Financial Status,Currency,Total,Created at,Lineitem quantity,Lineitem name,"
        "Lineitem price,Lineitem sku,Notes,Cancelled at"
    ),
    "plain": "InvoiceNo,CustomerID,InvoiceDate,Quantity,Description,UnitPrice,StockCode",
    "products": "Handle,Title,Vendor,Variant SKU,Variant Inventory Qty,Variant Price,Status",
    "inventory": "Handle,Title,SKU,HS Code,COO,Location,Incoming,Available,On hand",
}
READERS = {"orders": "orders", "plain": "orders", "products": "products", "inventory": "inventory"}


def row(rng, kind, n):
    if kind == "orders":
        own = rng.random() < 0.5
        head = (
            f"a{n % 7}@x.org,paid,USD,9.00,2024-0{1 + n % 9}-11 10:00:00 -0400" if own else ",,,,"
        )
        return [f"#{n // 3}", *head.split(","), "1", f"Thing {n}", "4.50", f"S{n % 40}", "", ""]
    if kind == "plain":
        return [
            str(n // 3),
            str(n % 9),
            f"{1 + n % 12}/{1 + n % 28}/2011 8:26",
            "2",
            f"THING {n}",
            "1.25",
            f"S{n}",
        ]
    if kind == "products":
        return [f"h{n}", f"Title {n}", "V", f"S{n}", "3", "5.00", "active"]
    return [f"h{n // 2}", f"Title {n // 2}", f"S{n // 2}", "", "", f"L{n % 2}", "0", "4", "4"]


JUNK = [
    "",
    "n/a",
    "?",
    "abc",
    "-",
    "1,2,3",
    "0000",
    "NaN",
    "1e400",
    "∞",
    '"two\nlines, ""quoted"""',
]
WRAPS = ['{}"', '"{}', "-{}", "  {}\u00a0", "{},{}"]


def spoil(rng, cells):
    """One way in which real files are dirty, chosen at random."""
    at = rng.randrange(len(cells))
    changed = rng.choice([*JUNK, *WRAPS]).replace("{}", cells[at])
    ways = ([*cells, "extra"], cells[:-1], [], [""] * len(cells))
    return rng.choice([*ways, *[[*cells[:at], changed, *cells[at + 1 :]]] * 7])


def dirty(seed):
    """A made file: its kind, its bytes."""
    rng = random.Random(seed)
    kind = rng.choice(sorted(HEADS))
    end = rng.choice(["\n", "\r\n"])
    lines = [HEADS[kind]]
    for n in range(rng.randint(1, 120)):
        cells = row(rng, kind, n)
        lines.append(",".join(spoil(rng, cells) if rng.random() < 0.12 else cells))
    text = end.join(lines) + rng.choice(["", end, end * 3])
    return kind, text.encode(rng.choice(["utf-8", "utf-8-sig", "utf-16"]), "replace")


def check(told):
    assert told.conserved
    assert told.rejected["row"].is_unique().all()
    assert told.rejected["reason"].null_count() == 0
    assert told.rejected["row"].is_between(1, told.rows).all()


@pytest.mark.parametrize("seed", range(200))
def test_a_dirty_file_loses_no_row(request, seed):
    kind, data = dirty(seed)

    told = read_or_refused(request.getfixturevalue(READERS[kind]), data)

    if told is not None:
        check(told)


def read_or_refused(reader, data):
    try:
        return reader(data)
    except BadExport:
        return None


@pytest.fixture(scope="session")
def request_reader(orders, products, inventory):
    readers = {"orders": orders, "products": products, "inventory": inventory}

    def read(data):
        known = {"orders": "orders", "order_lines": "orders", "inventory": "inventory"}
        found = read_or_refused(lambda one: sniff_export(io.BytesIO(one), file="any.csv"), data)
        reader = readers[known.get(found.kind, "products")] if found else None
        told = read_or_refused(reader, data) if reader else None
        if told is not None:
            check(told)

    return read


FUZZ = settings(max_examples=150)


@FUZZ
@given(data=st.binary(max_size=400))
def test_any_bytes_end_in_a_report_or_a_refusal(request_reader, data):
    request_reader(data)


@FUZZ
@given(
    kind=st.sampled_from(sorted(HEADS)),
    body=st.text(alphabet='#a1,2.5"\n\r\t;-/: é€\x00\x01', max_size=200),
    mark=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le"]),
)
def test_any_text_under_a_known_header_ends_in_a_report_or_a_refusal(
    request_reader, kind, body, mark
):
    request_reader((HEADS[kind] + "\n" + body).encode(mark))


@FUZZ
@given(
    seed=st.integers(0, 10**6),
    cuts=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=6)), max_size=8),
)
def test_a_spoilt_export_ends_in_a_report_or_a_refusal(request_reader, seed, cuts):
    _, data = dirty(seed)
    spoilt = bytearray(data)
    for where, replacement in cuts:
        at = int(where * len(spoilt))
        spoilt[at : at + len(replacement)] = replacement

    request_reader(bytes(spoilt))
