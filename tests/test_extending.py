"""A phase is added in five places, as docs/guides/extend.md says; a forgotten one is named."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NAME, DOES = "translate", "worded bundles in, the same in the shop's other languages out"
PLACES = {
    "functions/translate/main.py": "functions",
    "pipeline_lib/phases/translate.py": "pipeline_lib/phases",
    "tests/phases/test_translate.py": "tests/phases",
    "README.md": "readme",
    "pipeline_lib/topology.json": "functions",
}
pytestmark = pytest.mark.slow

PARTS = ("functions", "pipeline_lib", "dev", "tests", "docs", "README.md", "pyproject.toml")

ENTRY_POINT = f'''"""Cloud Function `{NAME}`: {DOES}."""

from pipeline_lib.runtime.receiver import receiver

main = receiver("{NAME}")
'''
PHASE = '''"""Says the worded bundles in the shop's other languages."""

from pipeline_lib.messages import Outcome
from pipeline_lib.runs.job import Job


def run(job: Job) -> Outcome:
    """Read the worded bundles, keep them in other languages."""
    return Outcome(read={}, kept={})
'''
TEST = "def test_nothing_is_translated():\n    pass\n"


@pytest.fixture
def copy(tmp_path):
    """The repository with a phase more, between `copywrite` and `finalize`."""
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tmp_path / part)
    for lock in ROOT.glob("requirements*.txt"):
        shutil.copy(lock, tmp_path / lock.name)
    (tmp_path / f"functions/{NAME}").mkdir()
    (tmp_path / f"functions/{NAME}/main.py").write_text(ENTRY_POINT)
    (tmp_path / f"pipeline_lib/phases/{NAME}.py").write_text(PHASE)
    (tmp_path / f"tests/phases/test_{NAME}.py").write_text(TEST)
    (tmp_path / "pipeline_lib/topology.json").write_text(topology_with_the_phase())
    (tmp_path / "README.md").write_text(readme_with_the_phase())
    return tmp_path


def topology_with_the_phase():
    document = json.loads((ROOT / "pipeline_lib/topology.json").read_text())
    rows = {row["name"]: row for row in document["phases"]}
    before, after = rows["copywrite"], rows["finalize"]
    added = {**before, "name": NAME, "says": "Translating texts", "does": DOES}
    before["band"], added["band"] = [before["band"][0], 85], [85, after["band"][0]]
    before["typical_share"] = added["typical_share"] = before["typical_share"] / 2
    before["then"], added["then"] = [NAME], ["finalize"]
    document["phases"].insert(document["phases"].index(after), added)
    return json.dumps(document)


def readme_with_the_phase():
    text = (ROOT / "README.md").read_text()
    line = re.search(r"^\| `copywrite` \|.*$", text, re.MULTILINE).group()
    mine = f"| `{NAME}` | {DOES} | `finalize` |"
    return text.replace(line, line.replace("`finalize`", f"`{NAME}`") + "\n" + mine)


def check(folder):
    """What the house's own rules say of the copy."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-n0",
        "-p",
        "no:randomly",
        "-p",
        "no:cacheprovider",
    ]
    return subprocess.run(
        [*command, "tests/test_house.py"], cwd=folder, capture_output=True, text=True, check=False
    )


def test_a_phase_is_added_in_five_places(copy):
    done = check(copy)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("place", sorted(PLACES))
def test_a_place_that_was_forgotten_is_named(copy, place):
    if (ROOT / place).is_file():
        shutil.copy(ROOT / place, copy / place)
    else:
        (copy / place).unlink()
        if place.startswith("functions"):
            (copy / place).parent.rmdir()

    done = check(copy)

    assert done.returncode != 0
    assert PLACES[place] in done.stdout
