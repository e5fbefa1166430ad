from datetime import UTC, datetime

import pytest

from pipeline_lib import reports
from pipeline_lib.phases import copywrite, deduplicate, explain, optimize, price
from pipeline_lib.recommendations.waves import waves
from pipeline_lib.recommendations.wording import TITLE_CHARACTERS, readable, write_copy
from pipeline_lib.reports import Facts
from tests.phases.test_candidates import CUPS, mined


def written(job):
    pairs = [{f"L{name}": 1, f"R{name}": 1} for name in ("oak", "ash", "elm") for _ in range(9)]
    mined(job, CUPS + pairs)
    job.artefacts.keep_json(
        reports.FACTS, Facts(currency="GBP", newest_order=datetime(2026, 1, 28, tzinfo=UTC))
    )
    for phase in (deduplicate, optimize, price, explain, copywrite):
        outcome = phase.run(job)
    return outcome


def test_each_wave_is_visible_when_it_is_written(job):
    outcome = written(job)

    shown = [found.record for found in job.collections.recommendations.find()]
    assert len(shown) == outcome.kept["published"]
    assert {one.shop_id for one in shown} == {"shop"}
    assert sorted(one.wave for one in shown)[:4] == [1, 1, 1, 2]
    assert next(counts["published"] for _, _, counts in job.beat if "published" in counts) == 3


@pytest.mark.parametrize(
    ("bundles", "portions"),
    [
        (0, []),
        (2, [(0, 2)]),
        (3, [(0, 3)]),
        (7, [(0, 3), (3, 5), (5, 7)]),
        (40, [(0, 3), (3, 5), (5, 10), (10, 20), (20, 40)]),
        (75, [(0, 3), (3, 5), (5, 10), (10, 20), (20, 40), (40, 75)]),
    ],
)
def test_waves_reach_the_totals_and_then_all_the_rest(bundles, portions):
    assert waves(bundles, (3, 5, 10, 20, 40)) == portions


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("WHITE HANGING HEART T-LIGHT HOLDER", "White Hanging Heart T-Light Holder"),
        ("SET OF 3  CAKE TINS ", "Set of 3 Cake Tins"),
        ("Oak board, 30 cm", "Oak board, 30 cm"),
        ("MOTHER'S DAY CARD", "Mother's Day Card"),
        ("70% DARK", "70% Dark"),
        ("PAPER CHAIN KIT 50'S CHRISTMAS", "Paper Chain Kit 50's Christmas"),
    ],
)
def test_a_shouted_name_is_written_as_people_do(name, shown):
    assert readable(name) == shown


def test_a_title_is_short_and_the_same_bundle_is_worded_the_same():
    names = ["A very long name of a product " * 4, "Another"]

    def once():
        return write_copy(
            names=names,
            units=[1, 1],
            bundle_type="FBT",
            objective="gift_box",
            cheaper=True,
            key="0f" * 32,
        )

    assert len(once().title) <= TITLE_CHARACTERS
    assert once() == once()
    assert once().source == "template"


@pytest.mark.parametrize("bundle_type", ["FBT", "BOGO", "VOLUME", "MIX"])
def test_no_word_promises_a_saving_where_there_is_none(bundle_type):
    told = write_copy(
        names=["Tea", "Cup", "Spoon"],
        units=[2, 1, 1],
        bundle_type=bundle_type,
        objective="margin_guard",
        cheaper=False,
        key="0f" * 32,
    )

    text = f"{told.title} {told.description}"
    assert "less" not in text
