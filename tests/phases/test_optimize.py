from dataclasses import replace

import polars as pl
import pytest

from pipeline_lib import frames, reports
from pipeline_lib.phases import deduplicate, optimize
from pipeline_lib.ranking.scores import AFFINITY, GAIN, PROFILES, score
from pipeline_lib.records.uploads import Parameters
from pipeline_lib.reports import Facts
from tests.phases.test_candidates import mined

NAMES = [chr(97 + n) * 3 for n in range(12)]
SETS = [{f"H{name}": 1, f"P{name}": 1} for n, name in enumerate(NAMES) for _ in range(4 + n)]
HUBS = [{"HUB": 1, f"R{name}": 1} for n, name in enumerate(NAMES) for _ in range(4 + n)]
ALONE = [{f"Q{n % 60:02}": 1} for n in range(1_200)]


def ranked(job, orders, **parameters):
    asked = replace(job, parameters=Parameters(**parameters))
    mined(asked, orders)
    job.artefacts.keep_json(reports.FACTS, Facts(currency="GBP", newest_order=None))
    deduplicate.run(asked)
    outcome = optimize.run(asked)
    return outcome, job.artefacts.frame(frames.Portfolio)


@pytest.mark.parametrize("profile", [GAIN, AFFINITY])
def test_the_portfolio_is_in_rank_order_and_its_scores_follow_from_their_parts(job, profile):
    outcome, portfolio = ranked(job, SETS + ALONE, rank_by=profile)

    assert portfolio["rank_position"].to_list() == list(range(1, len(portfolio) + 1))
    parts = portfolio["score_parts"].struct.unnest()
    whole = score(parts, PROFILES[profile]) - portfolio["novelty"]
    assert (whole - portfolio["ranking_score"]).abs().max() < 1e-8
    assert outcome.kept["chosen"] == len(portfolio)


def test_by_default_the_list_is_in_the_order_of_what_it_gains(job):
    _, portfolio = ranked(job, SETS + ALONE)

    gains = portfolio["gain_minor"].to_list()
    assert gains == sorted(gains, reverse=True)
    assert min(gains) > 0


def test_a_product_is_shown_beside_few_others(job):
    _, portfolio = ranked(job, SETS + HUBS + ALONE)

    assert portfolio.explode("items")["items"].value_counts()["count"].max() <= 2


def test_each_set_is_shown_once_and_names_its_other_objectives(job):
    _, portfolio = ranked(job, SETS + ALONE)

    sets = portfolio.select(pl.col("items").list.sort())
    assert sets.unique().height == len(portfolio)
    rows = portfolio.select("objective", "others").rows()
    assert all(objective not in others for objective, others in rows)
    assert any(others for _, others in rows)


def test_weights_that_care_for_one_part_rank_by_it():
    features = pl.DataFrame({"confidence": [0.1, 0.9], "lift": [0.9, 0.1]})

    assert score(features, {"confidence": 1.0}).to_list() == [0.1, 0.9]
    assert score(features, {"lift": 1.0}).to_list() == [0.9, 0.1]


def test_the_record_says_what_was_chosen_from_and_what_was_left_out(job):
    ranked(job, SETS + HUBS + ALONE)

    record = job.artefacts.json(reports.RANKING)
    shown, most = record.portfolio.shown, record.portfolio.most_gain
    assert record.profile == GAIN
    assert record.portfolio.portfolios >= 1
    assert shown.gain >= 0.95 * most.gain
    assert record.left_out["product_in_enough_sets"] >= 8


def test_a_handful_is_shown_as_it_ranks_and_the_record_says_why(job):
    _, portfolio = ranked(job, [{"A": 1, "B": 1}] * 9 + [{"C": 3}] * 90)

    record = job.artefacts.json(reports.RANKING).portfolio
    assert (record.engine, record.because) == ("linear", "too few to choose among")
    assert len(portfolio) < 10


def test_a_pack_is_no_offer_at_its_list_price(job):
    _, portfolio = ranked(job, [{"A": 1, "B": 1}] * 9 + [{"C": 3}] * 90)

    assert "VOLUME" not in portfolio["bundle_type"].to_list()
    assert job.artefacts.json(reports.RANKING).left_out == {"nothing_off": 1}


def test_a_pack_is_shown_where_the_shop_asks_for_its_own_prices(job):
    _, portfolio = ranked(job, [{"A": 1, "B": 1}] * 9 + [{"C": 3}] * 90, pricing="flat")

    pack = portfolio.row(by_predicate=pl.col("bundle_type") == "VOLUME", named=True)
    assert pack["offer"] == "tiers"
    assert pack["off_minor"] > 0
