import os
import subprocess
import sys

import pytest

from pipeline_lib.cli.main import COMMANDS, main
from tests.shops import exports

COMMAND = [sys.executable, "-m", "pipeline_lib.cli.main"]


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        (["--help"], {0, 141}),  # argparse minds no pipe that it finds closed
        (["inspect", "--json", "FILE"], {141}),
        (["inspect", "FILE"], {1}),  # what draws the tables ends so
    ],
)
def test_a_reader_that_has_had_enough_ends_it_quietly(tmp_path, asked, codes, unbuffered):
    file = tmp_path / "orders.csv"
    file.write_bytes(exports()["orders"])
    words = [str(file) if word == "FILE" else word for word in asked]

    with subprocess.Popen(
        [*COMMAND, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
    ) as process:
        process.stdout.close()
        said = process.stderr.read()

    assert said == b""
    assert process.returncode in codes


def test_the_help_of_all_commands_imports_none_of_them():
    code = (
        "import sys\n"
        "from pipeline_lib.cli.main import COMMANDS, parser\n"
        "parser(None).format_help()\n"
        "print([name for name in COMMANDS if f'pipeline_lib.cli.{name}' in sys.modules])\n"
        "print('polars' in sys.modules)"
    )

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout.split("\n")[:2] == ["[]", "False"]


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_its_own_help(name, capsys):
    with pytest.raises(SystemExit, match="0"):
        main([name, "--help"])

    assert COMMANDS[name].split()[0].capitalize() in capsys.readouterr().out
