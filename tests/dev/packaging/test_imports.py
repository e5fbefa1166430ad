import json

import pytest

from dev.packaging.bundles import contents, read_project
from dev.packaging.imports import NotPacked

PYPROJECT = """
[project]
dependencies = ["polars>=2.1,<3", "cloudevents~=1.12"]
optional-dependencies = {dev = ["pytest>=9"]}
[tool.setuptools.package-data]
pipeline_lib = ["**/*.json"]
"""
LOCK = """
cloudevents==1.12.0 \\
    --hash=sha256:c1 \\
    --hash=sha256:c2
    # via shop (pyproject.toml)
deprecation==2.1.0 --hash=sha256:d  # via cloudevents
packaging==26.3 ; python_version < '4' \\
    --hash=sha256:a
    # via
    #   deprecation
    #   pytest
polars==2.1.0 \\
    --hash=sha256:b
    # via shop (pyproject.toml)
Polars_Runtime.32==2.1.0 \\
    --hash=sha256:e
    # via polars[all]
"""

ROW = {"name": "f", "role": "service", "wakes_on": "messages", "secrets_elsewhere": []}
TOPOLOGY = {"phases": [ROW]}
RECEIVER = "pipeline_lib/runtime/receiver.py"
BY_NAME = "from importlib import import_module\nimport_module(f'pipeline_lib.phases.{name}')"


@pytest.fixture
def small(tmp_path):
    """A repository of one function ``f``; gives the contents of its zip when told its files."""

    def files_of(**texts):
        (tmp_path / "pyproject.toml").write_text(PYPROJECT)
        (tmp_path / "pipeline_lib").mkdir(exist_ok=True)
        (tmp_path / "pipeline_lib/topology.json").write_text(json.dumps(TOPOLOGY))
        (tmp_path / "requirements.txt").write_text(LOCK)
        for name in ("functions/f/main.py", "pipeline_lib/__init__.py"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()
        for name, text in texts.items():
            path = tmp_path / {"main": "functions/f/main.py"}.get(name, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return contents(read_project(tmp_path), "f")

    return files_of


def test_imports_are_followed_into_functions_packages_and_relatives(small):
    files = small(
        **{
            "main": "def later():\n    from pipeline_lib.a.b import c\n",
            "pipeline_lib/a/__init__.py": "from . import d",
            "pipeline_lib/a/b/__init__.py": "",
            "pipeline_lib/a/b/c.py": "from ..e import thing",
            "pipeline_lib/a/d.py": "",
            "pipeline_lib/a/e.py": "import polars.exceptions as x\nthing = 1",
            "pipeline_lib/unused.py": "import cloudevents",
        }
    )

    assert sorted(files) == [
        "main.py",
        "pipeline_lib/__init__.py",
        "pipeline_lib/a/__init__.py",
        "pipeline_lib/a/b/__init__.py",
        "pipeline_lib/a/b/c.py",
        "pipeline_lib/a/d.py",
        "pipeline_lib/a/e.py",
        "requirements.txt",
    ]
    assert b"polars==2.1.0" in files["requirements.txt"]
    assert b"cloudevents" not in files["requirements.txt"]


def test_what_only_a_type_checker_reads_is_left_out(small):
    text = "import typing\nif typing.TYPE_CHECKING:\n    import polars\nelse:\n    import json"

    assert small(main=text)["requirements.txt"] == b""


def test_what_the_receiver_loads_by_name_is_the_module_that_the_topology_says(small):
    files = small(
        **{
            "main": "from pipeline_lib.runtime import receiver",
            "pipeline_lib/runtime/__init__.py": "",
            RECEIVER: BY_NAME,
            "pipeline_lib/phases/__init__.py": "",
            "pipeline_lib/phases/f.py": "import polars",
            "pipeline_lib/phases/g.py": "import cloudevents",
        }
    )

    assert "pipeline_lib/phases/f.py" in files
    assert "pipeline_lib/phases/g.py" not in files
    assert b"polars==2.1.0" in files["requirements.txt"]
    assert b"cloudevents" not in files["requirements.txt"]


def test_a_function_without_a_phase_of_its_name_is_refused(small):
    with pytest.raises(NotPacked, match=f"{RECEIVER} imports pipeline_lib.phases, which is not"):
        small(
            **{
                "main": "import pipeline_lib.runtime.receiver",
                "pipeline_lib/runtime/__init__.py": "",
                RECEIVER: BY_NAME,
            }
        )


def test_the_receiver_may_load_by_name_and_not_by_path(small):
    with pytest.raises(NotPacked, match=f"{RECEIVER} uses __file__"):
        small(
            **{
                "main": "import pipeline_lib.runtime.receiver",
                "pipeline_lib/runtime/__init__.py": "",
                RECEIVER: "open(__file__)",
            }
        )


@pytest.mark.parametrize("package", ["__package__", "'pipeline_lib.a'"])
def test_data_travel_with_the_module_that_reads_them(small, package):
    reads = f"from importlib.resources import files\nfiles({package}).joinpath('x.json')"
    files = small(
        **{
            "main": "import pipeline_lib.a.reader",
            "pipeline_lib/a/__init__.py": "",
            "pipeline_lib/a/reader.py": reads,
            "pipeline_lib/a/x.json": "{}",
            "pipeline_lib/a/notes.txt": "",
            "pipeline_lib/y.json": "{}",
        }
    )

    data = [name for name in files if not name.endswith(".py")]
    assert sorted(data) == ["pipeline_lib/a/x.json", "requirements.txt"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import numpy", r"functions/f/main.py imports numpy, which nothing declared"),
        ("import pytest", r"functions/f/main.py imports pytest, which nothing declared"),
        ("from dev import sample", r"imports dev.sample, which nothing declared"),
        ("import pipeline_lib.gone", r"imports pipeline_lib.gone, which is not there"),
        ("from pipeline_lib.gone import x", r"imports pipeline_lib.gone, which is not there"),
        ("from importlib import import_module", r"uses import_module, which cannot be followed"),
        ("import importlib as i\ni.import_module('x')", r"uses import_module"),
        ("open(__file__)", r"uses __file__"),
        ("files(name)", r"asks for files\(name\), which names no package"),
    ],
)
def test_what_cannot_be_traced_is_refused_in_one_sentence(small, text, reason):
    with pytest.raises(NotPacked, match=reason):
        small(main=text)


def test_the_lock_adds_what_the_imports_need_in_turn_and_nothing_else(small):
    with_events = small(main="import cloudevents")
    with_frames = small(main="import polars")

    assert with_events["requirements.txt"].decode().splitlines() == [
        "cloudevents==1.12.0 \\",
        "    --hash=sha256:c1 \\",
        "    --hash=sha256:c2",
        "deprecation==2.1.0 \\",
        "    --hash=sha256:d",
        "packaging==26.3 ; python_version < '4' \\",
        "    --hash=sha256:a",
    ]
    assert with_frames["requirements.txt"].decode().splitlines() == [
        "Polars_Runtime.32==2.1.0 \\",
        "    --hash=sha256:e",
        "polars==2.1.0 \\",
        "    --hash=sha256:b",
    ]


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("polars==2.1.0", "polars==2.0.9", r"does not lock polars<3,>=2.1: run make lock"),
        ("polars==2.1.0", "solars==2.1.0", r"does not lock polars<3,>=2.1: run make lock"),
        (" --hash=sha256:d ", " ", r"has no hash of deprecation==2.1.0: run make lock"),
    ],
)
def test_a_lock_that_is_stale_or_has_no_hash_is_refused(small, before, after, reason):
    with pytest.raises(NotPacked, match=reason):
        small(**{"requirements.txt": LOCK.replace(before, after, 1)})
