"""Misspelt names that type checking must find: each is planted in a copy of a module of ours."""

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]


class Plant(NamedTuple):
    """What stands in a module, what is written in its place, and what mypy then says."""

    module: str
    right: str
    wrong: str
    said: str


PLANTS = {
    "an artefact's name": Plant(
        "phases/score.py",
        "frame(frames.Catalog)",
        "frame(frames.Catalogue)",
        'Module has no attribute "Catalogue"',
    ),
    "a column": Plant(
        "phases/deduplicate.py",
        "columns=[Catalog.item, Catalog.sku]",
        "columns=[Catalog.item, Catalog.skew]",
        '"type[Catalog]" has no attribute "skew"',
    ),
    "a column of a row": Plant(
        "phases/copywrite.py",
        "row.bundle_type",
        "row.bundel_type",
        '"Explained" has no attribute "bundel_type"',
    ),
    "a column that may be null": Plant(
        "phases/copywrite.py",
        "products[item].title",
        "products[item].tags",
        "incompatible type List[str | None]; expected List[str]",
    ),
    "a report's name": Plant(
        "phases/price.py",
        "json(reports.FACTS)",
        "json(reports.FACT)",
        'Module has no attribute "FACT"',
    ),
    "a report's field": Plant(
        "phases/price.py",
        "(reports.FACTS).currency",
        "(reports.FACTS).curency",
        '"Facts" has no attribute "curency"',
    ),
    "a frame kept as a report": Plant(
        "phases/score.py",
        "artefacts.keep(frames.Fits, fits)",
        "artefacts.keep_json(frames.Fits, fits)",
        'Argument 1 to "keep_json"',
    ),
    "a document's field": Plant(
        "phases/quickstart.py",
        "shop.record.newest is None",
        "shop.record.newst is None",
        '"Shop" has no attribute "newst"',
    ),
    "a document's field in a change": Plant(
        "records/quick_install.py",
        "self.replace(overridden=True)",
        "self.replace(overriden=True)",
        'Unexpected keyword argument "overriden"',
    ),
    "a document's field in a query": Plant(
        "runs/sweep.py",
        'find(status="processing")',
        'find(state="processing")',
        'Unexpected keyword argument "state"',
    ),
    "a value that a field cannot have": Plant(
        "runs/sweep.py",
        'find(status="processing")',
        'find(status="procesing")',
        "has incompatible type \"Literal['procesing']\"",
    ),
    "a flag": Plant(
        "phases/score.py",
        "job.flags.phase_objective_scoring",
        "job.flags.phase_objectve_scoring",
        '"Flags" has no attribute "phase_objectve_scoring"',
    ),
    "a parameter": Plant(
        "phases/price.py",
        "job.parameters.pricing",
        "job.parameters.princing",
        '"Parameters" has no attribute "princing"',
    ),
}
SOUND = sorted({plant.module for plant in PLANTS.values()})


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """What mypy says of each copy: those with a plant by its name, the others by their module."""
    folder = tmp_path_factory.mktemp("planted")
    copies = {}
    for name, plant in PLANTS.items():
        text = (ROOT / "pipeline_lib" / plant.module).read_text()
        assert plant.right in text, name
        copies[name] = text.replace(plant.right, plant.wrong)
    copies |= {module: (ROOT / "pipeline_lib" / module).read_text() for module in SOUND}
    files = {name: f"copy_{number}.py" for number, name in enumerate(copies)}
    for name, text in copies.items():
        (folder / files[name]).write_text(text)
    lines = mypy(folder, files.values()).splitlines()
    return {
        name: "\n".join(line for line in lines if line.startswith(f"{file}:"))
        for name, file in files.items()
    }


def mypy(folder, files):
    """What mypy prints of these files of the folder, which import what is here."""
    settings = ("--config-file", ROOT / "pyproject.toml", "--follow-imports", "silent")
    cache = ("--cache-dir", folder / "cache", "--no-pretty", "--no-error-summary")
    command = (sys.executable, "-m", "mypy", *settings, *cache, *files)
    done = subprocess.run(
        command,
        cwd=folder,
        env={"MYPYPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


@pytest.mark.parametrize("name", PLANTS)
def test_what_is_misspelt_is_a_type_error(said, name):
    assert PLANTS[name].said in said[name]


@pytest.mark.parametrize("module", SOUND)
def test_the_same_copies_without_a_plant_have_none(said, module):
    assert said[module] == ""
