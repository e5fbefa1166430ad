import random
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from pipeline_lib import topology
from pipeline_lib.adapters.local.topics import SqliteTopics
from pipeline_lib.cli import run as command
from pipeline_lib.runtime import chain, wiring
from pipeline_lib.runtime.chain import FolderInUse
from tests.shops import small_exports

DYING = Path(__file__).with_name("dying.py")
CHAIN = [row.name for row in topology.chain()]


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    """The bytes of an undisturbed run."""
    folder = tmp_path_factory.mktemp("clean")
    command.run(small_exports(folder / "exports", lines=2_000), shop="s", out=folder / "out")
    return (folder / "out/recommendations.json").read_bytes()


class TwiceAndShuffled(SqliteTopics):
    """Delivers every message twice, in an order that only a seed knows."""

    def __init__(self, *arguments, seed, **options):
        super().__init__(*arguments, **options)
        self.random = random.Random(seed)

    def publish(self, topic, message):
        super().publish(topic, message)
        super().publish(topic, message)

    def take(self):
        with self._database.write() as connection:
            due = connection.execute(
                "SELECT id FROM messages WHERE NOT taken AND due <= ?", (time.time(),)
            )
            for (number,) in due.fetchall():
                connection.execute(
                    "UPDATE messages SET due = ? WHERE id = ?", (self.random.random(), number)
                )
        return super().take()


@pytest.mark.parametrize("seed", [1, 2])
def test_every_message_twice_and_shuffled_gives_the_same_bytes(clean, tmp_path, monkeypatch, seed):
    monkeypatch.setattr(wiring, "SqliteTopics", partial(TwiceAndShuffled, seed=seed))

    command.run(small_exports(tmp_path / "exports", lines=2_000), shop="s", out=tmp_path / "out")

    assert (tmp_path / "out/recommendations.json").read_bytes() == clean


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("phases", [CHAIN, ["quickstart"]], ids=["chain", "preview"])
def test_a_process_that_is_killed_in_each_phase_ends_with_the_same_bytes(
    clean, tmp_path, phases, moment
):
    files = small_exports(tmp_path / "exports", lines=2_000)
    given = [f"{slot}={file}" for slot, file in files.items()]

    for phase in phases:
        killed = subprocess.run(
            [sys.executable, DYING, phase, moment, tmp_path / "out", *given],
            capture_output=True,
            text=True,
            check=False,
        )
        assert killed.returncode == -9, (phase, killed.stderr)
    command.run(files, shop="s", out=tmp_path / "out")

    assert (tmp_path / "out/recommendations.json").read_bytes() == clean


def test_the_half_of_a_file_that_a_killed_process_left_is_gone_when_the_chain_starts(
    stores, tmp_path
):
    stores.ports.landing.write_once("u/orders/o.csv", b"whole")
    half = tmp_path / "state/landing/u/orders/.part-x"
    half.write_bytes(b"anna@example.com")

    with chain.run_chain(stores, tmp_path / "state"):
        left = list(half.parent.iterdir())

    assert [file.name for file in left] == ["o.csv"]


def test_two_processes_do_not_run_the_same_folder(stores, tmp_path):
    with (
        chain.run_chain(stores, tmp_path / "state"),
        pytest.raises(FolderInUse, match="in use"),
        chain.run_chain(stores, tmp_path / "state"),
    ):
        pass
