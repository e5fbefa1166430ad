import polars as pl

from pipeline_lib import frames, reports
from pipeline_lib.phases import deduplicate, optimize
from pipeline_lib.ranking.shelf import DEFAULT, MOST_OF_A_PRODUCT, PROFILES, filled, score
from tests.phases.test_candidates import mined

SETS = [{"HUB": 1, f"P{n:02}": 1} for n in range(12) for _ in range(4 + n)]
ALONE = [{f"Q{n % 60:02}": 1} for n in range(1_200)]


def ranked(job, orders):
    mined(job, orders)
    deduplicate.run(job)
    outcome = optimize.run(job)
    return outcome, job.artefacts.frame(frames.Portfolio)


def test_the_portfolio_is_in_rank_order_and_its_scores_follow_from_their_parts(job):
    outcome, portfolio = ranked(job, SETS + ALONE)

    assert portfolio["rank_position"].to_list() == list(range(1, len(portfolio) + 1))
    parts = portfolio["score_parts"].struct.unnest()
    whole = score(parts, PROFILES[DEFAULT]) - portfolio["novelty"]
    assert (whole - portfolio["ranking_score"]).abs().max() < 1e-8
    assert outcome.kept["chosen"] == len(portfolio)


def test_a_product_is_in_few_different_bundles(job):
    _, portfolio = ranked(job, SETS + ALONE)

    sets = portfolio.select(pl.col("items").list.sort()).unique()
    assert sets.explode("items")["items"].value_counts()["count"].max() <= MOST_OF_A_PRODUCT


def test_weights_that_care_for_one_part_rank_by_it():
    features = pl.DataFrame({"confidence": [0.1, 0.9], "lift": [0.9, 0.1]})

    assert score(features, {"confidence": 1.0}).to_list() == [0.1, 0.9]
    assert score(features, {"lift": 1.0}).to_list() == [0.9, 0.1]


def test_the_record_says_what_was_chosen_from_and_what_was_given_up(job):
    ranked(job, SETS + ALONE)

    record = job.artefacts.json(reports.RANKING)
    shown, most = record.portfolio.shown, record.portfolio.most_revenue
    assert record.profile == DEFAULT
    assert record.portfolio.portfolios >= 1
    assert shown.revenue >= 0.95 * most.revenue
    assert shown.risk <= most.risk


def test_a_handful_is_shown_as_it_ranks(job):
    _, portfolio = ranked(job, [{"A": 1, "B": 1}] * 9 + [{"C": 3}] * 90)

    assert job.artefacts.json(reports.RANKING).portfolio.engine == "linear"
    assert len(portfolio) < 10


def test_the_strongest_left_out_fill_up_to_the_least_number():
    pool = pl.DataFrame({"n": range(60)})

    assert filled([0, 7, 59], pool) == [*range(49), 59]
    assert filled(list(range(55)), pool) == list(range(55))
