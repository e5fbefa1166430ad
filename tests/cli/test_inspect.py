import json

import pytest

from pipeline_lib.cli.main import main
from tests.shops import small_exports


def test_a_merchant_sees_columns_rows_and_what_can_be_promised(tmp_path, capsys):
    files = small_exports(tmp_path, lines=3_000)

    assert main(["inspect", *map(str, files.values())]) == 0

    told = capsys.readouterr().out
    assert "orders_export.csv is a file of orders" in told
    assert "Lineitem sku" in told
    assert "set aside: cancelled" in told
    assert "What a run can promise: ready" in told
    assert "example.com" not in told
    assert not list(tmp_path.rglob(".state"))


def test_for_programs_the_same_as_one_document_whose_rows_add_up(tmp_path, capsys):
    files = small_exports(tmp_path, lines=3_000)

    assert main(["inspect", "--json", str(files["orders"]), str(files["products"])]) == 0

    told = json.loads(capsys.readouterr().out)
    assert [one["kind"] for one in told["files"]] == ["orders", "products"]
    for one in told["files"]:
        assert one["rows"] == one["kept"] + one["rejected"] + sum(one["set_aside"].values())
    assert told["readiness"]["matched"] > 0.9


def test_too_little_is_called_too_little(tmp_path, capsys):
    file = tmp_path / "orders.csv"
    file.write_text("order_id,sku,quantity,price,date\n1,A,1,2.00,2026-01-01\n")

    assert main(["inspect", str(file)]) == 0

    assert "too little evidence" in capsys.readouterr().out


def test_what_is_no_export_is_refused(tmp_path, capsys):
    assert main(["inspect", str(tmp_path / "none.csv")]) == 2
    assert "there is no such file" in capsys.readouterr().err


def unsure(folder):
    """Orders whose product column is named so that nobody can be sure."""
    file = folder / "orders.csv"
    rows = "".join(
        f"{n // 2},Thing {n % 5},Kind {n % 3},1,2.00,2026-01-{1 + n // 4:02}\n" for n in range(80)
    )
    file.write_text(f"Order No,My product text,Sort,Qty,Price,Date\n{rows}")
    return file


def test_a_column_that_is_not_sure_is_asked_about_with_what_to_type(tmp_path, capsys):
    assert main(["inspect", str(unsure(tmp_path))]) == 0

    told = capsys.readouterr().out
    assert 'is "My product text" the name?' in told
    assert "--map name=" in told


def test_a_person_s_word_about_a_column_is_followed(tmp_path, capsys):
    assert main(["inspect", "--json", "--map", 'title="Sort"', str(unsure(tmp_path))]) == 0

    (found,) = json.loads(capsys.readouterr().out)["files"]
    (name,) = [one for one in found["columns"] if one["field"] == "name"]
    assert (name["column"], name["sure"], name["needs_check"]) == ("Sort", 1.0, False)


@pytest.mark.parametrize("said", ["title", "title=", "colour=Sort"])
def test_what_is_no_field_and_header_is_refused(tmp_path, capsys, said):
    with pytest.raises(SystemExit):
        main(["inspect", "--map", said, str(unsure(tmp_path))])

    assert "argument --map" in capsys.readouterr().err


def test_a_column_that_no_file_has_is_refused(tmp_path, capsys):
    assert main(["inspect", "--map", "title=Whatnot", str(unsure(tmp_path))]) == 2

    assert 'no column "Whatnot"' in capsys.readouterr().err
