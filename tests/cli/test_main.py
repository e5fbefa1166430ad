import os
import subprocess
import sys

import pytest

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
