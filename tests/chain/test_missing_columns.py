"""The whole chain over files that lack columns, or whose columns are empty or say one thing."""

import csv
import io
import itertools
import random

import polars as pl
import pytest

from pipeline_lib.clock import now
from pipeline_lib.records.collections import Collections
from pipeline_lib.records.uploads import Parameters
from pipeline_lib.runs.opening import open_upload
from tests import planted

ORDERS = {
    "Name": lambda n, k, p: f"#{1000 + n}",
    "Email": lambda n, k, p: f"s{n % 17}@shop.example" if k == 0 else "",
    "Financial Status": lambda n, k, p: "paid" if k == 0 else "",
    "Currency": lambda n, k, p: "EUR" if k == 0 else "",
    "Total": lambda n, k, p: "40.00" if k == 0 else "",
    "Created at": lambda n, k, p: created(n) if k == 0 else "",
    "Lineitem quantity": lambda n, k, p: str(1 + (n + k) % 3),
    "Lineitem name": lambda n, k, p: f"{WORDS[p]} board",
    "Lineitem price": lambda n, k, p: f"{4 + p}.50",
    "Lineitem sku": lambda n, k, p: f"S{p}",
    "Lineitem discount": lambda n, k, p: "0.50" if n % 4 == 0 else "0.00",
    "Cancelled at": lambda n, k, p: "",
    "Refunded Amount": lambda n, k, p: "0.00" if k == 0 else "",
    "Tags": lambda n, k, p: "vip" if k == 0 else "",
    "Payment Method": lambda n, k, p: "card" if k == 0 else "",
}  # fmt: skip
PRODUCTS = {
    "Handle": lambda p: f"board-{p // 2}",
    "Title": lambda p: f"{WORDS[p // 2]} board",
    "Vendor": lambda p: "Kiln",
    "Type": lambda p: ("Boards", "Bowls")[p % 2],
    "Tags": lambda p: "oak, kitchen",
    "Option1 Name": lambda p: "Size",
    "Option1 Value": lambda p: "SM"[p % 2],
    "Variant SKU": lambda p: f"S{p}",
    "Variant Inventory Qty": lambda p: str(p * 3),
    "Variant Price": lambda p: f"{4 + p}.50",
    "Cost per item": lambda p: f"{2 + p}.00",
    "Status": lambda p: "active",
    "Created at": lambda p: "2023-01-01",
}


def created(n):
    return f"2024-0{1 + n // 20}-{1 + n % 20:02} 10:00:00 +0100"


WORDS = ("Oak", "Ash", "Elm", "Fir", "Yew", "Box", "Bay", "Fig", "Pine", "Teak")
CANNOT_LACK = {"Name"}
GAPS = ("missing", "empty", "constant")


def orders_file(gaps):
    rng = random.Random(5)
    rows = []
    for n in range(90):
        first = rng.randrange(5) * 2
        sold = {first, first + 1, rng.randrange(10)} if n % 5 else {first}
        rows += [
            {name: made(n, k, p) for name, made in ORDERS.items()}
            for k, p in enumerate(sorted(sold))
        ]
    return with_gaps(rows, gaps)


def products_file(gaps):
    return with_gaps([{name: made(p) for name, made in PRODUCTS.items()} for p in range(10)], gaps)


def with_gaps(rows, gaps):
    """The rows as a CSV, without the named columns or with nothing or one thing in them."""
    for name, gap in gaps.items():
        for row in rows:
            row[name] = "" if gap == "empty" else rows[0][name]
    kept = [name for name in rows[0] if gaps.get(name) != "missing"]
    out = io.StringIO()
    writer = csv.DictWriter(out, kept, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def run_chain(stores, files):
    """The upload after its run, whatever became of it."""
    names = {slot: f"u/{slot}/{slot}.csv" for slot in files}
    collections = Collections(stores.documents)
    open_upload(
        collections,
        upload_id="u",
        shop_id="shop",
        slots=names,
        parameters=Parameters(),
        now=now(),
    )
    for slot, content in files.items():
        stores.ports.landing.write_once(names[slot], content)
    planted.drained(stores)
    return collections.uploads.read("u").record


def no_number_kept(stores):
    """Which artefacts of the run hold what is no number."""
    found = []
    for file in sorted((stores.folder / "artefacts").rglob("*")):
        if file.suffix == ".parquet":
            frame = pl.read_parquet(file)
            floats = frame.select(pl.col(pl.Float64))
            if floats.width and floats.select(pl.all().is_nan().any()).row(0).count(True):
                found.append(file.name)
        elif file.suffix == ".json" and "NaN" in file.read_text():
            found.append(file.name)
    return found


def check(stores, order_gaps, product_gaps, *, products=True):
    files = {"orders": orders_file(order_gaps)}
    if products:
        files["products"] = products_file(product_gaps)

    upload = run_chain(stores, files)

    assert upload.status in {"completed", "failed"}
    if upload.error is not None:
        assert upload.error.code not in {"DEAD_LETTER", "TIMED_OUT"}, upload.error
    assert no_number_kept(stores) == []


def alone():
    for gap in GAPS:
        yield from (({name: gap}, {}) for name in ORDERS if (name, gap) != ("Name", "missing"))
        yield from (({}, {name: gap}) for name in PRODUCTS)


def in_pairs():
    both = [("orders", name) for name in ORDERS if name not in CANNOT_LACK]
    both += [("products", name) for name in PRODUCTS]
    for pair in itertools.combinations(both, 2):
        for gap in ("missing", "empty"):
            yield tuple(
                {name: gap for file, name in pair if file == which}
                for which in ("orders", "products")
            )


SOME = [({"Lineitem price": "missing"}, {"Variant Price": "missing"}),
        ({"Lineitem price": "constant", "Lineitem discount": "constant"}, {}),
        ({"Created at": "empty", "Email": "empty"}, {"Cost per item": "empty"}),
        ({"Lineitem sku": "missing"}, {"Variant SKU": "missing"}),
        ({"Lineitem name": "missing"}, {"Title": "empty", "Handle": "empty"})]  # fmt: skip


@pytest.mark.parametrize(("order_gaps", "product_gaps"), SOME)
def test_some_gaps_end_in_bundles_or_in_one_sentence(stores, order_gaps, product_gaps):
    check(stores, order_gaps, product_gaps)


@pytest.mark.slow
@pytest.mark.parametrize(("order_gaps", "product_gaps"), list(alone()))
def test_each_column_s_gap_ends_in_bundles_or_in_one_sentence(stores, order_gaps, product_gaps):
    check(stores, order_gaps, product_gaps)


@pytest.mark.slow
@pytest.mark.parametrize("order_gaps", [gaps for gaps, listed in alone() if not listed])
def test_each_column_s_gap_without_a_products_file_ends_so_too(stores, order_gaps):
    check(stores, order_gaps, {}, products=False)


@pytest.mark.slow
@pytest.mark.parametrize(("order_gaps", "product_gaps"), list(in_pairs()))
def test_gaps_in_pairs_end_in_bundles_or_in_one_sentence(stores, order_gaps, product_gaps):
    check(stores, order_gaps, product_gaps)
