import os
from pathlib import Path

import pytest

from dev.emulators.cloud import apply_environ, cloud
from dev.emulators.resources import PushPolicy
from pipeline_lib import topology
from pipeline_lib.cli.main import main
from pipeline_lib.records.collections import Collections
from pipeline_lib.runtime import wiring
from tests.emulators.disturbed import ACK_DEADLINE_S, NOTES
from tests.emulators.runs import begun, ended, made, made_embedded
from tests.shops import small_exports
from tests.uploads import progress_of

pytestmark = [pytest.mark.emulators, pytest.mark.slow]

SOON = PushPolicy(ACK_DEADLINE_S, max_attempts=30)
TOGETHER = ("poison-1", "slow-1", "twice-1")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return small_exports(tmp_path_factory.mktemp("exports"), lines=2_000)


@pytest.fixture(scope="module")
def there(emulators_found, tmp_path_factory):
    """Every function, each with its disturbances; gives the ports."""
    folder = tmp_path_factory.mktemp("functions")
    for name in NAMES:
        (folder / f"{name}.py").write_text(
            f"from tests.emulators.disturbed import entry\nmain = entry({name!r})\n"
        )
    sources = {name: folder / f"{name}.py" for name in NAMES}
    with (
        apply_environ({NOTES: str(tmp_path_factory.mktemp("notes"))}),
        cloud(tmp_path_factory.mktemp("logs"), delivery=SOON, sources=sources) as running,
        apply_environ(running.environ),
    ):
        yield wiring.ports_of(running.environ), running.environ


@pytest.fixture(scope="module")
def ends(there, files):
    """How each upload ended; the crash comes last, because it cuts off whoever is served beside."""
    ports, environ = there
    for upload_id in TOGETHER:
        begun(environ, ports, upload_id, files)
    ends = {upload_id: ended(ports, upload_id) for upload_id in TOGETHER}
    begun(environ, ports, "crash-1", files)
    return {**ends, "crash-1": ended(ports, "crash-1")}


NAMES = [row.name for row in topology.phases()]


def attempts(upload):
    return {name: record.attempt for name, record in upload.phases.items()}


@pytest.mark.parametrize("upload_id", ["slow-1", "crash-1", "twice-1"])
def test_what_went_wrong_and_passed_leaves_the_same_bytes(ends, there, files, tmp_path, upload_id):
    assert ends[upload_id].status == "completed"
    assert made(there[0], upload_id) == made_embedded(tmp_path, upload_id, files)


def test_a_phase_slower_than_the_ack_deadline_is_delivered_again_but_done_once(ends):
    assert set(attempts(ends["slow-1"]).values()) == {1}


def test_a_crashed_phase_is_taken_over_when_its_lease_has_run_out(ends, there):
    assert attempts(ends["crash-1"])["explain"] == 2
    lease = Collections(there[0].documents).leases.read("crash-1.1.explain").record
    assert lease.fence == 2


def test_a_message_that_comes_twice_is_worked_on_once(ends):
    assert set(attempts(ends["twice-1"]).values()) == {1}


def test_poison_is_a_dead_letter_that_names_phase_and_reason_and_a_redrive_finishes_the_run(
    ends, there, files, tmp_path, capsys
):
    ports, _ = there
    wiring.ports.forget()

    upload = ends["poison-1"]
    assert upload.status == "failed"
    assert upload.error.code == "DEAD_LETTER"
    assert upload.error.phase == "price"
    assert "(RuntimeError)" in upload.error.message
    assert "anna" not in str(upload)
    assert upload.phases["price"].attempt == SOON.max_attempts
    assert progress_of(ports.documents, "poison-1").status == "failed"

    (Path(os.environ[NOTES]) / "mended").touch()
    assert main(["redrive", "poison-1"]) == 0

    assert capsys.readouterr().out == "poison-1 restarts at price\n"
    assert ended(ports, "poison-1").status == "completed"
    assert made(ports, "poison-1") == made_embedded(tmp_path, "poison-1", files)
    wiring.ports.forget()
