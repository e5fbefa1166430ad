import subprocess
import sys

import pytest

from pipeline_lib.errors import BadSettings
from pipeline_lib.runtime import wiring

EMBEDDED = {"PIPELINE_LOCAL_FOLDER": "/state"}


def test_without_a_folder_or_a_project_there_are_no_stores():
    with pytest.raises(BadSettings, match="neither is set"):
        wiring.ports_of({})


def test_addresses_are_not_signed_for_a_folder():
    with pytest.raises(BadSettings, match="BUNDLECHAIN_PROJECT"):
        wiring.uploads_of(EMBEDDED)


def test_importing_a_function_imports_no_store_of_the_cloud():
    script = """
import sys, functions.score.main, functions.ingest.main
print(sorted({"google.cloud.firestore_v1", "google.api_core", "grpc", "boto3"} & set(sys.modules)))
"""

    said = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    ).stdout

    assert said.strip() == "[]"
