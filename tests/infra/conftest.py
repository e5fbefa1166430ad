import json
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tree(tmp_path):
    """A copy of the Terraform and what it reads, to break; a bundle is any bytes."""
    leave = shutil.ignore_patterns("__pycache__", ".terraform*")
    for name in ("infra", "tests/infra", "pipeline_lib"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=leave)
    shutil.copy(ROOT / "main.tf", tmp_path)
    bundles = tmp_path / "build/bundles"
    bundles.mkdir(parents=True)
    for row in json.loads((ROOT / "pipeline_lib/topology.json").read_text())["phases"]:
        (bundles / f"{row['name']}.zip").write_bytes(row["name"].encode())
    return tmp_path
