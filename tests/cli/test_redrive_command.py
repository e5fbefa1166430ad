import json

import pytest

from pipeline_lib.cli.main import main
from pipeline_lib.phases import price
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


def test_what_can_not_be_redriven_is_told_in_one_sentence(files, tmp_path, capsys):
    assert run(tmp_path / "out", files) == 0
    upload_id = json.loads((tmp_path / "out/run.json").read_text())["upload_id"]
    capsys.readouterr()

    assert main(["redrive", upload_id, "--out", str(tmp_path / "out")]) == 2
    assert main(["redrive", "nobody", "--out", str(tmp_path / "out")]) == 2
    assert main(["redrive", upload_id, "--out", str(tmp_path / "never")]) == 2

    assert capsys.readouterr().err.splitlines() == [
        f"bundles: {upload_id} did not fail: it is completed",
        "bundles: there is no upload nobody",
        f"bundles: {tmp_path / 'never'} holds no run of bundles",
    ]


def test_without_a_folder_and_without_settings_it_says_what_to_set(monkeypatch, capsys):
    monkeypatch.delenv("PIPELINE_LOCAL_FOLDER", raising=False)
    monkeypatch.delenv("BUNDLECHAIN_PROJECT", raising=False)

    assert main(["redrive", "u"]) == 3

    assert "set PIPELINE_LOCAL_FOLDER" in capsys.readouterr().err
