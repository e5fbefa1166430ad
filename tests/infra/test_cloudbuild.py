import itertools
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ORDER = ["check", "emulators", "bundles", "plan", "ask"]


def steps(name):
    """Each step's text by its id, in the file's order."""
    _, *parts = re.split(r"\n  - id: ", (ROOT / name).read_text())
    return {part.split("\n", 1)[0]: part for part in parts}


def waits(step):
    return re.findall(r'"(\w+)"', re.search(r"waitFor: \[(.*)\]", step)[1])


def test_a_push_is_checked_tested_bundled_and_planned_in_that_order_and_then_waits():
    found = steps("cloudbuild.yaml")

    assert [name for name in found if name in ORDER] == ORDER
    for before, after in itertools.pairwise(ORDER):
        assert before in waits(found[after])
    assert "make test-emulators" in found["emulators"]
    assert "triggers run apply" in found["ask"]


def test_what_is_applied_is_tried_as_the_app_would():
    found = steps("infra/apply.cloudbuild.yaml")

    assert list(found) == ["fetch", "apply", "smoke"]
    assert "terraform output -raw interface" in found["apply"]
    assert waits(found["smoke"]) == ["apply"]
    assert "make smoke" in found["smoke"]
    assert re.search(
        r"^smoke:.*\n\t@?\$\(BIN\)/bundles smoke ", (ROOT / "Makefile").read_text(), re.MULTILINE
    )


def test_what_a_build_is_told_is_what_its_trigger_says():
    text = (ROOT / "infra/delivery.tf").read_text()
    plan, apply = text.split('resource "google_cloudbuild_trigger"')[1:]

    for trigger, name in ((plan, "cloudbuild.yaml"), (apply, "infra/apply.cloudbuild.yaml")):
        declared = (ROOT / name).read_text().partition("\nsubstitutions:")[2]
        assert set(re.findall(r"(_[A-Z_]+) +=", trigger)) == set(
            re.findall(r"^  (_[A-Z_]+):", declared, re.MULTILINE)
        )
