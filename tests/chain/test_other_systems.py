import polars as pl
import pytest

from tests.chain.test_missing_columns import no_number_kept, run_chain
from tests.exports.layouts import MARK, file_of, layouts

ROLES = {"product_id": "product_id", "add_to_cart_order": "line_number", "reordered": "zero_one"}


def everything_kept(stores):
    """All that a run keeps beside the raw files, as one text."""
    kept = []
    for file in sorted(stores.folder.rglob("*")):
        if file.suffix == ".parquet":
            kept.append(pl.read_parquet(file).write_ndjson())
        elif file.is_file() and "landing" not in file.parts:
            kept.append(file.read_bytes().decode("utf-8", "replace"))
    return "\n".join(kept)


@pytest.mark.parametrize("layout", [pytest.param(one, id=one["system"]) for one in layouts()])
def test_another_system_s_orders_end_in_bundles_or_in_one_sentence(stores, layout):
    upload = run_chain(stores, {"orders": file_of(layout)})

    if {"price", "line_total"} & set(layout["maps"]):
        assert upload.status == "completed", upload.error
    else:
        assert upload.status == "completed" or "price" in upload.error.message
    assert MARK not in everything_kept(stores)
    assert no_number_kept(stores) == []


def test_orders_without_prices_are_priced_by_the_products_file(stores):
    layout = next(one for one in layouts() if "Instacart" in one["system"])
    names = "".join(f"{5_550_000 + n},Thing {chr(65 + n)},{5 + n}.00\n" for n in range(24))
    lines = file_of({**layout, "maps": {"order_id": "order_id"}, "roles": ROLES})

    upload = run_chain(
        stores, {"orders": lines, "products": f"product_id,product_name,price\n{names}".encode()}
    )

    assert upload.status == "completed", upload.error


@pytest.mark.parametrize("count", [3, 300])
def test_the_documented_quick_install_ends_with_bundles(stores, count):
    words = ("Green tea", "Black tea", "Clay pot", "Oak board", "Wool scarf", "Jam jar", "Candle")
    rows = "".join(
        f"{n},{words[n % 7]} {chr(65 + n % 26)}{n},{4 + n % 40}.50\n" for n in range(count)
    )

    upload = run_chain(stores, {"products": f"product_id,name,price\n{rows}".encode()})

    assert upload.status == "completed", upload.error
    assert upload.phases["finalize"].output["recommendations"] > 0
    assert upload.error is None
