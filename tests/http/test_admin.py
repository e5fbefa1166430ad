from datetime import UTC, datetime, timedelta

import pytest

from pipeline_lib.records.flags import Flags, FlagSettings, flag_defaults
from pipeline_lib.records.uploads import PhaseRecord, Slot, Upload
from pipeline_lib.runs.metrics import measure_runs
from tests.http.conftest import ORDERS, SOAP, TEA

FLAGS = "/api/admin/flags"
BULK = "/api/admin/flags/bulk"
SWEEP = "/api/bundles/cron/cleanup-stuck-jobs"
IDLE = [
    "advanced.performance_monitoring",
    "bundling.v2_pipeline",
    "data_mapping.cache_ttl_seconds",
    "data_mapping.concurrent_mapping",
    "phase.deduplication",
]


@pytest.fixture
def upload_id(ask):
    text = {"csvType": "orders", "csvData": ORDERS.decode(), "triggerPipeline": True}
    return ask("POST", "/api/shopify/upload", text).json()["uploadId"]


def test_the_documented_flags_have_their_documented_defaults(ask):
    flags = ask.operator("GET", FLAGS, role="viewer").json()["flags"]

    assert len(flags) == 24
    assert flags["bundling.staged_thresholds"] == [3, 5, 10, 20, 40]
    assert flags["bundling.relaxed_min_support"] == 0.02
    assert flags["bundling.relaxed_min_confidence"] == 0.18
    assert flags["data_mapping.cache_ttl_seconds"] == 1800
    others = {key for key, value in flags.items() if value is True}
    assert len(others) == 20


def test_a_flag_is_set_for_all_or_for_one_shop_and_noted(ask, clock):
    key = f"{FLAGS}/bundling.staged_thresholds"
    ask.operator("PUT", key, {"value": [1, 2], "updated_by": "ada"})
    clock.on(seconds=1)
    ask.operator("PUT", key, {"value": [9], "updated_by": "bob", "shop": TEA})

    entries = ask.operator("GET", "/api/admin/audit?limit=1").json()

    assert ask.operator("GET", key).json()["value"] == [1, 2]
    assert ask.operator("GET", f"{key}?shop={TEA}").json() == {
        "key": "bundling.staged_thresholds",
        "value": [9],
        "default": [3, 5, 10, 20, 40],
        "description": "How many bundles are visible after each wave; the last shows the rest.",
        "shop": TEA,
    }
    assert ask.operator("GET", f"{key}?shop={SOAP}").json()["value"] == [1, 2]
    assert entries["entries"][0]["by"] == "bob"
    assert entries["entries"][0]["before"] == {"bundling.staged_thresholds": [1, 2]}
    assert entries["next_cursor"] is not None


def test_several_flags_are_set_all_or_none(ask):
    good = {"phase.explainability": False, "bundling.relaxed_min_support": 0.01}
    bad = {"phase.data_mapping": False, "phase.flying": True}

    assert ask.operator("POST", BULK, {"flags": good}).json()["flags"]["phase.explainability"] is (
        False
    )
    assert ask.operator("POST", BULK, {"flags": bad}).status_code == 422
    assert ask.operator("GET", f"{FLAGS}/phase.data_mapping").json()["value"] is True


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("bundling.enabled", 1),
        ("bundling.staged_thresholds", [5, 3]),
        ("bundling.staged_thresholds", [True]),
        ("bundling.relaxed_min_support", -0.1),
        ("data_mapping.cache_ttl_seconds", 1.5),
    ],
)
def test_a_value_of_another_kind_is_refused(ask, key, value):
    assert ask.operator("PUT", f"{FLAGS}/{key}", {"value": value}).status_code == 422


@pytest.mark.parametrize("key", IDLE)
def test_a_flag_that_switches_nothing_says_so_and_keeps_its_value(ask, key):
    default = flag_defaults()[key]
    other = not default if default is True else default + 1

    refused = ask.operator("PUT", f"{FLAGS}/{key}", {"value": other})
    kept = ask.operator("PUT", f"{FLAGS}/{key}", {"value": default})

    assert (refused.status_code, refused.json()["code"]) == (422, "INVALID")
    assert "switches nothing" in refused.json()["message"]
    assert (kept.status_code, kept.json()["value"]) == (200, default)
    assert kept.json()["description"].startswith("Switches nothing.")


def test_every_flag_is_described(ask):
    told = ask.operator("GET", FLAGS).json()

    assert set(told["descriptions"]) == set(told["flags"])


def test_a_flag_that_is_none_is_not_there(ask):
    assert ask.operator("GET", f"{FLAGS}/nothing").status_code == 404
    assert ask.operator("PUT", f"{FLAGS}/nothing", {"value": True}).status_code == 404


def test_a_run_keeps_the_flags_it_began_with(ask, collections, upload_id):
    ask.operator("PUT", f"{FLAGS}/phase.explainability", {"value": False})

    pinned = collections.uploads.read(upload_id).record.flags

    assert pinned == Flags()
    assert pinned.phase_explainability is True


def test_what_the_environment_fixes_goes_before_all_else():
    settings = FlagSettings().with_values(
        {"bundling.enabled": True}, shop_id="a", now=datetime.now(UTC)
    )

    flags = settings.effective("a", {"bundling.enabled": False})

    assert flags.bundling_enabled is False


def test_the_kill_switch_stops_phases_and_switching_back_resumes(
    ask, collections, drain, upload_id
):
    on = ask.operator("POST", "/api/admin/kill-switch", {"reason": "fire", "updated_by": "ada"})
    drain()
    during = collections.uploads.read(upload_id).record
    refused = ask("POST", "/api/uploads", {"files": [{"csvType": "orders"}]})
    read = ask("GET", f"/api/generation-progress/{upload_id}")
    health = ask("GET", "/api/health", shop=None)
    off = ask.operator("POST", "/api/admin/kill-switch", {"enabled": False})
    drain()

    assert on.json()["enabled"] is True
    assert (during.status, during.phases) == ("processing", {})
    assert (refused.status_code, refused.json()["code"]) == (503, "PAUSED")
    assert refused.headers["Retry-After"] == "60"
    assert (read.status_code, health.json()["status"]) == (200, "paused")
    assert (off.json()["enabled"], off.json()["runs_resumed"]) == (False, 1)
    assert collections.uploads.read(upload_id).record.status == "completed"


def test_what_is_stopped_is_not_stuck(ask, clock, upload_id):
    ask.operator("POST", "/api/admin/kill-switch", {})
    clock.on(hours=5)

    assert ask.tick(SWEEP).json()["cleaned"] == 0
    assert ask("GET", f"/api/bundles/status/{upload_id}").json()["status"] == "PROCESSING"


def test_a_stuck_run_is_set_going_once_and_then_failed(ask, clock, upload_id, stores):
    while delivery := stores.topics.take():
        stores.topics.acknowledge(delivery)
    clock.on(minutes=11)
    first = ask.tick(SWEEP).json()
    waiting = stores.topics.waiting()
    clock.on(minutes=11)
    second = ask.tick(SWEEP).json()

    assert (first["cleaned"], waiting) == (0, 1)
    assert second == {"cleaned": 1, "message": "Marked 1 stuck jobs as FAILED"}
    told = ask("GET", f"/api/bundles/status/{upload_id}").json()
    assert (told["status"], told["error_message"]) == (
        "FAILED",
        "Processing timed out after 10 minutes",
    )


def test_the_figures_of_runs_are_told(ask, drain, upload_id):
    drain()

    told = ask.operator("GET", "/api/admin/metrics", role="viewer").json()

    assert told["runs"] == {"completed": 1}
    assert (told["success_rate"], told["running"], told["alerts"]) == (1.0, 0, [])
    assert told["phases"]["ingest"]["runs"] == 1


def test_rates_and_times_are_those_counted_by_hand():
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    completed = [
        run_of(
            "completed",
            PhaseRecord(state="done", fence=1, started_at=begun, ms=second, attempt=1 + second % 2),
            completed_at=begun + timedelta(seconds=400 + second),
        )
        for second in range(20)
    ]
    broken = PhaseRecord(state="failed", fence=1, started_at=begun, attempt=1)

    told = measure_runs([*completed, *[run_of("failed", broken)] * 5])

    assert told.success_rate == 20 / 25
    assert told.average_run_s == 400 + sum(range(20)) / 20
    assert told.p95_run_s == 418
    assert told.phases["a"].model_dump() == {
        "runs": 20,
        "average_ms": 9.5,
        "p95_ms": 18,
        "retried": 10,
    }
    assert len(told.alerts) == 2
    assert measure_runs([]).success_rate is None


def run_of(status, phase, **changed):
    """An upload whose run began at the year's beginning, with one phase called ``a``."""
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    return Upload(
        upload_id="u",
        shop_id=TEA,
        status=status,
        run=1,
        slots=(Slot(slot="orders", name="u/orders/orders.csv"),),
        phases={"a": phase},
        created_at=begun,
        begun_at=begun,
        updated_at=begun,
        expires_at=begun,
        **changed,
    )
