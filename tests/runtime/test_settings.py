import ast
import json
import logging
import re
from datetime import timedelta
from pathlib import Path

import functions_framework
import pytest

from pipeline_lib import logs
from pipeline_lib.cli.main import FAILED, main
from pipeline_lib.errors import BadSettings
from pipeline_lib.ports import Limits
from pipeline_lib.runtime import chain, receiver, settings, wiring
from pipeline_lib.runtime.settings import (
    InFolder,
    InProject,
    S3Bucket,
    Settings,
    interface_settings,
)
from pipeline_lib.runtime.unused_settings import UNUSED, UNUSED_WHERE_DEPLOYED
from tests.http.environ import ENVIRON

ROOT = Path(__file__).resolve().parents[2]
GOOGLE = {
    "BUNDLECHAIN_PROJECT": "p",
    "BUNDLECHAIN_UPLOADS_BUCKET": "p-uploads",
    "BUNDLECHAIN_ARTEFACTS_BUCKET": "p-artefacts",
}
EMBEDDED = {"PIPELINE_LOCAL_FOLDER": "/state"}
READERS = {"environ", "environb", "getenv", "putenv"}


def test_what_is_not_said_has_its_documented_value():
    found = Settings.from_environ({"HOME": "/"})

    assert found == Settings()
    assert found.limits == Limits(
        silence=timedelta(minutes=10), preview=True, preview_products=50, preview_bundles=10
    )
    assert found.quick_install_cooldown == timedelta(days=30)
    assert found.workers == 2
    assert found.log_level == "INFO"


def test_every_setting_is_read():
    found = Settings.from_environ(
        {
            **EMBEDDED,
            "QUICK_START_ENABLED": "False",
            "QUICK_START_MAX_PRODUCTS": "20",
            "QUICK_START_MAX_BUNDLES": "5",
            "QUICK_START_TIMEOUT_SECONDS": "60",
            "QUICK_INSTALL_COOLDOWN_DAYS": "0",
            "PROCESSING_TIMEOUT_MINUTES": "5",
            "ASYNC_PIPELINE_CONCURRENCY": "4",
            "LOG_LEVEL": "warning",
            "BUNDLECHAIN_S3_BUCKET": "exports",
            "BUNDLECHAIN_S3_ENDPOINT": "",
            "BUNDLECHAIN_S3_REGION": "auto",
            "FEATURE_FLAG_BUNDLING_ENABLED": "0",
            "FEATURE_FLAG_PARETO_OPTIMIZATION": "1",
            "ENTERPRISE_OPTIMIZATION_ENABLED": "false",
            "STAGED_PUBLISH_ENABLED": "FALSE",
        }
    )

    assert found == Settings(
        stores=InFolder(Path("/state")),
        s3=S3Bucket("exports", None, "auto"),
        limits=Limits(
            silence=timedelta(minutes=5), preview=False, preview_products=20, preview_bundles=5
        ),
        quick_install_cooldown=timedelta(0),
        workers=4,
        log_level="WARNING",
        overrides={
            "bundling.enabled": False,
            "advanced.pareto_optimization": True,
            "phase.enterprise_optimization": False,
            "bundling.staged_publish_enabled": False,
        },
    )


def test_a_folder_asks_for_the_embedded_stores_and_a_project_for_those_of_google():
    assert Settings.from_environ(EMBEDDED).stores == InFolder(Path("/state"))
    assert Settings.from_environ(GOOGLE).stores == InProject("p", "p-uploads", "p-artefacts")


def test_a_bucket_elsewhere_is_allowed_only_by_name():
    assert Settings.from_environ({"BUNDLECHAIN_S3_BUCKET": ""}).s3 is None
    assert Settings.from_environ({"BUNDLECHAIN_S3_ENDPOINT": "https://s3.example.com"}).s3 is None


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        (GOOGLE | EMBEDDED, "are both set: remove one"),
        (
            {"BUNDLECHAIN_PROJECT": "p", "BUNDLECHAIN_UPLOADS_BUCKET": "u"},
            "BUNDLECHAIN_PROJECT is set, but not BUNDLECHAIN_ARTEFACTS_BUCKET",
        ),
        (
            {"BUNDLECHAIN_PROJECT": "p"},
            "not BUNDLECHAIN_UPLOADS_BUCKET and BUNDLECHAIN_ARTEFACTS_BUCKET",
        ),
        ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL is one of DEBUG, INFO, .*, not 'LOUD'"),
        ({"QUICK_START_ENABLED": "maybe"}, "QUICK_START_ENABLED is true or false, not 'maybe'"),
        ({"QUICK_START_MAX_BUNDLES": "0"}, "a whole number from 1 to 100, not '0'"),
        ({"QUICK_START_MAX_PRODUCTS": "x"}, "a whole number from 2 to 1000, not 'x'"),
        ({"QUICK_START_TIMEOUT_SECONDS": "²"}, "a whole number from 5 to 540"),
        ({"QUICK_INSTALL_COOLDOWN_DAYS": "-1"}, "a whole number from 0 to 365, not '-1'"),
        ({"PROCESSING_TIMEOUT_MINUTES": "1.5"}, "a whole number from 1 to 1440, not '1.5'"),
        ({"ASYNC_PIPELINE_CONCURRENCY": "0"}, "a whole number from 1 to 32, not '0'"),
        (GOOGLE | {"ASYNC_PIPELINE_CONCURRENCY": "2"}, "is for the embedded chain"),
        ({"QUICK_START_MAX_BUNDLE": "5"}, "nothing is called QUICK_START_MAX_BUNDLE"),
        ({"BUNDLECHAIN_CORS_ORIGIN": "x"}, "nothing is called BUNDLECHAIN_CORS_ORIGIN"),
        ({"FEATURE_FLAG_V2_PIPELINE": "maybe"}, "true or false"),
        ({"FEATURE_FLAG_V2_PIPELINE": "false"}, "bundling.v2_pipeline switches nothing"),
        ({"FEATURE_FLAG_OTHER": "true"}, "nothing is called FEATURE_FLAG_OTHER"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(environ, said):
    with pytest.raises(BadSettings, match=said) as refused:
        Settings.from_environ(environ)

    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"BUNDLECHAIN_SHOPIFY_CLIENT_ID": ""}, "set BUNDLECHAIN_SHOPIFY_CLIENT_ID"),
        ({"BUNDLECHAIN_CORS_ORIGINS": "*"}, "would let any page call"),
        ({"BUNDLECHAIN_ADMIN_KEY": "short"}, "16 characters"),
        ({"BUNDLECHAIN_ADMIN_KEY": ENVIRON["BUNDLECHAIN_VIEWER_KEY"]}, "the three keys differ"),
    ],
)
def test_what_the_interface_lacks_is_said_in_one_sentence(changed, said):
    with pytest.raises(BadSettings, match=said):
        interface_settings({**ENVIRON, **changed})


def test_the_interface_is_told_who_is_believed():
    found = interface_settings({**ENVIRON, "FEATURE_FLAG_BUNDLING_ENABLED": "0"})

    assert found.shopify_client_id == "app-key"
    assert found.overrides == {"bundling.enabled": False}
    assert "secret" not in repr(found)


@pytest.mark.parametrize("name", sorted(UNUSED))
def test_a_name_that_only_such_a_system_has_is_refused_everywhere(name):
    with pytest.raises(BadSettings, match=rf"{name} is not used: .*; remove it"):
        Settings.from_environ({name: "1"})


@pytest.mark.parametrize("name", sorted(UNUSED_WHERE_DEPLOYED))
def test_a_general_name_is_refused_where_it_is_deployed_and_is_others_business_on_a_laptop(name):
    assert Settings.from_environ({name: "1"}) == Settings()

    with pytest.raises(BadSettings, match=rf"{name} is not used: .*; remove it"):
        Settings.from_environ({**GOOGLE, name: "1", "K_SERVICE": "api"})


def test_the_port_that_cloud_run_names_is_no_setting_of_ours():
    environ = {**GOOGLE, "K_SERVICE": "api", "PORT": "8080"}

    assert Settings.from_environ(environ).stores == InProject("p", "p-uploads", "p-artefacts")


def test_a_command_stops_at_a_setting_that_is_wrong(monkeypatch, capsys):
    monkeypatch.setenv("BUNDLE_GENERATION_TIMEOUT_SECONDS", "360")

    assert main(["rules", "nowhere"]) == FAILED
    assert "BUNDLE_GENERATION_TIMEOUT_SECONDS is not used" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["score", "cleanup", "redact"])
def test_a_function_does_not_start_with_a_setting_that_is_wrong(name, monkeypatch):
    monkeypatch.setenv("QUICK_START_ENABLED", "perhaps")

    with pytest.raises(BadSettings, match="QUICK_START_ENABLED is true or false"):
        functions_framework.create_app("main", str(ROOT / f"functions/{name}/main.py"))


def test_a_function_logs_from_the_level_that_is_set(monkeypatch, capsys):
    said = {}
    for level in ("DEBUG", "INFO", "ERROR"):
        monkeypatch.setenv("LOG_LEVEL", level)
        receiver.log_to_stdout.cache_clear()
        receiver.log_to_stdout()
        logs.log_dropped_message("a reason")
        said[level] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    receiver.log_to_stdout.cache_clear()
    logs.send_to(logging.NullHandler())

    assert [line["severity"] for line in said["DEBUG"]] == ["DEBUG", "WARNING"]
    assert "log_level='DEBUG'" in said["DEBUG"][0]["settings"]
    assert [line["severity"] for line in said["INFO"]] == ["WARNING"]
    assert said["ERROR"] == []


def test_the_embedded_chain_has_as_many_workers_as_are_asked_for(tmp_path, monkeypatch):
    monkeypatch.setenv("ASYNC_PIPELINE_CONCURRENCY", "3")
    begun = []
    monkeypatch.setattr(chain, "_work", lambda stores, _: begun.append(stores))
    stores = wiring.embedded(tmp_path)

    with chain.run_chain(stores, tmp_path):
        pass
    stores.close()

    assert len(begun) == 3


def test_nothing_else_reads_the_environment():
    found = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for folder in ("functions", "pipeline_lib")
        for file in (ROOT / folder).rglob("*.py")
        if file != Path(settings.__file__)
        for node in ast.walk(ast.parse(file.read_text()))
        if (isinstance(node, ast.Attribute) and node.attr in READERS and _of_os(node.value))
        or (isinstance(node, ast.ImportFrom) and node.module == "os" and _names(node) & READERS)
    ]

    assert found == []


def test_the_table_of_the_docs_names_every_variable_and_no_other():
    table = (ROOT / "docs/settings.md").read_text()

    named = set(re.findall(r"`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)`", table))
    read = {
        value
        for value in _strings(Path(settings.__file__))
        if re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+", value)
    }
    assert read <= named
    assert {*UNUSED, *UNUSED_WHERE_DEPLOYED} <= named


def _of_os(node):
    return isinstance(node, ast.Name) and node.id == "os"


def _names(node):
    return {alias.name for alias in node.names}


def _strings(file):
    return {
        node.value
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
