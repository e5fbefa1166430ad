import json
from dataclasses import replace
from pathlib import Path

import pytest

from dev import cost
from tests.benchmarks import cost as measured
from tests.shops import small_exports

ROWS = json.loads((Path(__file__).parents[2] / "pipeline_lib/topology.json").read_text())["phases"]
NOTHING = cost.Usage((), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


def test_a_call_is_billed_by_the_tenth_of_a_second_and_longer_on_less_than_a_vcpu():
    cold = cost.COLD_SHARE * cost.COLD_S

    whole = cost.Call(2048, worked_s=0.21, store_calls=4)
    half = cost.Call(1024, worked_s=0.583, store_calls=0)
    double = cost.Call(4096, worked_s=0.3, store_calls=0)

    assert whole.billed_s == pytest.approx(0.3 + cold)  # 0.21 and four times 0.01
    assert half.billed_s == pytest.approx(1.0 + cold)
    assert double.billed_s == pytest.approx(0.3 + cold)


def test_a_run_costs_what_it_costs_by_hand():
    usage = replace(
        NOTHING,
        calls=(cost.Call(4096, worked_s=1.0, store_calls=0),),
        documents_read=90,
        documents_written=1_000,
        documents_kept=50,
        messages=11,
        objects_written=3,
        objects_listed=1,
        objects_read=10,
        artefact_bytes=2**30,
    )

    told = cost.dollars(usage, api_mb=2048, runs=100)

    billed_s = 1.0 + cost.COLD_SHARE * cost.COLD_S
    api_s = cost.API_CALLS * 0.1
    assert told == pytest.approx(
        {
            "vCPU seconds": 100 * (2 * billed_s + api_s) * 0.000024,
            "GiB seconds": 100 * (4 * billed_s + 2 * api_s) * 0.0000025,
            "requests": 100 * (1 + cost.API_CALLS) * 0.4e-6,
            "documents read": 100 * (90 + cost.API_CALLS) * 0.6e-6,
            "documents written": 100 * 1_000 * 1.8e-6,
            "documents deleted": 100 * 50 * 0.2e-6,
            "message bytes": 100 * 11 * 2_000 * 40 / 2**40,
            "objects written or listed": 100 * 4 * 5e-6,
            "objects read": 100 * 10 * 0.4e-6,
            "GiB months": 100 * 0.02,
        }
    )


def test_every_price_says_where_it_is_from_and_of_when_the_page_is():
    prices = [*cost.PRICES.values(), *cost.MONTHLY.values()]

    assert all(price.source.startswith("https://") and price.seen for price in prices)
    assert set(cost.amounts(NOTHING, api_mb=2048)) == set(cost.PRICES)


def test_every_function_has_a_size_that_is_priced():
    assert {row["memory_mb"] for row in ROWS} <= set(cost.VCPU_BY_MB)


def test_a_month_costs_its_clock_and_its_secrets():
    rows = [
        {"wakes_on": "schedule", "secrets": []},
        {"wakes_on": "http", "secrets": ["A", "B"]},
        {"wakes_on": "messages", "secrets": ["A"]},
    ]

    assert cost.monthly(rows) == pytest.approx({"clock jobs": 0.1, "secret versions": 0.12})


def test_a_run_is_counted_at_the_ports(tmp_path):
    files = small_exports(tmp_path / "exports", lines=1_250)

    found = measured.used(tmp_path / "state", files)

    phases = [row for row in ROWS if row["role"] != "service"]
    assert found.messages == len(files) + len(phases) - 1  # the first is told by the bucket
    assert len(found.calls) == found.messages
    assert found.documents_kept > 20
    assert found.documents_written > found.documents_kept
    assert found.objects_read > found.objects_written > len(files)
    assert found.listened > len(phases)


def test_a_larger_shop_has_more_orders_of_other_names():
    orders = b"Name,Sku\n#1,a\n#1,b\n#2,a\n"

    assert (
        measured.sized(orders, 6) == b"Name,Sku\n#0-1,a\n#0-1,b\n#0-2,a\n#1-1,a\n#1-1,b\n#1-2,a\n"
    )
