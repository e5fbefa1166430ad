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
from pathlib import Path

import pytest

from dev import sample
from dev.packaging.bundles import ROOT, contents, distributions, read_project, zipped, zips
from pipeline_lib import topology
from pipeline_lib.clock import now
from pipeline_lib.runtime import wiring
from tests.http.environ import ENVIRON
from tests.uploads import opened, upload_of

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
    "fastapi": "fastapi",
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
    "pydantic-core": "pydantic_core",
    "pyjwt": "jwt",
    "python-multipart": "python_multipart",
    "requests": "requests",
    "rich": "rich",
    "starlette": "starlette",
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
    return {re.split(r"[\[=]", line)[0] for line in lines if "==" in line}


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
def test_the_declared_dependencies_of_a_function_are_what_its_sources_import(name):
    project = read_project(ROOT)
    entry = ROOT / "functions" / name / "main.py"

    needs = project.sources.closure(entry, received=project.received[name])
    direct = distributions(project, needs.foreign)

    files = contents(project, name)
    sources = [FOR_TYPES.sub("", data.decode()) for file, data in files.items() if ".py" in file]
    modules = {module for text in sources for module in IMPORT.findall(text)}
    foreign = {name for name in modules if name.partition(".")[0] not in OURS}
    used = {
        distribution
        for distribution, known in IMPORTED_AS.items()
        if any(f"{module}.".startswith(f"{known}.") for module in foreign)
    }
    assert direct == used
    assert all(f"{module}.".startswith(ALL_KNOWN) for module in foreign)


def test_every_requirement_of_a_zip_is_pinned_with_its_hashes(made):
    for archive in made.values():
        text = archive.read("requirements.txt").decode()
        assert text
        for requirement in re.split(r"(?<!\\)\n", text.rstrip("\n")):
            pin, _, hashes = requirement.partition(" \\\n    --hash=sha256:")
            assert re.match(r"[\w.-]+(\[\S+\])?==\S+", pin)
            assert re.match(r"[0-9a-f]{64}\b", hashes)


def test_every_zip_asks_for_the_framework_itself(made):
    # Google's builder installs one of its own beside a file that does not, and that has no hashes.
    assert all("functions-framework" in asked_of(archive) for archive in made.values())


def test_the_interface_ships_what_reads_the_forms_of_its_routes(made):
    assert all("python-multipart" in asked_of(made[name]) for name in PUBLIC)


def test_the_first_phase_alone_ships_what_reads_files_in_s3(made):
    shipping = {name for name, archive in made.items() if "boto3" in asked_of(archive)}

    assert shipping == {name for name in PHASES if topology.phase(name).reads_s3}


@pytest.mark.parametrize("name", SMALL)
def test_a_service_that_looks_at_documents_alone_ships_no_frames(name, made):
    assert not asked_of(made[name]) & FRAMES


def test_no_function_ships_the_command_line_or_what_only_develops_it(made):
    for archive in made.values():
        assert not [file for file in archive.namelist() if re.match(r"dev/|.*/(cli|chain)\b", file)]


@pytest.mark.slow
def test_the_whole_chain_runs_from_the_zips(made, tmp_path):
    stores = wiring.embedded(tmp_path / "state")
    exports = sample.files()
    names = opened(stores.documents, "u", shop="shop", now=now(), slots=tuple(exports))
    for slot, content in exports.items():
        stores.ports.landing.write_once(names[slot], content)

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
    assert upload_of(stores.documents, "u").status == "completed"
