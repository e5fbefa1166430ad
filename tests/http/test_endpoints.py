import json
import re
from dataclasses import replace

import pytest

from pipeline_lib.http.app import all_routes
from pipeline_lib.http.identity import Access
from pipeline_lib.http.services import StreamPace
from pipeline_lib.http.shapes import Answer, Body
from tests.http.conftest import KEYS, ORDERS, ROOT, SETTINGS, SOAP, TEA

TABLE = (ROOT / "docs/endpoints.md").read_text()
LINE = re.compile(
    r"^\| (\w+) `(\S+)` \| (\w+) \| [\d, ]+ \| `(tests/http/\w+\.py)` \|$", re.MULTILINE
)
GUARDED = [route for route in all_routes() if route.access is not Access.ANYONE]
OF_SHOPS = [route for route in all_routes() if route.access in {Access.SHOP, Access.LISTENER}]
ELSEWHERE = {  # what is named in the query or in the body
    *("GET /api/association-rules", "GET /api/generate-bundles/stream", "POST /api/bundles"),
    *(
        "POST /api/generate-bundles",
        "POST /api/generate-bundles/stream",
        "POST /api/generate-rules",
    ),
    "POST /api/listen-token",
}


def subclasses(model):
    found = model.__subclasses__()
    return [*found, *(below for one in found for below in subclasses(one))]


def told(route):
    (method,) = route.methods
    return f"{method} {route.path_format}"


def takes_shop(route):
    fields = [*route.dependant.query_params, *([route.body_field] if route.body_field else [])]
    models = [field.field_info.annotation for field in fields]
    return any("shopId" in getattr(model, "model_fields", ()) for model in models)


NAMED = [route for route in OF_SHOPS if "{" in route.path or told(route) in ELSEWHERE]
OF_A_SHOP = [route for route in OF_SHOPS if takes_shop(route)]
ALSO = {"POST /api/bundles": (200,)}
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

EXAMPLES = [
    model
    for model in (*subclasses(Answer), *subclasses(Body))
    if "examples" in (model.model_config.get("json_schema_extra") or {})
    and model.model_config["json_schema_extra"]["examples"]
    and model.__name__ not in {"CsvForm", "QuickInstallForm"}  # they hold a file
]
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


@pytest.fixture
def services(services):
    """Those whose streams end soon, whether or not the run does."""
    return replace(services, pace=StreamPace(beat_s=0.2, longest_s=0.5))


@pytest.fixture
def things(ask, drain):
    """One of everything, of one shop."""
    text = {"csvType": "orders", "csvData": ORDERS.decode(), "triggerPipeline": True}
    upload_id = ask("POST", "/api/shopify/upload", text).json()["uploadId"]
    drain()
    found = ask("GET", "/api/bundle-recommendations?limit=1").json()["recommendations"][0]["id"]
    ask("POST", "/api/bundles", {"recommendationId": found})
    ask("POST", "/api/generate-rules", {"csvUploadId": upload_id})
    return {"upload": upload_id, "recommendation": found}


def call(ask, route, things, **more):
    """Calls a route as its documents say."""
    upload, found = things["upload"], things["recommendation"]
    method, path = told(route).split()
    of_recommendation = "bundle-recommendations/{id}" in path and "partial" not in path
    name = found if of_recommendation or path == "/api/bundles/{id}" else upload
    address = re.sub(r"\{\w+\}", name, path).replace("flags/" + name, "flags/bundling.enabled")
    query = {
        "/api/association-rules": f"?uploadId={upload}",
        "/api/generate-bundles/stream": f"?csvUploadId={upload}" if method == "GET" else "",
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
        "/api/listen-token": {"uploadId": upload},
    }
    if route.body_type == "application/json":
        more["body"] = bodies.get(path, {"csvUploadId": upload})
    if route.body_type == "multipart/form-data":
        more["files"] = {"file": ("orders.csv", ORDERS)}
    return ask(method, address + query.get(path, ""), **more)


def conforming(answer):
    """Whether what went wrong is told in the one shape."""
    return {"code", "message", "request_id"} <= set(answer.json())


def test_every_documented_endpoint_is_there():
    assert {told(route) for route in all_routes()} >= DOCUMENTED


def test_the_table_in_the_documents_is_what_is_served():
    shown = {f"{method} {path}": access for method, path, access, _ in LINE.findall(TABLE)}

    assert shown == {told(route): str(route.access) for route in all_routes()}


def test_every_endpoint_is_called_in_the_test_that_the_table_names():
    for _, path, _, file in LINE.findall(TABLE):
        start = path.split("{")[0].rstrip("/") or "/"
        assert start in (ROOT / file).read_text(), f"{path} in {file}"


@pytest.mark.parametrize("route", OF_SHOPS, ids=told)
def test_the_right_shop_is_answered_as_documented(ask, things, route):
    answer = call(ask, route, things)

    if told(route) in OVER:
        assert (answer.status_code, conforming(answer)) == (409, True)
    else:
        assert answer.status_code in {route.status_code or 200, *ALSO.get(told(route), ())}


@pytest.mark.parametrize(("endpoint", "names"), SHAPES.items(), ids=SHAPES)
def test_an_answer_has_the_documented_names(ask, things, endpoint, names):
    route = next(route for route in all_routes() if told(route) == endpoint)

    answer = call(ask, route, things).json()

    if set(answer) & {"rules", "uploads"}:
        answer = next(answer[key][0] for key in ("rules", "uploads") if key in answer)
    assert set(names.split()) <= set(answer)


@pytest.mark.parametrize("route", OF_A_SHOP, ids=told)
def test_another_shop_that_is_named_is_not_there(ask, route):
    upload = "00000000-0000-4000-8000-000000000000"
    method, path = told(route).split()
    if route.body_type == "multipart/form-data":
        form = {"files": {"file": ("orders.csv", ORDERS)}, "data": {"shopId": SOAP}}
        answer = ask(method, path, **form)
    elif route.body_type == "application/json":
        answer = ask(method, path, {"csvType": "orders", "csvData": "a", "shopId": SOAP})
    else:
        answer = ask(method, f"{path}?shopId={SOAP}&uploadId={upload}")

    assert (answer.status_code, answer.json()["code"]) == (404, "SHOP_NOT_FOUND")


@pytest.mark.parametrize("route", NAMED, ids=told)
def test_another_shop_is_told_that_there_is_no_such_thing(ask, things, route):
    answer = call(ask, route, things, shop=SOAP)

    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("route", GUARDED, ids=told)
def test_nobody_is_let_in_without_a_sound_token(ask, clock, route):
    things = {"upload": "u", "recommendation": "r"}
    over = ask.session(exp=clock().timestamp() - 60)
    other = ask.session(aud="another")
    clocks = [("x", 9), (SETTINGS.clock_audience, -1)]
    elsewhere, late = (
        ask.services.identities.token(SETTINGS.clock_account, audience=audience, valid_s=valid_s)
        for audience, valid_s in clocks
    )

    answers = [call(ask, route, things, shop=None)]
    answers += [
        call(ask, route, things, token=token) for token in (over, other, elsewhere, late, "x")
    ]

    assert [answer.status_code for answer in answers] == [401] * 6
    assert all(conforming(answer) for answer in answers)
    assert 401 in route.responses


def test_a_key_opens_no_shop_and_a_shop_no_operators_room(ask):
    things = {"upload": "u", "recommendation": "r"}
    for route in GUARDED:
        wrong = KEYS["admin"].decode() if route in OF_SHOPS else ask.session(TEA)
        assert call(ask, route, things, token=wrong).status_code == 401, told(route)


def operations(document):
    return {
        f"{method.upper()} {path}": operation
        for path, found in document["paths"].items()
        for method, operation in found.items()
    }


def test_the_openapi_document_names_every_route_and_resolves(ask):
    document = ask("GET", "/api/openapi.json", shop=None).json()

    references = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert set(operations(document)) == {told(route) for route in all_routes()}
    assert references <= set(document["components"]["schemas"])
    assert references >= set(document["components"]["schemas"]) - {"FieldProblem"}


def test_every_operation_has_a_name_to_read_a_tag_and_a_summary(ask):
    found = operations(ask("GET", "/api/openapi.json", shop=None).json())

    names = [operation["operationId"] for operation in found.values()]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch("[a-z]+([A-Z][a-z]+)*", name) for name in names)
    assert {"generateBundles", "listRecommendations", "createBundle"} <= set(names)
    for operation in found.values():
        assert len(operation["tags"]) == 1
        assert re.match("[A-Z][a-z]+ ", operation["summary"])
        assert not operation["summary"].endswith(".")


def test_every_operation_with_a_document_has_an_example_that_fits(ask):
    document = ask("GET", "/api/openapi.json", shop=None).json()
    schemas = document["components"]["schemas"]

    for name, operation in operations(document).items():
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        kinds = [one for body in bodies for one in body.get("content", {}).items()]
        shown = [
            schemas[media["schema"]["$ref"].rsplit("/", 1)[1]].get("examples", [])
            for kind, media in kinds
            if kind in {"application/json", "multipart/form-data"} and "$ref" in media["schema"]
        ]
        shown += [media["example"] for _, media in kinds if "example" in media]
        texts = {kind for kind, media in kinds} - {"application/json", "application/problem+json"}
        assert any(shown) or texts or name == "GET /api/openapi.json", name


@pytest.mark.parametrize("model", EXAMPLES, ids=lambda model: model.__name__)
def test_an_example_is_what_it_shows(model):
    for example in model.model_config["json_schema_extra"]["examples"]:
        model.model_validate_json(json.dumps(example))


@pytest.mark.parametrize("name", ["price", "evidence", "score_parts", "products", "ai_copy"])
def test_the_parts_of_a_recommendation_are_typed(ask, name):
    schemas = ask("GET", "/api/openapi.json", shop=None).json()["components"]["schemas"]
    answer = schemas["RecommendationAnswer"]["properties"]

    part = answer["pricing" if name == "price" else name]

    text = json.dumps(part)
    assert "$ref" in text or part["additionalProperties"] == {"type": "number"}
    assert schemas["Pricing"]["properties"]["bundle_price"]["type"] == "string"
