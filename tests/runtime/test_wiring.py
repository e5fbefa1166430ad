import subprocess
import sys
from pathlib import Path

import pytest

from pipeline_lib.errors import BadSettings
from pipeline_lib.runtime import wiring

GOOGLE = {
    "BUNDLECHAIN_PROJECT": "p",
    "BUNDLECHAIN_UPLOADS_BUCKET": "p-uploads",
    "BUNDLECHAIN_ARTEFACTS_BUCKET": "p-artefacts",
}
EMBEDDED = {"PIPELINE_LOCAL_FOLDER": "/state"}


def test_a_folder_asks_for_the_embedded_stores_and_a_project_for_those_of_google():
    assert wiring.settings(EMBEDDED) == wiring.InFolder(Path("/state"))
    assert wiring.settings(GOOGLE) == wiring.InProject("p", "p-uploads", "p-artefacts")


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({}, "neither is set"),
        (GOOGLE | EMBEDDED, "both are set"),
        (
            {"BUNDLECHAIN_PROJECT": "p", "BUNDLECHAIN_UPLOADS_BUCKET": "u"},
            "BUNDLECHAIN_PROJECT is set, but not BUNDLECHAIN_ARTEFACTS_BUCKET",
        ),
        (
            {"BUNDLECHAIN_PROJECT": "p"},
            "not BUNDLECHAIN_UPLOADS_BUCKET and BUNDLECHAIN_ARTEFACTS_BUCKET",
        ),
    ],
)
def test_what_is_wrong_with_the_settings_is_told_in_one_sentence(environ, told):
    with pytest.raises(BadSettings, match=told) as refused:
        wiring.settings(environ)

    assert "\n" not in str(refused.value)


def test_addresses_are_not_signed_for_a_folder():
    with pytest.raises(BadSettings, match="BUNDLECHAIN_PROJECT"):
        wiring.uploads_of(EMBEDDED)


def test_another_bucket_is_allowed_only_by_name():
    assert wiring.s3_of({}) is None
    assert wiring.s3_of({"BUNDLECHAIN_S3_BUCKET": ""}) is None
    assert wiring.s3_of({"BUNDLECHAIN_S3_BUCKET": "b", "BUNDLECHAIN_S3_REGION": ""}) == wiring.S3(
        "b", None, None
    )


def test_importing_a_function_imports_no_store_of_the_cloud():
    script = """
import sys, functions.score.main, functions.ingest.main
print(sorted({"google.cloud.firestore_v1", "google.api_core", "grpc", "boto3"} & set(sys.modules)))
"""

    said = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    ).stdout

    assert said.strip() == "[]"
