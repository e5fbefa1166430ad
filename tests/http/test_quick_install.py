from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline_lib.messages import Work
from pipeline_lib.records.quick_install import QuickInstall
from pipeline_lib.records.uploads import Failure
from pipeline_lib.runs.ending import end_run
from tests.contracts.quick_install import test_of_fifty_at_once_one_starts  # noqa: F401
from tests.http.conftest import ORDERS, PRODUCTS, SOAP, TEA, Caller, client_of

PATH, STATUS = "/api/bundles/quick-install", "/api/bundles/quick-install/status"


@pytest.fixture
def ports(stores):
    return stores.ports


@pytest.fixture
def install(ask):
    def call(data=ORDERS, name="orders.csv", **fields):
        return ask("POST", PATH, files={"file": (name, data)}, data=fields)

    return call


@pytest.fixture
def status(ask):
    return lambda shop=TEA: ask("GET", STATUS, shop=shop).json()


def iso(time):
    return time.isoformat().replace("+00:00", "Z")


def test_a_shop_that_never_ran_one_may(status):
    assert status() == {
        "has_quick_install": False,
        "can_run": True,
        "message": "Quick install has not been run for this shop",
    }


def test_an_install_starts_runs_and_is_told_as_documented(
    install, status, clock, drain, collections
):
    begun = install()
    job = begun.json()["job_id"]
    running = status()
    drain()
    over = status()

    assert begun.status_code == 200
    assert begun.json() == {
        "job_id": job,
        "status": "PROCESSING",
        "message": "Quick install started. Bundles are being generated...",
        "is_retry": False,
    }
    assert running == {
        "has_quick_install": True,
        "can_run": False,
        "status": "PROCESSING",
        "job_id": job,
        "started_at": iso(clock()),
        "message": "Quick install is in progress",
    }
    made = collections.recommendations.count(shop_id=TEA)
    completed = collections.uploads.read(job).record.completed_at
    assert over == {
        "has_quick_install": True,
        "can_run": False,
        "status": "COMPLETED",
        "job_id": job,
        "completed_at": iso(completed),
        "bundles_created": made,
        "days_since_install": 0,
        "can_retry_in_days": 30,
        "can_retry_at": iso(completed + timedelta(days=30)),
        "message": "Quick install completed - Can retry in 30 days",
    }
    assert made > 10


def test_the_upload_remembers_the_file_as_documented(install, ask, clock, drain):
    job = install().json()["job_id"]
    drain()

    upload = ask("GET", f"/api/csv-uploads/{job}").json()

    name = clock().strftime("quick_install_%Y%m%dT%H%M%Sz.csv")
    rows = upload["processing_params"]["row_count"]
    assert (upload["filename"], upload["csv_type"]) == (name, "quick_install")
    assert upload["processing_params"] == {
        "source": "quick_install",
        "file_name": name,
        "row_count": rows,
    }
    assert 1_000 < rows < 1_250
    assert upload["processed_rows"] > 10


def test_a_second_install_is_refused_while_one_runs(install, clock):
    begun_at, job = clock(), install().json()["job_id"]
    clock.on(seconds=42)

    again = install()

    assert again.status_code == 409
    assert again.json()["detail"] == {
        "error": "ALREADY_PROCESSING",
        "job_id": job,
        "status": "PROCESSING",
        "started_at": begun_at.isoformat(),
        "elapsed_seconds": 42,
        "message": "Quick install already running. Please wait.",
    }


def test_an_install_is_refused_for_thirty_days_from_its_completion(
    install, status, clock, drain, collections
):
    job = install().json()["job_id"]
    drain()
    completed = collections.uploads.read(job).record.completed_at
    status()
    clock.time = completed + timedelta(days=10)
    refused = install()
    clock.time = completed + timedelta(days=30, seconds=-1)
    last_day = install()
    clock.time = completed + timedelta(days=30)
    free = status()

    assert refused.status_code == 409
    assert refused.json()["detail"]["error"] == "ALREADY_COMPLETED"
    assert (
        refused.json()["detail"]["message"]
        == "Quick install completed 10 days ago. You can run it again in 20 days."
    )
    assert refused.json()["detail"]["days_since_install"] == 10
    assert refused.json()["detail"]["can_retry_in_days"] == 20
    assert last_day.json()["detail"]["can_retry_in_days"] == 1
    assert free["can_run"] is True
    assert free["message"] == "Quick install completed - Can retry in 0 days"
    again = install()
    assert (again.status_code, again.json()["is_retry"]) == (200, False)
    clock.on(days=10)


def test_the_cooldown_is_as_long_as_the_settings_say(
    install, drain, status, clock, services, collections
):
    job = install().json()["job_id"]
    drain()
    short = replace(services, settings=replace(services.settings, cooldown_days=2))
    ask = Caller(client_of(short), short, clock)
    completed = collections.uploads.read(job).record.completed_at

    clock.time = completed + timedelta(days=2, seconds=-1)
    before = ask("GET", STATUS).json()
    clock.time = completed + timedelta(days=2)

    assert (before["can_run"], before["can_retry_in_days"]) == (False, 1)
    assert ask("GET", STATUS).json()["can_run"] is True
    assert status()["can_run"] is False


def test_a_cooldown_outlives_its_upload(install, status, clock, drain, collections):
    job = install().json()["job_id"]
    drain()
    status()
    collections.uploads.delete(job)
    clock.on(days=29)

    assert status()["can_retry_in_days"] in {1, 2}


def test_a_failed_install_may_be_tried_again_at_once(install, status, collections, clock):
    job = install().json()["job_id"]
    error = Failure(code="BAD_EXPORT", message="orders.csv: no orders", phase="ingest")
    end_run(
        collections,
        Work(job, 1),
        status="failed",
        message=error.message,
        error=error,
        now=clock(),
    )

    failed = status()
    again = install()

    assert failed == {
        "has_quick_install": True,
        "can_run": True,
        "status": "FAILED",
        "job_id": job,
        "error_message": "orders.csv: no orders",
        "message": "Quick install failed. You can try again.",
    }
    assert (again.status_code, again.json()["is_retry"]) == (200, True)


@pytest.mark.parametrize(
    ("data", "name"),
    [(b"", "a.csv"), (b"a,b\n1,2\n", "a.csv"), (b"\x89PNG", "a.png"), (ORDERS, "orders.xlsx")],
)
def test_what_is_no_csv_file_is_refused_in_the_documented_words(install, data, name):
    answer = install(data, name)

    assert answer.status_code == 400
    assert answer.json()["detail"] == "Invalid file: CSV file required"


def test_products_alone_are_enough(install, ask, drain, status):
    install(PRODUCTS, "products.csv")
    drain()

    assert status()["status"] == "COMPLETED"
    evidence = ask("GET", "/api/shopify/recommendations?limit=1").json()["recommendations"][0]
    assert evidence["evidence"]["orders_together"] == 0
    assert evidence["pricing"]["currency"] is None
    assert "XXX" not in ask("GET", "/api/export/recommendations?format=csv").text


def test_a_dry_run_starts_nothing(install, status):
    answer = install(dry_run="true")

    assert answer.json() == {
        "status": "DRY_RUN",
        "message": "Nothing was started: this file can be used, and you may run it now.",
        "is_retry": False,
        "csv_type": "orders",
        "row_count": answer.json()["row_count"],
    }
    assert status()["has_quick_install"] is False


def test_an_operator_lets_a_shop_run_before_its_time_and_it_is_noted(install, ask, drain, status):
    install()
    drain()
    path = f"/api/admin/quick-install/{TEA}/override"
    why = {"reason": "wrong file", "updated_by": "ada"}

    allowed = ask.operator("POST", path, why)
    noted = ask.operator("GET", "/api/admin/audit").json()["entries"][0]

    assert allowed.json() == {
        "shop": TEA,
        "can_run": True,
        "message": "The shop may run a quick install",
    }
    assert status()["can_run"] is True
    assert (noted["action"], noted["by"], noted["shop_id"]) == (
        "quick_install_override",
        "ada",
        TEA,
    )
    assert noted["after"]["reason"] == "wrong file"
    assert install().status_code == 200
    other = ask.operator("POST", f"/api/admin/quick-install/{SOAP}/override", why)
    assert other.status_code == 404


def test_a_job_that_was_named_and_never_started_does_not_block_for_ever(clock):
    named = QuickInstall(shop_id=TEA, job_id="job", started_at=clock())

    young = named.with_end_of(None, clock() + timedelta(minutes=9))
    old = named.with_end_of(None, clock() + timedelta(minutes=10))

    assert (young.status, old.status) == ("processing", "failed")


def test_any_job_is_told_as_documented(install, ask, drain, clock):
    made_at, job = clock(), install().json()["job_id"]
    running = ask("GET", f"/api/bundles/status/{job}").json()
    drain()
    over = ask("GET", f"/api/bundles/status/{job}").json()

    assert running == {
        "job_id": job,
        "status": "PROCESSING",
        "processed_count": 0,
        "error_count": 0,
        "error_message": None,
        "created_at": iso(made_at),
        "processed_at": None,
    }
    assert (over["status"], over["processed_count"] > 10) == ("COMPLETED", True)
    assert over["processed_at"] is not None
    assert ask("GET", f"/api/bundles/status/{job}", shop=SOAP).status_code == 404
