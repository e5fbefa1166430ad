import pytest

from infra.bundles import contents, read_project
from infra.imports import NotPacked

PYPROJECT = """
[project]
dependencies = ["polars==2.1.0", "cloudevents==1.12.0"]
optional-dependencies = {dev = ["pytest==9.2.0"]}
[tool.setuptools.package-data]
pipeline_lib = ["**/*.json"]
"""


@pytest.fixture
def small(tmp_path):
    """A repository of one function ``f``; gives the contents of its zip when told its files."""

    def files_of(**texts):
        (tmp_path / "pyproject.toml").write_text(PYPROJECT)
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
    assert files["requirements.txt"] == b"polars==2.1.0\n"


def test_what_only_a_type_checker_reads_is_left_out(small):
    text = "import typing\nif typing.TYPE_CHECKING:\n    import polars\nelse:\n    import json"

    assert small(main=text)["requirements.txt"] == b""


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
        ("import numpy", r"functions/f/main.py imports numpy, which nothing pinned"),
        ("import pytest", r"functions/f/main.py imports pytest, which nothing pinned"),
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


def test_a_lock_adds_what_the_imports_need_in_turn_and_nothing_else(small):
    lock = """
cloudevents==1.12.0
    # via shop (pyproject.toml)
deprecation==2.1.0  # via cloudevents
packaging==26.3 ; python_version < '4'
    # via
    #   deprecation
    #   pytest
polars==2.1.0
    # via shop (pyproject.toml)
Polars_Runtime.32==2.1.0
    # via polars[all]
"""

    with_events = small(main="import cloudevents", **{"requirements.txt": lock})
    with_frames = small(main="import polars")

    assert with_events["requirements.txt"].decode().splitlines() == [
        "cloudevents==1.12.0",
        "deprecation==2.1.0",
        "packaging==26.3 ; python_version < '4'",
    ]
    assert with_frames["requirements.txt"] == b"Polars_Runtime.32==2.1.0\npolars==2.1.0\n"


def test_a_lock_that_is_older_than_the_pins_is_refused(small):
    with pytest.raises(NotPacked, match=r"does not lock polars==2.1.0"):
        small(**{"requirements.txt": "polars==2.0.9\ncloudevents==1.12.0\n"})


def test_a_dependency_without_a_version_is_refused(small, tmp_path):
    small()
    (tmp_path / "pyproject.toml").write_text(PYPROJECT.replace("==2.1.0", ">=2"))

    with pytest.raises(NotPacked, match=r"polars>=2 pins no version"):
        read_project(tmp_path)
