import json

import pytest

from pipeline_lib.cli.main import main
from tests.shops import exports

DATES = ["--train-until", "2026-07-01", "--test-from", "2026-08-01"]


@pytest.fixture
def files(tmp_path):
    for slot in ("orders", "products"):
        (tmp_path / f"{slot}.csv").write_bytes(exports()[slot])
    return tmp_path


def test_for_programs_every_method_in_every_cell(files, capsys):
    orders = ["--orders", str(files / "orders.csv")]

    assert main(["backtest", *orders, *DATES, "--k", "20,50", "--json"]) == 0

    told = json.loads(capsys.readouterr().out)
    methods = {cell["method"] for cell in told["cells"]}
    assert {"ours", "pair count", "leverage", "item2vec", "seeds", "random"} <= methods
    assert len(told["cells"]) == len(methods) * 2 * 4
    assert {cell["cap"] for cell in told["cells"]} == {1, 2, 3, None}
    found = {cell["method"]: cell for cell in told["cells"] if (cell["k"], cell["cap"]) == (20, 2)}
    assert found["ours"]["incremental"] > 10 * max(found["random"]["incremental"], 1)
    assert all(0 <= cell["share_ge20"] <= cell["share_ge5"] <= 1 for cell in told["cells"])
    assert [one["k"] for one in told["larger"]] == [20, 50]


def test_for_people_a_table_with_the_best_baseline_of_each_cell(files, capsys):
    given = ["--orders", str(files / "orders.csv"), "--products", str(files / "products.csv")]

    assert main(["backtest", *given, *DATES, "--k", "20"]) == 0

    told = capsys.readouterr().out
    assert "best baseline" in told
    assert "mean ratio" in told
    assert "sets of three" in told


def test_dates_without_orders_are_refused(files, capsys):
    orders = ["--orders", str(files / "orders.csv")]

    code = main(["backtest", *orders, "--train-until", "2001-01-01", "--test-from", "2002-01-01"])

    assert code == 2
    assert "no orders before 2001-01-01" in capsys.readouterr().err
