"""Types made of the OpenAPI document, under which a shop's app compiles."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from pipeline_lib.http.app import all_routes
from pipeline_lib.http.openapi import openapi_document

FOLDER = Path(__file__).resolve().parents[1] / "types"
NODE, NPM = (shutil.which(name) for name in ("node", "npm"))


@pytest.fixture(scope="module")
def tools(tmp_path_factory):
    """A folder with the app, and with the compiler that the lock names."""
    if NODE is None or NPM is None:
        reason = "the types need node 20 or newer, with npm"
        if os.environ.get("CI"):
            pytest.fail(f"CI compiles the types: {reason}")
        pytest.skip(f"NOT TESTED: {reason}")
    folder = tmp_path_factory.mktemp("types")
    for file in ("package.json", "package-lock.json", ".npmrc", "tsconfig.json", "app.ts"):
        shutil.copy(FOLDER / file, folder)
    run([NPM, "ci", "--ignore-scripts", "--no-progress"], folder)
    return folder


def run(command, folder):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_an_app_compiles_under_types_made_of_the_document(tools):
    (tools / "openapi.json").write_text(json.dumps(openapi_document(all_routes())))
    made, compiled = (
        str(tools / "node_modules" / name)
        for name in ("openapi-typescript/bin/cli.js", "typescript/bin/tsc")
    )

    run([NODE, made, "openapi.json", "-o", "api.d.ts"], tools)
    run([NODE, compiled, "--project", "."], tools)
