import json
import re
from pathlib import Path

import pytest
from breaking import cut
from structure import GRANTS, problems, settings

from pipeline_lib import topology

ROOT = Path(__file__).resolve().parents[2]
ROWS = json.loads((ROOT / "pipeline_lib/topology.json").read_text())


def test_the_terraform_promises_all_that_it_must():
    found = problems(ROOT)

    assert found == []


@pytest.mark.parametrize("address", sorted(GRANTS))
def test_a_grant_that_is_removed_is_missed(tree, address):
    kind, name = address.split(".")

    cut(tree, rf'resource "{kind}" "{name}" {{\n.*?\n}}\n')

    assert f"{address} is not granted" in problems(tree)


def test_a_grant_to_sign_as_another_is_seen(tree):
    identities = tree / "infra/identities.tf"
    own = "service_account_id = google_service_account.phase[each.key].name"
    text = identities.read_text()
    assert own in text

    identities.write_text(
        text.replace(own, "service_account_id = google_service_account.push.name")
    )

    assert any(problem.startswith("the grant to sign's") for problem in problems(tree))


@pytest.mark.parametrize(
    "block", ["dead_letter_policy", "retry_policy", "expiration_policy", "push_config"]
)
def test_a_part_of_the_push_subscription_that_is_removed_is_missed(tree, block):
    cut(tree, rf"\n  {block} {{\n.*?\n  }}\n")

    assert any(f"{block}." in problem for problem in problems(tree))


@pytest.mark.parametrize("setting", sorted(settings(ROOT)))
def test_a_variable_that_is_removed_is_missed(tree, setting):
    cut(tree, rf"\n    {setting} += [^\n]*")

    assert f"{setting} is not declared" in problems(tree)


def test_a_variable_that_new_code_reads_is_missed(tree):
    (tree / "pipeline_lib/reader.py").write_text('os.environ["BUNDLECHAIN_NEW"]\n')

    assert "BUNDLECHAIN_NEW is not declared" in problems(tree)


def test_a_secret_in_plain_sight_is_seen(tree):
    functions = tree / "infra/functions.tf"
    text = functions.read_text()

    functions.write_text(
        text.replace("settings = {", 'settings = {\n    BUNDLECHAIN_API_KEY = "x"')
    )

    assert "BUNDLECHAIN_API_KEY is a secret in plain sight" in problems(tree)


def test_the_function_that_reads_files_and_no_other_is_given_the_keys_of_s3():
    keys = {row["name"]: row["secrets_elsewhere"] for row in ROWS["phases"]}

    given = {name: names for name, names in keys.items() if names}
    assert given == {topology.first().name: ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]}


def test_the_keys_of_a_bucket_elsewhere_are_secrets_and_wanted_only_where_it_is_named(tree):
    plain = settings(ROOT)
    rows = (ROOT / "infra/topology/main.tf").read_text()
    asked = (ROOT / "infra/topology.tf").read_text()

    assert not [name for name in plain if name.startswith("AWS_")]
    assert "concat(phase.secrets, var.elsewhere ? phase.secrets_elsewhere : [])" in rows
    assert re.search(r'elsewhere += var\.s3\.bucket != ""', asked)

    cut(tree, r"\n  elsewhere += [^\n]*")
    assert "the keys of a bucket elsewhere are given to nobody" in problems(tree)


def test_a_phase_that_a_file_names_is_seen(tree):
    name = ROWS["phases"][0]["name"]

    with (tree / "infra/topics.tf").open("a") as file:
        file.write(f"# for {name}\n")

    assert f"topics.tf names {name}" in problems(tree)


def test_a_metric_of_what_nobody_logs_is_seen(tree):
    metrics = tree / "infra/metrics.tf"

    metrics.write_text(metrics.read_text().replace('"run_ended"', '"run_finished"'))

    assert "nobody logs run_finished" in problems(tree)


def test_a_grant_of_which_nobody_knows_is_seen(tree):
    with (tree / "infra/identities.tf").open("a") as file:
        file.write('resource "google_project_iam_member" "more" {\n  role = "roles/editor"\n}\n')

    assert "google_project_iam_member.more is granted to nobody's knowledge" in problems(tree)


def test_retries_outlast_the_longest_phase():
    retry = ROWS["retry"]
    waits = [
        min(retry["max_backoff_s"], retry["min_backoff_s"] * 2**attempt)
        for attempt in range(retry["max_attempts"] - 1)
    ]

    assert sum(waits) > max(row["timeout_s"] for row in ROWS["phases"])
