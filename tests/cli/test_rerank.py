import json

import pytest

from pipeline_lib.cli.main import main
from pipeline_lib.cli.rerank import reordered, weights_in
from pipeline_lib.ranking.shelf import PROFILES

ROWS = [
    {
        "id": name,
        "rank_position": 0,
        "score_parts": {"forecast": forecast, "confidence": sure, "novelty": -0.1},
    }
    for name, forecast, sure in (("a", 0.9, 0.1), ("b", 0.5, 0.8))
]


def test_other_weights_give_another_order_from_the_stored_parts():
    by_forecast = reordered(ROWS, {"forecast": 1.0})
    by_confidence = reordered(ROWS, {"confidence": 1.0})

    assert [one["id"] for one in by_forecast] == ["a", "b"]
    assert [(one["id"], one["rank_position"]) for one in by_confidence] == [("b", 1), ("a", 2)]
    assert by_forecast[0]["ranking_score"] == 0.8


def test_a_profile_has_a_name_and_weights_can_be_given():
    assert weights_in("seeds") == PROFILES["seeds"]
    assert weights_in("lift=0.5,confidence=0.5") == {"lift": 0.5, "confidence": 0.5}


@pytest.mark.parametrize("weights", ["", "beauty=1", "lift", "lift=much"])
def test_what_is_no_weight_is_refused_with_what_is(tmp_path, capsys, weights):
    (tmp_path / "recommendations.json").write_text(json.dumps([]))

    assert main(["rerank", str(tmp_path), "--weights", weights]) == 2
    assert "bundles: " in capsys.readouterr().err


def test_a_folder_without_a_run_is_refused(tmp_path, capsys):
    assert main(["rerank", str(tmp_path), "--weights", "seeds"]) == 2
    assert "finished run" in capsys.readouterr().err
