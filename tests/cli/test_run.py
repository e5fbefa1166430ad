import csv
import gzip
import json
import re
import signal
import subprocess
import sys
import time
from decimal import Decimal

import pytest

from dev import sample
from pipeline_lib.cli.main import main
from tests import planted
from tests.shops import ABSENT, SHARED, cut, exports, small_exports

OF_PRODUCTS = (  # sentences whose figures are of the products, not of the bundle's evidence
    "It carries",
    "It introduces",
    "Of the customers",
    "Each leaves",
    "All are of",
    "The season of",
)
KEYS = {
    "gain",
    "is_series",
    "offer",
    "options",
    "other_objectives",
    "id",
    "upload_id",
    "shop_id",
    "bundle_type",
    "objective",
    "products",
    "pricing",
    "ai_copy",
    "evidence",
    "explanation",
    "confidence",
    "ranking_score",
    "score_parts",
    "rank_position",
    "wave",
    "is_approved",
    "is_rejected",
    "created_at",
}


def run(out, **files):
    arguments = [text for slot, file in files.items() for text in (f"--{slot}", str(file))]
    return main(["run", *arguments, "--out", str(out)])


def recommendations(out):
    return json.loads((out / "recommendations.json").read_text())


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """One whole run of the small shop."""
    folder = tmp_path_factory.mktemp("small")
    files = small_exports(folder / "exports")
    assert run(folder / "out", **files) == 0
    return folder / "out"


def test_a_recommendation_has_all_its_keys_and_they_are_in_rank_order(ran):
    found = recommendations(ran)

    assert all(set(one) == KEYS for one in found)
    assert [one["rank_position"] for one in found] == list(range(1, len(found) + 1))
    assert len({one["id"] for one in found}) == len(found)
    assert 20 <= len(found) <= 100


def test_no_sku_is_twice_in_a_bundle_and_none_is_no_product(ran):
    for one in recommendations(ran):
        skus = [product["sku"] for product in one["products"]]
        assert len(set(skus)) == len(skus)
        assert not {"GIFT-WRAP", "TIP"} & set(skus)


def test_money_is_exact_and_within_its_bounds(ran):
    for one in recommendations(ran):
        pricing = one["pricing"]
        whole = sum(
            Decimal(product["unit_price"]) * product["quantity"] for product in one["products"]
        )
        assert Decimal(pricing["list_price"]) == whole
        low, high = Decimal(pricing["bounds"]["low"]), Decimal(pricing["bounds"]["high"])
        assert low <= Decimal(pricing["bundle_price"]) <= high


def test_every_number_in_an_explanation_follows_from_the_evidence(ran):
    for one in recommendations(ran):
        evidence = one["evidence"]
        stated = {f"{evidence[name]:,}" for name in ("orders_together", "orders_total")}
        stated |= {f"{count:,}" for count in evidence["orders_each"]}
        stated |= {str(product["quantity"]) for product in one["products"]}
        for name in ("confidence", "confidence_low"):
            if evidence[name] is not None:
                stated.add(f"{100 * evidence[name]:.1f}")
        if evidence["lift"] is not None:
            stated.add(f"{evidence['lift']:,.1f}")
        if evidence["similarity"] is not None:
            stated.add(f"{evidence['similarity']:.2f}")
        if one["gain"] is not None:
            stated |= {one["gain"][name] for name in ("expected", "low", "high")}
            stated |= {f"{one['pricing']['discount_pct']:.1f}"}
        told = one["explanation"]
        told = re.sub(rf"(?:{'|'.join(OF_PRODUCTS)}).*?\.(?= [A-Z]|$)", "", told)
        for product in one["products"]:
            told = told.replace(product["name"], "")
        told, *money = told.split("Offering them together ")
        assert [one["gain"]["expected"] in text for text in money] in ([], [True])
        assert set(re.findall(r"\d[\d,.]*\d|\d", told)) <= stated


def test_the_record_names_every_phase_with_its_times_and_counts(ran):
    record = json.loads((ran / "run.json").read_text())

    assert record["status"] == "completed"
    assert all(count > 0 for count in record["left_out"].values())
    assert record["gain"]["low"] < record["gain"]["expected"] < record["gain"]["high"]
    assert set(record["phases"]) == {
        "ingest",
        "quickstart",
        "enrich",
        "score",
        "candidates",
        "deduplicate",
        "optimize",
        "price",
        "explain",
        "copywrite",
        "finalize",
    }
    for phase in record["phases"].values():
        assert phase["state"] == "done"
        assert phase["ms"] >= 0
        assert phase["input"]


def test_progress_goes_from_nothing_to_complete_and_never_back(ran):
    lines = [json.loads(line) for line in (ran / "progress.jsonl").read_text().splitlines()]
    reached = [line["progress"] for line in lines]

    assert reached[0] == 0
    assert reached[-1] == 100
    assert reached == sorted(reached)
    assert lines[-1]["status"] == "completed"


def test_the_same_files_again_give_the_same_bytes(ran, tmp_path):
    assert run(tmp_path / "out", **small_exports(tmp_path / "exports")) == 0

    first = (ran / "recommendations.json").read_bytes()
    assert (tmp_path / "out/recommendations.json").read_bytes() == first


def test_a_second_run_over_the_first_gives_the_same_bytes(tmp_path):
    files = small_exports(tmp_path / "exports", lines=2_000)
    assert run(tmp_path / "out", **files) == 0
    first = (tmp_path / "out/recommendations.json").read_bytes()

    assert run(tmp_path / "out", **files) == 0

    assert (tmp_path / "out/recommendations.json").read_bytes() == first
    assert json.loads((tmp_path / "out/run.json").read_text())["run"] == 2


def test_a_packed_file_gives_what_the_plain_one_gives(ran, tmp_path):
    files = small_exports(tmp_path / "exports")
    packed = tmp_path / "orders_export.csv.gz"
    packed.write_bytes(gzip.compress(files["orders"].read_bytes()))

    assert run(tmp_path / "out", **{**files, "orders": packed}) == 0

    def told(folder):
        return [(one["products"], one["pricing"]) for one in recommendations(folder)]

    assert told(tmp_path / "out") == told(ran)


def test_orders_alone_are_enough(tmp_path):
    files = small_exports(tmp_path / "exports")

    assert run(tmp_path / "out", orders=files["orders"]) == 0

    found = recommendations(tmp_path / "out")
    assert len(found) >= 30
    assert any(one["evidence"]["orders_together"] > 0 for one in found)


def test_products_alone_are_enough_and_it_says_that_no_co_purchase_was_seen(tmp_path, capsys):
    files = small_exports(tmp_path / "exports")

    assert run(tmp_path / "out", products=files["products"]) == 0

    found = recommendations(tmp_path / "out")
    assert found
    told = capsys.readouterr().out
    assert "cannot promise (too little evidence)" in told
    assert "XXX" not in told
    for one in found:
        assert one["pricing"]["currency"] is None
        assert "no co-purchase was seen" in one["explanation"]
        assert one["evidence"]["orders_together"] == 0
        assert one["confidence"] == 0


@pytest.mark.slow
def test_the_planted_affinities_of_the_sample_shop_are_found(tmp_path):
    assert main(["demo", "--out", str(tmp_path)]) == 0

    shown = [{product["sku"] for product in one["products"]} for one in recommendations(tmp_path)]
    planted = [set(skus) for skus in sample.planted_affinities()]
    found = sum(any(skus <= bundle for bundle in shown) for skus in planted)
    assert len(shown) >= 30
    assert found >= 0.75 * len(planted)  # some are out of season, or crowd a page


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n\n\n", "is empty"),
        (b"PK\x03\x04" + bytes(range(256)) * 40, "CSV"),
        (bytes(range(1, 256)) * 40, ""),
        (b"colour,mood\nred,good\nblue,bad\n", "header"),
        (b"order_id,sku,quantity,price,date\n", "no rows"),
    ],
)
def test_what_is_no_export_is_refused_in_one_sentence(tmp_path, capsys, content, said):
    bad = tmp_path / "bad.csv"
    bad.write_bytes(content)

    assert run(tmp_path / "out", orders=bad) == 2

    told = capsys.readouterr().err
    assert told.startswith("bundles: bad.csv")
    assert said in told
    assert len(told.splitlines()) == 1
    assert not (tmp_path / "out/recommendations.json").exists()
    assert not list((tmp_path / "out/.state/landing").rglob("*.csv"))


def test_a_file_that_is_not_there_is_refused_before_anything_is_written(tmp_path, capsys):
    assert run(tmp_path / "out", orders=tmp_path / "none.csv") == 2

    assert "no such file" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_products_given_as_orders_are_refused(tmp_path, capsys):
    files = small_exports(tmp_path / "exports", lines=50)

    assert run(tmp_path / "out", orders=files["products"]) == 2

    assert "a file of products, not of orders" in capsys.readouterr().err


def test_a_column_is_what_the_person_says_it_is(tmp_path):
    orders, things = tmp_path / "orders.csv", ("Tea", "Cup", "Lamp", "Rug")
    rows = "".join(
        f"{n // 2 if n < 400 else n},Kind {n % 3},{things[n % 4]},2.00,2026-01-{1 + n // 40:02}\n"
        for n in range(1_000)
    )
    orders.write_text(f"Order No,Item name,Whatnot,Price,Date\n{rows}")
    out = str(tmp_path / "out")

    assert main(["run", "--orders", str(orders), "--map", 'title="Whatnot"', "--out", out]) == 0

    names = {
        product["name"] for one in recommendations(tmp_path / "out") for product in one["products"]
    }
    assert names <= {*things}


def test_the_ids_of_the_products_file_are_carried_through(tmp_path):
    products = tmp_path / "products.csv"
    rows = "".join(
        f"{900 + n},{7000 + n},tea-{n},Green tea {chr(65 + n)},T{n},{4 + n}.50\n" for n in range(8)
    )
    products.write_text(f"Product ID,Variant ID,Handle,Title,Variant SKU,Variant Price\n{rows}")

    assert run(tmp_path / "out", products=products) == 0

    sold = [product for one in recommendations(tmp_path / "out") for product in one["products"]]
    ids = {(product["sku"], product["product_id"], product["variant_id"]) for product in sold}
    assert ids
    assert ids <= {(f"T{n}", str(900 + n), str(7000 + n)) for n in range(8)}


def test_a_file_beside_the_orders_that_cannot_be_used_is_left_out_and_said(tmp_path, capsys):
    files = small_exports(tmp_path / "exports", lines=2_000)
    files["inventory"].write_bytes(b"%PDF-1.7")

    assert run(tmp_path / "out", orders=files["orders"], inventory=files["inventory"]) == 0

    assert "Done without inventory" in capsys.readouterr().out


def test_one_per_cent_of_broken_rows_do_not_stop_the_rest(tmp_path):
    rows = cut(exports()["orders"], 3_000).splitlines(keepends=True)
    broken = range(100, len(rows), 100)
    for at in broken:
        cells = rows[at].split(b",")
        rows[at] = b",".join(cells[: len(cells) // 2]) + b"\n"
    file = tmp_path / "orders.csv"
    file.write_bytes(b"".join(rows))

    assert run(tmp_path / "out", orders=file) == 0

    rejects = (tmp_path / "out/rejects.csv").read_text().splitlines()
    assert rejects[0].startswith("file,row,line,reason,")
    assert len(rejects) - 1 == len(broken)
    assert all(line.startswith("orders.csv,") for line in rejects[1:])


def test_ctrl_c_leaves_a_run_that_the_same_command_finishes(tmp_path):
    files = small_exports(tmp_path / "exports", lines=3_000)
    command = [sys.executable, "-m", "pipeline_lib.cli.main", "run", "--out", str(tmp_path / "out")]
    command += [text for slot, file in files.items() for text in (f"--{slot}", str(file))]

    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        log = tmp_path / "out/.state/log.jsonl"
        while not (log.exists() and log.stat().st_size):
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        said = process.stderr.read().decode()
    again = subprocess.run(command, capture_output=True, text=True, check=False)

    if process.returncode == 0:
        pytest.skip("NOT TESTED: the run was over before the signal came")
    assert process.returncode == 130
    assert "run the same command again" in said
    assert again.returncode == 0


@pytest.mark.skipif(not SHARED.exists(), reason=ABSENT)
def test_two_real_weeks_run_without_a_single_non_product(tmp_path):
    assert run(tmp_path / "out", orders=SHARED / "orders_export_two_weeks.csv.gz") == 0

    found = recommendations(tmp_path / "out")
    assert 20 <= len(found) <= 100
    skus = {product["sku"].upper() for one in found for product in one["products"]}
    assert not {sku for sku in skus if sku in {"POST", "DOT", "M", "D", "S", "AMAZONFEE"}}
    assert not {sku for sku in skus if sku.startswith("GIFT_")}


def test_corrected_rejects_join_the_same_run_as_a_supplement(tmp_path):
    rows = cut(exports()["orders"], 2_000).splitlines(keepends=True)
    whole = tmp_path / "whole.csv"
    whole.write_bytes(b"".join(rows))
    header = rows[0].decode().rstrip("\n").split(",")
    at = header.index("Lineitem quantity")
    broken = list(rows)
    for number in (100, 700, 1_500):
        parsed = next(csv.reader([rows[number].decode()]))
        parsed[at] = "many"
        broken[number] = (",".join(f'"{cell}"' for cell in parsed) + "\n").encode()
    file = tmp_path / "orders.csv"
    file.write_bytes(b"".join(broken))
    assert run(tmp_path / "first", orders=file) == 0

    rejects = list(csv.DictReader((tmp_path / "first/rejects.csv").read_text().splitlines()))
    assert len(rejects) == 3
    corrected = tmp_path / "rejects.csv"
    with corrected.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, rejects[0])
        writer.writeheader()
        for row in rejects:
            original = next(csv.reader([rows[int(row["row"])].decode()]))
            writer.writerow({**row, "Lineitem quantity": original[at]})
    assert run(tmp_path / "second", orders=file, supplement=corrected) == 0
    assert run(tmp_path / "third", orders=whole) == 0

    def lines(folder):
        record = json.loads((tmp_path / folder / "run.json").read_text())
        return record["phases"]["ingest"]["output"]["lines"]

    assert lines("second") == lines("third") == lines("first") + 3


def test_nothing_that_a_run_writes_holds_a_shoppers_data(tmp_path):
    content = cut(exports()["orders"], 3_000)
    rows = content.splitlines(keepends=True)
    rows[77] = rows[77][: len(rows[77]) // 2] + b"\n"
    file = tmp_path / "orders.csv"
    file.write_bytes(b"".join(rows))
    people = {
        cell
        for row in csv.DictReader(content.decode().splitlines())
        for name, cell in row.items()
        if cell and name in {"Email", "Billing Name", "Billing Street", "Billing Phone", "Phone"}
    }
    assert len(people) > 100

    assert run(tmp_path / "out", orders=file) == 0

    written = [one for one in (tmp_path / "out").rglob("*") if one.is_file()]
    assert len(written) > 10
    for one in written:
        held = one.read_bytes()
        assert not [person for person in people if person.encode() in held], one


def test_the_next_orders_file_grades_the_bundles_of_the_last_one(tmp_path):
    rows = cut(exports()["orders"], 30_000).splitlines(keepends=True)
    whole, early = tmp_path / "whole.csv", tmp_path / "early.csv"
    whole.write_bytes(b"".join(rows))
    at = next(n for n in range(9_000, len(rows)) if rows[n][:6] != rows[n - 1][:6])
    early.write_bytes(b"".join([rows[0], *rows[at:]]))  # newest orders come first in an export
    assert run(tmp_path / "out", orders=early) == 0

    assert run(tmp_path / "out", orders=whole) == 0

    kept = (tmp_path / "out/.state/artefacts").rglob("grades.json")
    first, told = sorted((json.loads(grades.read_text()) for grades in kept), key=len)
    assert first == {}
    assert len(told) > 10
    assert all(0 <= grade["attach_after"] <= 1 for grade in told.values())
    assert {0.5, 1.5} != {grade["factor"] for grade in told.values()}


def test_a_file_that_continues_adds_to_the_counts_of_the_last_run(tmp_path):
    rows = cut(exports()["orders"], 9_000).splitlines(keepends=True)
    at = next(n for n in range(2_000, len(rows)) if rows[n][:6] != rows[n - 1][:6])
    files = {"whole": rows, "later": rows[:at], "early": [rows[0], *rows[at:]]}
    for name, part in files.items():
        (tmp_path / f"{name}.csv").write_bytes(b"".join(part))
    assert run(tmp_path / "out", orders=tmp_path / "early.csv") == 0
    out = ["--out", str(tmp_path / "out")]

    assert main(["run", "--orders", str(tmp_path / "later.csv"), "--continues", *out]) == 0

    assert run(tmp_path / "once", orders=tmp_path / "whole.csv") == 0
    added, once = (
        max(
            (json.loads(file.read_text()) for file in (tmp_path / folder).rglob("ledger.json")),
            key=lambda facts: facts["orders"],
        )
        for folder in ("out/.state", "once/.state")
    )
    assert added == once
    pair = next(one for one in recommendations(tmp_path / "out") if one["bundle_type"] == "FBT")
    assert pair["evidence"]["orders_total"] == once["orders"]


def test_there_must_be_something_to_continue(tmp_path, capsys):
    files = small_exports(tmp_path / "exports", lines=100)
    given = ["--orders", str(files["orders"]), "--out", str(tmp_path / "out")]

    assert main(["run", *given, "--continues"]) == 2

    assert "holds no run of my-shop" in capsys.readouterr().err


def test_files_that_an_erasure_removed_can_be_given_again(tmp_path):
    file = tmp_path / "orders.csv"
    file.write_bytes(planted.planted())
    assert run(tmp_path / "out", orders=file) == 0
    with planted.other_stores(tmp_path / "out/.state") as stores:
        planted.webhook(stores, shop="my-shop")
        planted.drained(stores)
        assert planted.traces(stores, *planted.MARKERS) == {}

    assert run(tmp_path / "out", orders=file) == 0

    record = json.loads((tmp_path / "out/run.json").read_text())
    assert (record["run"], record["status"]) == (3, "completed")
    assert record["phases"]["ingest"]["output"]["lines"] > 1_000
