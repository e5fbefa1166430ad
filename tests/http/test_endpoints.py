import io
import json
import re

import pytest

from pipeline_lib.http.identity import Access
from pipeline_lib.http.openapi import refusals
from pipeline_lib.http.problems import Unauthorised
from pipeline_lib.http.rows import rows
from tests.http.conftest import KEYS, ORDERS, ROOT, SETTINGS, SOAP, TEA

TABLE = (ROOT / "pipeline_lib/http/ENDPOINTS.md").read_text()
LINE = re.compile(
    r"^\| (\w+) `(\S+)` \| (\w+) \| ([\d, ]+) \| `(tests/api/\w+\.py)` \|$", re.MULTILINE
)
GUARDED = [row for row in rows() if row.access is not Access.ANYONE]
OF_SHOPS = [row for row in rows() if row.access is Access.SHOP]
ELSEWHERE = {  # what is named in the query or in the body
    *("GET /api/association-rules", "GET /api/generate-bundles/stream", "POST /api/bundles"),
    *(
        "POST /api/generate-bundles",
        "POST /api/generate-bundles/stream",
        "POST /api/generate-rules",
    ),
    "POST /api/listen-token",
}
NAMED = [row for row in OF_SHOPS if "{" in row.path or f"{row.method} {row.path}" in ELSEWHERE]
OF_A_SHOP = [row for row in OF_SHOPS if "shopId" in row.asks.model_fields]
OVER = {"POST /api/generate-bundles/{id}/resume", "POST /api/generate-bundles/{id}/cancel"}
DOCUMENTED = {  # requirements 31 to 55, but for what comes later
    *("POST /api/upload-csv", "GET /api/upload-status/{uploadId}", "GET /api/csv-uploads"),
    *("GET /api/csv-uploads/{id}", "POST /api/generate-bundles"),
    *("POST /api/generate-bundles/stream", "POST /api/generate-bundles/{id}/resume"),
    *("GET /api/generation-progress/{uploadId}", "GET /api/bundle-recommendations"),
    *("GET /api/bundle-recommendations/{id}", "PATCH /api/bundle-recommendations/{id}/approve"),
    *("GET /api/bundle-recommendations/{id}/partial", "GET /api/bundles", "GET /api/bundles/{id}"),
    *("POST /api/bundles", "DELETE /api/bundles/{id}", "POST /api/generate-rules"),
    *("GET /api/association-rules", "GET /api/dashboard-stats", "GET /api/analytics"),
    *("GET /api/analytics/insights", "GET /api/export/bundles", "GET /api/export/recommendations"),
    *(
        "GET /api/export/analytics",
        "POST /api/shopify/upload",
        "GET /api/shopify/status/{uploadId}",
    ),
    *("GET /api/shopify/recommendations", "GET /api/admin/flags", "GET /api/admin/flags/{key}"),
    *("PUT /api/admin/flags/{key}", "POST /api/admin/flags/bulk", "GET /api/admin/metrics"),
    *("POST /api/admin/kill-switch", "GET /", "GET /healthz", "GET /api/health"),
    *("POST /api/bundles/quick-install", "GET /api/bundles/quick-install/status"),
    *("GET /api/bundles/status/{job_id}", "POST /api/bundles/cron/cleanup-stuck-jobs"),
    "POST /api/uploads",  # which gives the signed addresses (requirement 60)
}


SHAPES = {  # requirements 61 to 81, 117, 120, 121
    "POST /api/upload-csv": "uploadId runId status",
    "POST /api/shopify/upload": "uploadId runId status",
    "GET /api/upload-status/{uploadId}": (
        "upload_id status current_phase progress_percentage phase_message bundles_generated "
        "estimated_time_remaining_seconds started_at completed_at error_message"
    ),
    "GET /api/generation-progress/{uploadId}": (
        "upload_id shop_domain step progress status message metadata updated_at quick_start_mode "
        "full_generation_queued"
    ),
    "GET /api/csv-uploads": (
        "id run_id shop_id status filename csv_type total_rows processed_rows error_message "
        "processing_params created_at updated_at"
    ),
    "GET /api/csv-uploads/{id}": "id run_id shop_id status filename csv_type total_rows",
    "POST /api/generate-bundles": "success result",
    "GET /api/shopify/status/{uploadId}": (
        "upload_id shop_id status total_rows processed_rows bundle_count error_message"
    ),
    "GET /api/shopify/recommendations": "recommendations",
    "GET /api/bundle-recommendations": "recommendations total next_cursor",
    "GET /api/bundle-recommendations/{id}": (
        "id csv_upload_id shop_id bundle_type objective products pricing ai_copy confidence "
        "ranking_score is_approved rank_position created_at"
    ),
    "PATCH /api/bundle-recommendations/{id}/approve": "id is_approved",
    "GET /api/bundle-recommendations/{id}/partial": "recommendations",
    "GET /api/bundles": "bundles",
    "GET /api/bundles/{id}": "id shop_id bundle_type products pricing is_active created_at",
    "POST /api/bundles": "id shop_id bundle_type products pricing is_active created_at",
    "DELETE /api/bundles/{id}": "id is_active",
    "POST /api/generate-rules": "uploadId status",
    "GET /api/association-rules": "antecedent consequent support confidence lift",
    "GET /api/dashboard-stats": (
        "activeBundles bundleRevenue avgBundleSize conversionRate totalRecommendations "
        "approvedRecommendations totalOrders totalProducts"
    ),
    "GET /api/analytics": "timeSeries bundlePerformance topBundles",
    "GET /api/analytics/insights": "insights",
    "GET /api/export/bundles": "bundles",
    "GET /api/export/recommendations": "recommendations",
    "POST /api/bundles/quick-install": "job_id status message is_retry",
    "GET /api/bundles/quick-install/status": "has_quick_install can_run message",
    "GET /api/bundles/status/{job_id}": (
        "job_id status processed_count error_count error_message created_at processed_at"
    ),
    "GET /": "status",
    "GET /healthz": "status",
    "GET /api/health": "status",
}


def told(row):
    return f"{row.method} {row.path}"


@pytest.fixture
def things(ask, drain):
    """One of everything, of one shop."""
    text = {"csvType": "orders", "csvData": ORDERS.decode(), "triggerPipeline": True}
    upload_id = ask("POST", "/api/shopify/upload", text).json["uploadId"]
    drain()
    found = ask("GET", "/api/bundle-recommendations?limit=1").json["recommendations"][0]["id"]
    ask("POST", "/api/bundles", {"recommendationId": found})
    ask("POST", "/api/generate-rules", {"csvUploadId": upload_id})
    return {"upload": upload_id, "recommendation": found}


def call(ask, row, things, **more):
    """Calls a row as its documents say."""
    upload, found = things["upload"], things["recommendation"]
    of_recommendation = "bundle-recommendations/{id}" in row.path and "partial" not in row.path
    name = found if of_recommendation or row.path == "/api/bundles/{id}" else upload
    path = re.sub(r"\{\w+\}", name, row.path).replace("flags/" + name, "flags/bundling.enabled")
    query = {
        "/api/association-rules": f"?uploadId={upload}",
        "/api/generate-bundles/stream": f"?csvUploadId={upload}" if row.method == "GET" else "",
    }
    bodies = {
        "/api/uploads": {"files": [{"csvType": "orders"}]},
        "/api/shopify/upload": {"csvType": "orders", "csvData": ORDERS.decode(), "runId": "again"},
        "/api/bundle-recommendations/{id}/approve": {"approved": True},
        "/api/bundles": {"recommendationId": found},
        "/api/export/shopify/bundles": {"products": {}},
        "/api/admin/flags/{key}": {"value": True},
        "/api/admin/flags/bulk": {"flags": {"bundling.enabled": True}},
        "/api/admin/kill-switch": {"enabled": False},
        "/api/admin/quick-install/{shop}/override": {"reason": "why not"},
    }
    if row.path == "/api/listen-token":
        bodies[row.path] = {"uploadId": upload}
    if row.body == "json":
        more["body"] = bodies.get(row.path, {"csvUploadId": upload})
    if row.body == "form":
        more["data"] = {"file": (io.BytesIO(ORDERS), "orders.csv")}
    return ask(row.method, path + query.get(row.path, ""), **more)


def conforming(answer):
    """Whether what went wrong is told in the one shape."""
    return {"code", "message", "request_id"} <= set(answer.json)


def test_every_documented_endpoint_is_there():
    assert {told(row) for row in rows()} >= DOCUMENTED


def test_the_table_in_the_documents_is_what_is_served():
    shown = {
        f"{method} {path}": (access, [int(number) for number in numbers.split(", ")])
        for method, path, access, numbers, _ in LINE.findall(TABLE)
    }

    assert shown == {told(row): (str(row.access), list(row.requirements)) for row in rows()}


def test_every_endpoint_is_called_in_the_test_that_the_table_names():
    for _, path, _, _, file in LINE.findall(TABLE):
        start = path.split("{")[0].rstrip("/") or "/"
        assert start in (ROOT / file).read_text(), f"{path} in {file}"


@pytest.mark.parametrize("row", OF_SHOPS, ids=told)
def test_the_right_shop_is_answered_as_documented(ask, things, row):
    answer = call(ask, row, things)

    if told(row) in OVER:
        assert (answer.status_code, conforming(answer)) == (409, True)
    else:
        assert answer.status_code in {row.status, *row.also}


@pytest.mark.parametrize(("endpoint", "names"), SHAPES.items(), ids=SHAPES)
def test_an_answer_has_the_documented_names(ask, things, endpoint, names):
    row = next(row for row in rows() if told(row) == endpoint)

    answer = call(ask, row, things).json

    if set(answer) & {"rules", "uploads"}:
        answer = next(answer[key][0] for key in ("rules", "uploads") if key in answer)
    assert set(names.split()) <= set(answer)


@pytest.mark.parametrize("row", OF_A_SHOP, ids=told)
def test_another_shop_that_is_named_is_not_there(ask, row):
    upload = "00000000-0000-4000-8000-000000000000"
    if row.body == "form":
        form = {"file": (io.BytesIO(ORDERS), "orders.csv"), "shopId": SOAP}
        answer = ask(row.method, row.path, data=form)
    elif row.body == "json":
        text = {"csvType": "orders", "csvData": "a", "shopId": SOAP}
        answer = ask(row.method, row.path, text)
    else:
        answer = ask(row.method, f"{row.path}?shopId={SOAP}&uploadId={upload}")

    assert (answer.status_code, answer.json["code"]) == (404, "SHOP_NOT_FOUND")


@pytest.mark.parametrize("row", NAMED, ids=told)
def test_another_shop_is_told_that_there_is_no_such_thing(ask, things, row):
    answer = call(ask, row, things, shop=SOAP)

    assert (answer.status_code, answer.json["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("row", GUARDED, ids=told)
def test_nobody_is_let_in_without_a_sound_token(ask, clock, row):
    things = {"upload": "u", "recommendation": "r"}
    over = ask.session(exp=clock().timestamp() - 60)
    other = ask.session(aud="another")
    clocks = [("x", 9), (SETTINGS.clock_audience, -1)]
    elsewhere, late = (
        ask.world.identities.token(SETTINGS.clock_account, audience=audience, valid_s=valid_s)
        for audience, valid_s in clocks
    )

    answers = [call(ask, row, things, shop=None)]
    answers += [
        call(ask, row, things, token=token) for token in (over, other, elsewhere, late, "x")
    ]

    assert [answer.status_code for answer in answers] == [401] * 6
    assert all(conforming(answer) for answer in answers)
    assert Unauthorised in refusals(row)


def test_a_key_opens_no_shop_and_a_shop_no_operators_room(ask):
    things = {"upload": "u", "recommendation": "r"}
    for row in GUARDED:
        wrong = ask.session(TEA) if row.access is not Access.SHOP else KEYS["admin"].decode()
        assert call(ask, row, things, token=wrong).status_code == 401, told(row)


def test_every_link_of_the_openapi_document_leads_to_what_is_there(ask):
    document = json.loads(ask("GET", "/api/openapi.json", shop=None).data)
    operations = {
        operation["operationId"]: operation
        for path in document["paths"].values()
        for operation in path.values()
    }

    linked = [
        link
        for operation in operations.values()
        for answer in operation["responses"].values()
        for link in answer.get("links", {}).values()
    ]

    assert len(linked) > 60
    for link in linked:
        target = operations[link["operationId"]]
        names = {parameter["name"] for parameter in target["parameters"]}
        assert set(link.get("parameters", {})) <= names
        assert ("requestBody" in link) <= ("requestBody" in target)


def test_the_openapi_document_names_every_row_and_resolves(ask):
    document = json.loads(ask("GET", "/api/openapi.json", shop=None).data)

    named = {
        f"{method.upper()} {path}"
        for path, operations in document["paths"].items()
        for method in operations
    }
    references = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert named == {told(row) for row in rows()}
    assert references <= set(document["components"]["schemas"])
