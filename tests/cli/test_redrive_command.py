import json
import shutil

import pytest

from pipeline_lib.cli.main import main
from pipeline_lib.phases import ingest, price
from tests.shops import small_exports


def run(out, files):
    given = [word for slot, file in files.items() for word in (f"--{slot}", str(file))]
    return main(["run", *given, "--out", str(out)])


@pytest.fixture
def files(tmp_path):
    return small_exports(tmp_path / "exports", lines=2_000)


def test_a_failed_run_is_finished_where_it_stopped(files, tmp_path, monkeypatch, capsys):
    def fail(_):
        raise OSError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(price, "run", fail)
        assert run(tmp_path / "out", files) == 3
    before = json.loads((tmp_path / "out/run.json").read_text())
    assert (before["status"], before["error"]["phase"]) == ("failed", "price")

    assert main(["redrive", before["upload_id"], "--out", str(tmp_path / "out")]) == 0

    after = json.loads((tmp_path / "out/run.json").read_text())
    assert (after["status"], after["error"], after["run"]) == ("completed", None, 1)
    assert after["phases"]["optimize"] == before["phases"]["optimize"]
    assert "100 %  finalize: Your bundles are ready" in capsys.readouterr().out
    assert run(tmp_path / "clean", files) == 0
    assert (tmp_path / "out/recommendations.json").read_bytes() == (
        tmp_path / "clean/recommendations.json"
    ).read_bytes()


@pytest.fixture
def failed_at_ingest(files, tmp_path, monkeypatch):
    """The record of a run that failed while its files were read, for no fault of theirs."""

    def fail(_):
        raise OSError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(ingest, "run", fail)
        assert run(tmp_path / "out", files) == 3
    return json.loads((tmp_path / "out/run.json").read_text())


def test_a_run_that_failed_while_its_files_were_read_keeps_them_until_it_is_finished(
    files, tmp_path, failed_at_ingest
):
    landing = tmp_path / "out/.state/landing"
    assert failed_at_ingest["error"]["phase"] == "ingest"
    assert [file for file in landing.rglob("*") if file.is_file()]

    assert main(["redrive", failed_at_ingest["upload_id"], "--out", str(tmp_path / "out")]) == 0

    assert [file for file in landing.rglob("*") if file.is_file()] == []
    assert run(tmp_path / "clean", files) == 0
    assert (tmp_path / "out/recommendations.json").read_bytes() == (
        tmp_path / "clean/recommendations.json"
    ).read_bytes()


def test_a_run_whose_files_are_gone_is_to_be_sent_again(tmp_path, capsys, failed_at_ingest):
    shutil.rmtree(tmp_path / "out/.state/landing")
    upload_id = failed_at_ingest["upload_id"]
    capsys.readouterr()

    assert main(["redrive", upload_id, "--out", str(tmp_path / "out")]) == 2

    assert capsys.readouterr().err == (
        f"bundles: the files of {upload_id} are gone; send them again as a new upload\n"
    )


def test_what_cannot_be_redriven_is_told_in_one_sentence(files, tmp_path, capsys):
    assert run(tmp_path / "out", files) == 0
    upload_id = json.loads((tmp_path / "out/run.json").read_text())["upload_id"]
    capsys.readouterr()

    assert main(["redrive", upload_id, "--out", str(tmp_path / "out")]) == 2
    assert main(["redrive", "nobody", "--out", str(tmp_path / "out")]) == 2
    assert main(["redrive", upload_id, "--out", str(tmp_path / "never")]) == 2

    assert capsys.readouterr().err.splitlines() == [
        f"bundles: {upload_id} did not fail: it is completed",
        "bundles: there is no upload nobody",
        f"bundles: {tmp_path / 'never'} holds no run of `bundles run`",
    ]


def test_without_a_folder_and_without_settings_it_says_what_to_set(monkeypatch, capsys):
    monkeypatch.delenv("PIPELINE_LOCAL_FOLDER", raising=False)
    monkeypatch.delenv("BUNDLECHAIN_PROJECT", raising=False)

    assert main(["redrive", "u"]) == 3

    assert "set PIPELINE_LOCAL_FOLDER" in capsys.readouterr().err
