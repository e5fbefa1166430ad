import json

import pytest

from pipeline_lib.cli.main import main
from tests.shops import small_exports


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rules")
    files = small_exports(folder / "exports", lines=4_000)
    given = [text for slot, file in files.items() for text in (f"--{slot}", str(file))]
    assert main(["run", *given, "--out", str(folder / "out")]) == 0
    return str(folder / "out")


def test_a_slider_needs_no_new_run(out, capsys):
    listed = []
    for least in ("5", "15"):
        assert main(["rules", out, "--min-orders", least, "--json"]) == 0
        listed.append(json.loads(capsys.readouterr().out))

    few, many = sorted(listed, key=lambda told: len(told["rules"]))
    assert 0 < len(few["rules"]) < len(many["rules"])
    assert few["curve"] == many["curve"]
    rule = few["rules"][0]
    assert rule["antecedent"]["items"] != rule["consequent"]["items"]
    assert rule["confidence_low"] < rule["confidence"]


def test_people_see_rules_by_name_and_the_curve(out, capsys):
    assert main(["rules", out]) == 0

    told = capsys.readouterr().out
    assert "who buys" in told
    assert "min_orders" in told


def test_a_folder_without_a_run_is_refused(tmp_path, capsys):
    assert main(["rules", str(tmp_path)]) == 2
    assert "finished run" in capsys.readouterr().err
