import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from breaking import cut

ROOT = Path(__file__).resolve().parents[2]
OFFLINE = ROOT.parent / "shared/tools/terraform_offline/terraform-offline"

needs_terraform = pytest.mark.skipif(
    shutil.which("terraform") is None and not os.environ.get("CI"),
    reason="NOT TESTED: terraform is not installed, see docs/guides/deploy.md",
)
needs_providers = pytest.mark.skipif(
    shutil.which("terraform") is None or not OFFLINE.exists(),
    reason="NOT TESTED: no stand-ins of the providers; run terraform init, validate and test",
)


@needs_terraform
def test_the_files_are_formatted():
    run = terraform(ROOT, "fmt", "-check", "-recursive")

    assert run.stdout == ""


@needs_terraform
def test_the_rows_become_the_right_maps(tree):
    run = terraform(tree, "-chdir=infra/topology", "test")

    assert run.returncode == 0, run.stdout


@needs_providers
def test_every_resource_fits_its_schema(tree):
    offline(tree, "init", "-backend=false", "-test-directory=tests/infra")

    run = offline(tree, "validate")

    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.slow
@needs_providers
def test_the_plan_is_what_the_rows_say(tree):
    run = planned(tree)

    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.slow
@needs_providers
@pytest.mark.parametrize(
    "broken",
    [
        r"\n  dead_letter_policy {\n.*?\n  }\n",
        r'resource "google_pubsub_subscription_iam_member" "agent_acknowledges" {\n.*?\n}\n',
        r"\n    BUNDLECHAIN_PROJECT += [^\n]*",
    ],
)
def test_a_broken_chain_fails_its_terraform_test(tree, broken):
    cut(tree, broken)

    run = planned(tree)

    assert run.returncode != 0


def planned(root):
    offline(root, "init", "-backend=false", "-test-directory=tests/infra")
    bundles = root / "build/bundles"
    return offline(root, "test", "-test-directory=tests/infra", f"-var=bundles_folder={bundles}")


def offline(root, *arguments):
    return called(root, sys.executable, str(OFFLINE), *arguments)


def terraform(root, *arguments):
    return called(root, "terraform", *arguments)


def called(root, *command):
    environ = os.environ | {"TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"}
    return subprocess.run(
        command, cwd=root, env=environ, capture_output=True, text=True, check=False, timeout=120
    )
