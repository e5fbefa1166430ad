import base64
import io
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from dev import sample
from infra.bundles import ROOT, contents, read_project, zipped, zips
from pipeline_lib.clock import now
from pipeline_lib.runs import intake
from pipeline_lib.runtime import wiring
from tests.http.environ import ENVIRON

ROWS = json.loads((ROOT / "pipeline_lib" / "topology.json").read_text())["phases"]
PHASES = [row["name"] for row in ROWS]
SERVICES = [row["name"] for row in ROWS if row["role"] == "service" and row["wakes_on"] != "http"]
SMALL = [row["name"] for row in ROWS if row["wakes_on"] in {"schedule", "dead_letters"}]
PUBLIC = [row["name"] for row in ROWS if row["wakes_on"] == "http"]
FRAMES = {"polars", "numpy", "numba"}
IMPORTED_AS = {  # by hand, dotted where others share the first part
    "boto3": "boto3",
    "botocore": "botocore",
    "cloudevents": "cloudevents",
    "flask": "flask",
    "functions-framework": "functions_framework",
    "google-api-core": "google.api_core",
    "google-auth": "google.auth",
    "google-cloud-firestore": "google.cloud.firestore_v1",
    "google-cloud-pubsub": "google.cloud.pubsub_v1",
    "google-cloud-storage": "google.cloud.storage",
    "numba": "numba",
    "numpy": "numpy",
    "polars": "polars",
    "pydantic": "pydantic",
    "requests": "requests",
    "rich": "rich",
    "werkzeug": "werkzeug",
}
ALL_KNOWN = tuple(f"{known}." for known in IMPORTED_AS.values())
OURS = sys.stdlib_module_names | {"pipeline_lib"}
IMPORT = re.compile(r"^[ \t]*(?:from|import)[ \t]+([\w.]+)", re.MULTILINE)
FOR_TYPES = re.compile(r"^if TYPE_CHECKING:\n(?:[ \t]+.*\n)+", re.MULTILINE)


@pytest.fixture(scope="module")
def made():
    return {name: zipfile.ZipFile(io.BytesIO(data)) for name, data in zips(ROOT).items()}


def asked_of(archive):
    """The distributions that a zip's requirements name."""
    lines = archive.read("requirements.txt").decode().splitlines()
    return {line.partition("==")[0] for line in lines}


def run(archive, folder, *, pushed="", **environ):
    archive.extractall(folder)
    hidden = [known for name, known in IMPORTED_AS.items() if name not in asked_of(archive)]
    script = str(Path(__file__).with_name("from_zip.py"))
    site = sysconfig.get_path("purelib")
    return subprocess.run(
        [sys.executable, "-I", "-S", script, str(folder), site, *hidden],
        input=pushed,
        env={**os.environ, **environ},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_row_of_the_topology_has_a_zip(made):
    assert list(made) == PHASES


def test_the_same_sources_give_the_same_bytes_wherever_and_whenever_they_lie(tmp_path):
    for name in ("functions", "pipeline_lib"):
        shutil.copytree(ROOT / name, tmp_path / name, copy_function=shutil.copyfile)
    for name in ("pyproject.toml", "requirements.txt"):
        if (ROOT / name).exists():
            shutil.copyfile(ROOT / name, tmp_path / name)
    for file in tmp_path.rglob("*.py"):
        file.chmod(0o700)
        os.utime(file, (1e9, 1e9))

    assert zips(tmp_path) == zips(ROOT)


def test_a_zip_tells_no_time_no_owner_and_no_order_of_making():
    data = zipped({"b": b"2", "a": b"1"})

    assert data == zipped({"a": b"1", "b": b"2"})
    for entry in zipfile.ZipFile(io.BytesIO(data)).infolist():
        assert entry.date_time == (1980, 1, 1, 0, 0, 0)
        assert entry.external_attr >> 16 == 0o100644
        assert entry.compress_type == zipfile.ZIP_STORED


@pytest.mark.parametrize("name", PHASES)
def test_a_function_is_imported_from_its_zip_and_its_requirements_alone(name, made, tmp_path):
    ended = run(made[name], tmp_path, **(ENVIRON if name in PUBLIC else {}))

    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("name", PHASES)
def test_without_a_lock_the_requirements_are_what_the_sources_import(name):
    files = contents(replace(read_project(ROOT), locked={}), name)

    sources = [FOR_TYPES.sub("", data.decode()) for file, data in files.items() if ".py" in file]
    modules = {module for text in sources for module in IMPORT.findall(text)}
    foreign = {name for name in modules if name.partition(".")[0] not in OURS}
    used = {
        distribution
        for distribution, known in IMPORTED_AS.items()
        if any(f"{module}.".startswith(f"{known}.") for module in foreign)
    }
    assert {line.partition("==")[0] for line in files["requirements.txt"].decode().split()} == used
    assert all(f"{module}.".startswith(ALL_KNOWN) for module in foreign)


@pytest.mark.parametrize("name", SMALL)
def test_a_service_that_looks_at_documents_alone_ships_no_frames(name, made):
    assert not asked_of(made[name]) & FRAMES


def test_no_function_ships_the_command_line_or_the_sample_shop(made):
    for archive in made.values():
        assert not [
            file for file in archive.namelist() if re.match(r".*/(cli|sample|chain)\b", file)
        ]


@pytest.mark.slow
def test_the_whole_chain_runs_from_the_zips(made, tmp_path):
    stores = wiring.embedded(tmp_path / "state")
    exports = sample.files()
    slots = {slot: f"u/{slot}/{slot}.csv" for slot in exports}
    intake.open_upload(
        stores.documents, upload_id="u", shop_id="shop", slots=slots, parameters={}, now=now()
    )
    for slot, content in exports.items():
        stores.ports.landing.write_once(slots[slot], content)

    ran = set()
    while delivery := stores.topics.take():
        message = delivery.message
        data = base64.b64encode(message.data).decode()
        pushed = json.dumps({"message": {"data": data, "attributes": dict(message.attributes)}})
        name, folder = delivery.topic, tmp_path / delivery.topic
        ended = run(
            made[name], folder, pushed=pushed, PIPELINE_LOCAL_FOLDER=str(tmp_path / "state")
        )
        assert ended.returncode == 0, ended.stderr
        stores.topics.acknowledge(delivery)
        ran.add(name)

    assert ran == set(PHASES) - {*SERVICES, *PUBLIC}
    assert stores.documents.read("uploads/u").data["status"] == "completed"
