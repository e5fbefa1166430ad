import json
from datetime import UTC, datetime

import pytest

from pipeline_lib.cli.main import main
from pipeline_lib.cli.rerank import reordered, weights_in
from pipeline_lib.ranking.scores import PARTS, PROFILES
from pipeline_lib.records.recommendations import (
    AiCopy,
    Evidence,
    PriceBounds,
    Pricing,
    Recommendation,
)
from pipeline_lib.reports import FORMAT, RECOMMENDATIONS

MADE_AT = datetime(2026, 1, 5, tzinfo=UTC)


def recommended(name, **parts):
    """A recommendation of which only the score matters."""
    blank = dict.fromkeys((*PARTS, "novelty"), 0.0)
    bounds = PriceBounds(low="1", low_by="cost", high="2", high_by="cost", decided_by="cost")
    money = {"currency": "GBP", "list_price": "2", "bundle_price": "2", "discount_pct": 0.0}
    none = dict.fromkeys(Evidence.model_fields)
    counts = {"source": "content", "rung": "strict", "orders_together": 0, "orders_total": 0}
    return Recommendation(
        id=name,
        upload_id="u",
        shop_id="shop",
        bundle_type="FBT",
        objective="gift_box",
        products=(),
        pricing=Pricing(**money, margin_pct=None, bounds=bounds),
        ai_copy=AiCopy(title=name, tagline="", description="", source="template"),
        evidence=Evidence(**none | counts | {"orders_each": ()}),
        explanation="",
        confidence=0.0,
        ranking_score=0.0,
        score_parts=blank | parts,
        rank_position=1,
        wave=1,
        is_approved=False,
        is_rejected=False,
        created_at=MADE_AT,
    )


ROWS = [
    recommended("a", forecast=0.9, confidence=0.1, novelty=-0.1),
    recommended("b", forecast=0.5, confidence=0.8, novelty=-0.1),
]


@pytest.fixture
def results(tmp_path):
    """A run's results, of which the two files are written that can be from another version."""

    def write(recommendations=ROWS, record=None):
        text = RECOMMENDATIONS.to_json(recommendations)
        (tmp_path / RECOMMENDATIONS.name).write_text(text)
        if record is not None:
            (tmp_path / "run.json").write_text(json.dumps(record))
        return tmp_path

    return write


def test_other_weights_give_another_order_from_the_stored_parts():
    by_forecast = reordered(ROWS, {"forecast": 1.0})
    by_confidence = reordered(ROWS, {"confidence": 1.0})

    assert [one.id for one in by_forecast] == ["a", "b"]
    assert [(one.id, one.rank_position) for one in by_confidence] == [("b", 1), ("a", 2)]
    assert by_forecast[0].ranking_score == 0.8


@pytest.mark.parametrize("record", [None, {"upload_id": "u"}, {"format": FORMAT}])
def test_results_are_printed_in_the_other_order(results, capsys, record):
    out = results(record=record)

    assert main(["rerank", str(out), "--weights", "confidence=1", "--json"]) == 0

    printed = RECOMMENDATIONS.from_json(capsys.readouterr().out)
    assert [one.id for one in printed] == ["b", "a"]


def test_results_of_another_format_are_not_reordered_but_made_again(results, capsys):
    out = results(record={"format": FORMAT - 1})

    assert main(["rerank", str(out)]) == 2

    assert "made by an older version; run again" in capsys.readouterr().err


@pytest.mark.parametrize("lost", ["inventory", "novelty"])
def test_results_without_a_part_of_today_are_not_reordered_but_made_again(results, capsys, lost):
    out = results()
    file = out / RECOMMENDATIONS.name
    rows = json.loads(file.read_text())
    del rows[1]["score_parts"][lost]
    file.write_text(json.dumps(rows))

    assert main(["rerank", str(out)]) == 2

    assert "made by an older version; run again" in capsys.readouterr().err


def test_a_profile_has_a_name_and_weights_can_be_given():
    assert weights_in("seeds") == PROFILES["seeds"]
    assert weights_in("lift=0.5,confidence=0.5") == {"lift": 0.5, "confidence": 0.5}


@pytest.mark.parametrize("weights", ["", "beauty=1", "lift", "lift=much"])
def test_what_is_no_weight_is_refused_with_what_is(results, capsys, weights):
    assert main(["rerank", str(results([])), "--weights", weights]) == 2
    assert "bundles: " in capsys.readouterr().err


def test_a_folder_without_a_run_is_refused(tmp_path, capsys):
    assert main(["rerank", str(tmp_path), "--weights", "seeds"]) == 2
    assert "finished run" in capsys.readouterr().err
