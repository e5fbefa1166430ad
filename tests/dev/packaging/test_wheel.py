import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SOURCES = ("pipeline_lib", "functions", "dev", "infra")
FILES = ("pyproject.toml", "README.md", "LICENSE")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The project's wheel, made of a copy: setuptools leaves things in its sources."""
    tree = tmp_path_factory.mktemp("tree")
    for name in SOURCES:
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, tree)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "wheel", ".", "--no-deps", "--no-build-isolation", "--wheel-dir", "wheels"],
        cwd=tree,
        check=True,
        capture_output=True,
    )
    return next((tree / "wheels").glob("bundlechain-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Runs ``bundles`` from the wheel alone, away from the sources."""
    site = tmp_path_factory.mktemp("site")
    zipfile.ZipFile(wheel).extractall(site)

    def bundles(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "pipeline_lib.cli.main", *arguments],
            cwd=site.parent,
            env={**os.environ, "PYTHONPATH": str(site)},
            capture_output=True,
            text=True,
            check=False,
        )

    return bundles


def test_the_wheel_holds_what_the_command_needs_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    packages = {"/".join(name.split("/")[:2]) for name in names if name.startswith("dev/")}

    assert {name.split("/")[0].split("-")[0] for name in names} == {
        "bundlechain",
        "dev",
        "pipeline_lib",
    }
    assert packages - {"dev/record_types.py"} == {  # a plugin of mypy, which lies beside them
        "dev/__init__.py",
        "dev/emulators",
        "dev/sample",
    }
    assert {"pipeline_lib/py.typed", "pipeline_lib/topology.json", "dev/sample/catalogue.csv"} <= {
        *names
    }


def test_the_emulators_want_a_clone_of_the_repository(installed, tmp_path):
    ended = installed("emulate", "--out", str(tmp_path / "out"))

    assert ended.returncode == 3
    assert "run it from a clone of the repository" in ended.stderr


@pytest.mark.slow
def test_the_demonstration_runs_from_the_wheel(installed, tmp_path):
    ended = installed("demo", "--out", str(tmp_path / "demo"))

    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "demo/recommendations.json").stat().st_size > 10_000
