import json
import threading
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from pipeline_lib.http.hub import describe_progress
from pipeline_lib.messages import Work
from pipeline_lib.records.progress import new_progress
from pipeline_lib.records.recommendations import Preview
from pipeline_lib.runs.ending import end_run
from tests.http.conftest import ORDERS, SOAP, TEA

UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def upload_id(ask):
    """An upload whose orders have landed."""
    text = {"csvType": "orders", "csvData": ORDERS.decode()}
    return ask("POST", "/api/shopify/upload", text).json()["uploadId"]


def test_a_run_begins_and_its_progress_says_when_to_ask_again(ask, clock, upload_id):
    before = ask("GET", f"/api/generation-progress/{upload_id}").json()
    begun = ask("POST", "/api/generate-bundles", {"csvUploadId": upload_id})
    young = ask("GET", f"/api/generation-progress/{upload_id}").json()
    clock.on(seconds=61)
    old = ask("GET", f"/api/generation-progress/{upload_id}").json()

    assert (before["step"], before["progress"], before["message"]) == (
        "upload",
        0,
        "Waiting for files",
    )
    assert begun.status_code == 202
    assert begun.json() == {
        "success": True,
        "result": {
            "uploadId": upload_id,
            "run": 1,
            "status": "processing",
            "poll_after_ms": 2000,
        },
    }
    assert (young["status"], young["shop_domain"]) == ("in_progress", TEA)
    assert (young["poll_after_ms"], old["poll_after_ms"]) == (2000, 10000)


def test_a_run_that_is_over_is_not_polled_again(ask, drain, upload_id):
    ask("POST", "/api/generate-bundles", {"csvUploadId": upload_id})
    drain()

    over = ask("GET", f"/api/generation-progress/{upload_id}").json()

    assert (over["progress"], over["status"], over["poll_after_ms"]) == (100, "completed", None)
    assert over["metadata"]["candidate_count"] > 0
    assert over["quick_start_mode"] is False


def test_a_preview_is_told_while_the_run_goes_on(ask, collections, clock, upload_id):
    ask("POST", "/api/generate-bundles", {"csvUploadId": upload_id})
    collections.previews.put(
        Preview(
            upload_id=upload_id, shop_id=TEA, run=1, bundles=(), expires_at=clock() + timedelta(1)
        )
    )

    now = ask("GET", f"/api/generation-progress/{upload_id}").json()

    assert (now["quick_start_mode"], now["full_generation_queued"]) == (True, True)


def test_a_run_that_is_asked_for_twice_is_one(ask, upload_id):
    first = ask("POST", "/api/generate-bundles", {"csvUploadId": upload_id}).json()
    again = ask("POST", "/api/generate-bundles", {"csvUploadId": upload_id}).json()

    assert again == first


def test_an_upload_id_is_a_uuid(ask):
    answer = ask("POST", "/api/generate-bundles", {"csvUploadId": "17"})

    assert answer.status_code == 422
    assert answer.json()["fields"] == [{"where": "csvUploadId", "problem": "Invalid UUID format"}]
    assert ask("POST", "/api/generate-bundles", {"csvUploadId": UNKNOWN}).status_code == 404


def test_a_flag_switches_generation_off_for_one_shop(ask, upload_id):
    change = {"value": False, "updated_by": "me", "shop": TEA}
    ask.operator("PUT", "/api/admin/flags/bundling.enabled", change)

    answer = ask("POST", "/api/generate-bundles", {"csvUploadId": upload_id})

    assert (answer.status_code, answer.json()["code"]) == (503, "BUNDLING_DISABLED")


def test_a_failed_run_goes_on_where_it_stopped(ask, collections, clock, drain, upload_id):
    ask("POST", "/api/generate-bundles", {"csvUploadId": upload_id})
    early = ask("POST", f"/api/generate-bundles/{upload_id}/resume")
    end_run(collections, Work(upload_id, 1), status="failed", message="broken", now=clock())

    resumed = ask("POST", f"/api/generate-bundles/{upload_id}/resume")
    between = ask("GET", f"/api/generation-progress/{upload_id}").json()
    drain()

    assert early.status_code == 202
    assert resumed.json() == {"uploadId": upload_id, "status": "processing", "phases": ["ingest"]}
    assert between["status"] == "in_progress"
    assert ask("GET", f"/api/uploads/{upload_id}").json()["status"] == "completed"
    late = ask("POST", f"/api/generate-bundles/{upload_id}/resume")
    assert (late.status_code, late.json()["code"]) == (409, "NOTHING_TO_RESUME")


def test_a_run_that_would_have_to_read_files_that_are_gone_does_not_go_on(
    ask, stores, collections, clock, upload_id
):
    ask("POST", "/api/generate-bundles", {"csvUploadId": upload_id})
    end_run(collections, Work(upload_id, 1), status="failed", message="broken", now=clock())
    stores.ports.landing.delete(stores.ports.landing.names(f"{upload_id}/"))

    answer = ask("POST", f"/api/generate-bundles/{upload_id}/resume")

    assert (answer.status_code, answer.json()["code"]) == (409, "NOTHING_TO_RESUME")
    assert "send them again" in answer.json()["message"]


def test_a_run_is_cancelled_and_its_messages_come_to_nothing(ask, stores, drain, upload_id):
    ask("POST", "/api/generate-bundles", {"csvUploadId": upload_id})

    answer = ask("POST", f"/api/generate-bundles/{upload_id}/cancel")
    drain()

    assert answer.json() == {"uploadId": upload_id, "status": "cancelled"}
    assert ask("GET", f"/api/generation-progress/{upload_id}").json()["status"] == "cancelled"
    assert stores.documents.find("recommendations", {}) == []
    assert ask("GET", f"/api/upload-status/{upload_id}").json()["status"] == "failed"


def test_an_upload_that_waits_is_cancelled_and_a_run_that_is_over_is_not(ask, drain, upload_id):
    other = ask("POST", "/api/uploads", {"files": [{"csvType": "orders"}]}).json()["uploadId"]
    ask("POST", "/api/generate-bundles", {"csvUploadId": upload_id})
    drain()

    late = ask("POST", f"/api/generate-bundles/{upload_id}/cancel")

    assert ask("POST", f"/api/generate-bundles/{other}/cancel").status_code == 200
    assert ask("GET", f"/api/generation-progress/{other}").json()["message"] == "Cancelled"
    assert (late.status_code, late.json()["code"]) == (409, "RUN_OVER")


def test_a_run_is_listened_to_until_it_is_over(ask, drain, upload_id):
    ask("POST", "/api/generate-bundles", {"csvUploadId": upload_id})
    worker = threading.Timer(0.3, drain)
    worker.start()

    answer = ask("GET", f"/api/generate-bundles/stream?csvUploadId={upload_id}")
    text = answer.text
    worker.join()

    frames = [part for part in text.split("\n\n") if "data: " in part]
    seen = [json.loads(frame.split("data: ")[1]) for frame in frames]
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert (answer.headers["Cache-Control"], answer.headers["X-Accel-Buffering"]) == (
        "no-cache",
        "no",
    )
    assert seen[0] == {"phase": "starting", "progress": 0, "message": "Waiting to start"}
    assert seen[-1]["phase"] == "complete"
    assert seen[-1]["bundles_created"] > 10
    assert {"data_mapping", "ml_candidates"} <= {one["phase"] for one in seen}


def test_a_run_that_fails_is_told_as_an_error(clock):
    fresh = new_progress(upload_id="u", shop_id=TEA, run=1, now=clock())
    failed = fresh.with_end("failed", "Orders are missing", now=clock() + timedelta(1))

    assert describe_progress(failed) == {
        "phase": "error",
        "progress": 0,
        "message": "Orders are missing",
        "error": "Orders are missing",
    }


def test_another_shop_hears_nothing(ask, upload_id):
    path = f"/api/generate-bundles/stream?csvUploadId={upload_id}"

    assert ask("GET", path, shop=SOAP).status_code == 404


def test_a_shop_has_one_run_at_a_time_and_the_next_begins_by_itself(ask, drain, upload_id):
    session = ask("POST", "/api/uploads", {"files": [{"csvType": "orders"}]}).json()
    other = session["uploadId"]
    ask("POST", "/api/generate-bundles", {"csvUploadId": upload_id})
    put(ask, session["files"][0])

    waits = ask("GET", f"/api/generation-progress/{other}").json()
    refused = ask("POST", f"/api/uploads/{other}/start")
    drain()

    assert (waits["status"], waits["message"]) == (
        "in_progress",
        "Waiting for another of your uploads",
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "SHOP_BUSY")
    for one in (upload_id, other):
        assert ask("GET", f"/api/generation-progress/{one}").json()["status"] == "completed"


def test_the_next_begins_when_a_run_is_cancelled(ask, upload_id):
    session = ask("POST", "/api/uploads", {"files": [{"csvType": "orders"}]}).json()
    ask("POST", "/api/generate-bundles", {"csvUploadId": upload_id})
    put(ask, session["files"][0])

    ask("POST", f"/api/generate-bundles/{upload_id}/cancel")

    assert ask("GET", f"/api/uploads/{session['uploadId']}").json()["status"] == "processing"


def put(ask, file):
    url = urlsplit(file["upload"]["url"])
    headers = file["upload"]["headers"]
    ask("PUT", f"{url.path}?{url.query}", shop=None, content=ORDERS, headers=headers)
