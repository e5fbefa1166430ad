"""The house's own rules, where no tool enforces them."""

import ast
import json
import re
import tomllib
from itertools import chain, pairwise
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pipeline_lib import topology

ROOT = Path(__file__).resolve().parents[1]
NAMES = [row.name for row in topology.phases()]
ON_MESSAGES = [row.name for row in topology.phases() if row.wakes_on != "http"]
LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-bench.txt")


def folder(path):
    return sorted(
        entry.stem
        for entry in (ROOT / path).iterdir()
        if not entry.name.startswith(("_", ".")) and (entry.suffix == ".py" or entry.is_dir())
    )


def test_each_row_has_its_function_its_module_and_its_test_of_one_name():
    assert folder("functions") == sorted(NAMES)
    assert folder("pipeline_lib/phases") == sorted(ON_MESSAGES)
    assert folder("tests/phases") == sorted(f"test_{name}" for name in ON_MESSAGES)
    assert {*NAMES} - {*ON_MESSAGES} == {"api"}
    assert len(set(NAMES)) == len(NAMES)


def test_the_graph_leads_from_its_first_phase_to_every_other_of_the_runs():
    reached, todo = set(), [topology.first().name]
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            todo += topology.phase(name).then

    assert reached == {row.name for row in topology.phases() if row.role != "service"}


def test_the_bands_fill_the_progress_in_the_order_of_the_chain():
    bands = [row.band for row in topology.chain()]

    assert bands[0][0] == 0
    assert bands[-1][1] == 100
    assert all(before[1] == after[0] for before, after in pairwise(bands))
    assert sum(row.typical_share for row in topology.chain()) == pytest.approx(1)


@pytest.mark.parametrize("name", NAMES)
def test_an_entry_point_is_thin_and_says_what_its_row_says(name):
    text = (ROOT / f"functions/{name}/main.py").read_text()

    assert len(text.splitlines()) <= 20
    assert text.startswith(f'"""Cloud Function `{name}`: {topology.phase(name).does}')


@pytest.mark.parametrize("name", ON_MESSAGES)
def test_what_follows_a_phase_is_said_by_its_row_alone(name):
    tree = ast.parse((ROOT / f"pipeline_lib/phases/{name}.py").read_text())
    keywords = {node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword)}
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}

    assert "then" not in keywords
    assert texts.isdisjoint(topology.phase(name).then)


def test_modules_and_functions_keep_their_budget():
    over = []
    for file in sorted((ROOT / "pipeline_lib").rglob("*.py")):
        text = file.read_text()
        if len(text.splitlines()) > 400:
            over.append((str(file.relative_to(ROOT)), len(text.splitlines())))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                first, *rest = node.body
                body = (
                    rest if isinstance(getattr(first, "value", None), ast.Constant) else node.body
                )
                lines = node.end_lineno - body[0].lineno + 1 if body else 0
                if lines > 30:
                    over.append((f"{file.relative_to(ROOT)}:{node.name}", lines))

    assert over == []


def test_every_module_says_in_one_line_what_it_is():
    for file in (ROOT / "pipeline_lib").rglob("*.py"):
        said = ast.get_docstring(ast.parse(file.read_text()))
        assert said, file
        assert said.splitlines()[0].endswith("."), file


def test_the_readme_shows_the_graph_as_the_rows_have_it():
    text = (ROOT / "README.md").read_text()
    table = re.findall(r"^\| `(\w+)` \| (.+?) \| (.*?) ?\|$", text, flags=re.MULTILINE)

    shown = {name: (does, tuple(re.findall(r"`(\w+)`", then))) for name, does, then in table}
    assert shown == {row.name: (row.does, row.then) for row in topology.phases()}


@pytest.mark.parametrize(
    ("lock", "extras"),
    [
        ("requirements.txt", {"google", "s3", "build"}),
        ("requirements-dev.txt", {"google", "s3", "build", "dev", "emulate"}),
        ("requirements-bench.txt", {"google", "s3", "build", "dev", "emulate", "bench"}),
    ],
)
def test_a_lock_pins_what_the_project_asks_for(lock, extras):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    groups = [project["dependencies"], *(project["optional-dependencies"][one] for one in extras)]
    pins = dict(
        re.findall(r"^([\w.-]+)(?:\[\S+\])?==([^\s;]+)", (ROOT / lock).read_text(), re.MULTILINE)
    )

    for requirement in map(Requirement, chain.from_iterable(groups)):
        assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)])


def test_the_locks_agree_and_name_no_registry():
    texts = [(ROOT / lock).read_text() for lock in LOCKS]
    pinned = [set(re.findall(r"^\S+==\S+", text, re.MULTILINE)) for text in texts]

    assert pinned[0] <= pinned[1] <= pinned[2]
    assert not [text for text in texts if re.search(r"://|^-", text, re.MULTILINE)]


def test_the_topology_is_one_document_that_terraform_can_read_too():
    document = json.loads((ROOT / "pipeline_lib/topology.json").read_text())

    keys = {frozenset(row) for row in document["phases"]}
    assert len(keys) == 1
