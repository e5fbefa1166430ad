import pytest

from pipeline_lib.cli.main import COMMANDS, main
from pipeline_lib.cli.results import print_best_bundles
from tests.recommendations.made_recommendations import recommendation


def test_in_eighty_columns_a_bundle_takes_two_lines_at_most(monkeypatch, capsys, tmp_path):
    for name, value in {"FORCE_COLOR": "1", "TERM": "dumb", "COLUMNS": "80"}.items():
        monkeypatch.setenv(name, value)
    one = recommendation(id="one")
    long = "Ceramic Pour-over Dripper, size 02 & Cone Paper Filters 02, pack of 100"
    one = one.replace(ai_copy=one.ai_copy.replace(title=long))

    print_best_bundles([one] * 3, tmp_path)

    table = capsys.readouterr().out.partition("\n\n")[0].splitlines()
    assert len(table) <= 1 + 2 * 3
    assert max(map(len, table)) <= 80


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_help_fits_eighty_columns(command, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")

    with pytest.raises(SystemExit):
        main([command, "--help"])

    assert [line for line in capsys.readouterr().out.splitlines() if len(line) > 80] == []
