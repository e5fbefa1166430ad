import itertools
import json
from base64 import urlsafe_b64encode
from urllib.parse import urlsplit

import pytest

from tests.http.conftest import ORDERS, PRODUCTS, SOAP, TEA
from tests.shops import exports


def closed(*place):
    return urlsafe_b64encode(json.dumps(place).encode()).decode()


DECLARED = {"files": [{"csvType": "orders", "size": len(ORDERS)}, {"csvType": "products"}]}


def form(data, name="orders.csv", **fields):
    return {"files": {"file": (name, data)}, "data": fields}


def put(ask, file, data, **changed):
    url = urlsplit(file["upload"]["url"])
    return ask(
        "PUT",
        f"{url.path}?{url.query}",
        shop=None,
        content=data,
        headers={**file["upload"]["headers"], **changed},
    )


def test_a_session_gives_an_address_for_each_file(ask, clock):
    answer = ask("POST", "/api/uploads", DECLARED)

    orders, products = answer.json()["files"]
    assert answer.status_code == 201
    assert answer.json()["status"] == "awaiting_files"
    assert (orders["csvType"], orders["state"]) == ("orders", "waiting")
    assert orders["upload"]["method"] == "PUT"
    assert urlsplit(orders["upload"]["url"]).path.startswith("/files/")
    assert orders["upload"]["headers"]["x-goog-content-length-range"] == f"0,{len(ORDERS)}"
    assert products["upload"]["headers"]["x-goog-content-length-range"] == "0,52428800"
    assert orders["upload"]["expires_at"] > clock().isoformat()[:19]


def test_the_run_begins_when_the_last_file_has_landed(ask, stores, drain):
    session = ask("POST", "/api/uploads", DECLARED).json()
    orders, products = session["files"]
    path = f"/api/uploads/{session['uploadId']}"

    assert put(ask, orders, ORDERS).status_code == 200
    between = ask("GET", path).json()
    assert put(ask, products, PRODUCTS).status_code == 200
    drain()

    assert [file["state"] for file in between["files"]] == ["landed", "waiting"]
    assert (between["status"], between["run"]) == ("awaiting_files", 0)
    assert ask("GET", path).json()["status"] == "completed"
    assert len(stores.documents.find("recommendations", {"shop_id": TEA})) > 20


def test_a_run_begins_on_request_with_what_is_there(ask):
    session = ask("POST", "/api/uploads", DECLARED).json()
    path = f"/api/uploads/{session['uploadId']}/start"

    early = ask("POST", path)
    put(ask, session["files"][0], ORDERS)
    begun, again = ask("POST", path), ask("POST", path)

    assert (early.status_code, early.json()["code"]) == (409, "NO_FILES")
    assert (begun.status_code, begun.json()["status"], begun.json()["run"]) == (
        202,
        "processing",
        1,
    )
    assert again.json()["run"] == 1


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"Content-Type": "text/plain"}, "BAD_SIGNATURE"),
        ({"x-goog-content-length-range": "0,99999999"}, "BAD_SIGNATURE"),
    ],
)
def test_an_address_takes_what_was_signed_and_nothing_else(ask, changed, code):
    file = ask("POST", "/api/uploads", DECLARED).json()["files"][0]

    answer = put(ask, file, ORDERS, **changed)

    assert (answer.status_code, answer.json()["code"]) == (403, code)


def test_an_address_takes_one_file_of_its_size_in_its_time(ask, clock):
    orders, products = ask("POST", "/api/uploads", DECLARED).json()["files"]
    forged = {
        **orders,
        "upload": {**orders["upload"], "url": orders["upload"]["url"].replace("5", "6")},
    }

    assert put(ask, orders, ORDERS + b"x").json()["code"] == "BAD_SIZE"
    assert put(ask, orders, b"").json()["code"] == "BAD_SIZE"
    assert put(ask, forged, ORDERS).json()["code"] == "BAD_SIGNATURE"
    assert put(ask, orders, ORDERS).status_code == 200
    assert put(ask, orders, ORDERS).json()["code"] == "FILE_EXISTS"
    clock.on(hours=1)
    assert put(ask, products, PRODUCTS).json()["code"] == "EXPIRED_URL"


def test_two_files_of_one_type_are_refused(ask):
    answer = ask(
        "POST", "/api/uploads", {"files": [{"csvType": "variants"}, {"csvType": "products"}]}
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "SAME_TYPE_TWICE")


def test_a_field_that_can_not_be_taken_is_named(ask):
    answer = ask("POST", "/api/uploads", {"files": [{"csvType": "shoes"}], "more": 1})

    named = {field["where"] for field in answer.json()["fields"]}
    assert answer.status_code == 422
    assert named == {"files.0.csvType", "more"}


def test_four_files_of_a_run_go_to_one_upload_and_begin_it(ask, drain):
    files = {"orders": ORDERS, "variants": PRODUCTS, "inventory": exports()["inventory"]}
    answers = [
        ask("POST", "/api/upload-csv", **form(data, csvType=kind, runId="run-1", shopId=TEA))
        for kind, data in files.items()
    ]
    upload_id = answers[0].json()["uploadId"]
    waiting = ask("GET", f"/api/upload-status/{upload_id}").json()

    last = ask("POST", "/api/upload-csv", **form(PRODUCTS, csvType="catalog_joined", runId="run-1"))
    running = ask("GET", f"/api/upload-status/{upload_id}").json()
    drain()

    assert answers[0].json() == {"uploadId": upload_id, "runId": "run-1", "status": "processing"}
    assert {answer.json()["uploadId"] for answer in [*answers, last]} == {upload_id}
    assert waiting["status"] == "completed"
    assert waiting["phase_message"] == "Waiting for files: catalog"
    assert (running["status"], running["current_phase"]) == ("processing", "enrichment")
    over = ask("GET", f"/api/upload-status/{upload_id}").json()
    assert (over["status"], over["progress_percentage"]) == ("completed", 100)
    assert over["bundles_generated"] > 20
    assert over["error_message"] is None


def test_a_file_that_does_not_say_what_it_is_is_looked_at(ask):
    answer = ask("POST", "/api/upload-csv", **form(ORDERS))
    upload = ask("GET", f"/api/csv-uploads/{answer.json()['uploadId']}").json()
    junk = ask("POST", "/api/upload-csv", **form(b"a,b\n1,2\n"))

    assert upload["csv_type"] == "orders"
    assert (junk.status_code, junk.json()["code"]) == (422, "BAD_EXPORT")


def test_the_same_file_twice_is_the_same_and_another_is_a_conflict(ask):
    first = ask("POST", "/api/upload-csv", **form(ORDERS, csvType="orders", runId="r"))
    again = ask("POST", "/api/upload-csv", **form(ORDERS, csvType="orders", runId="r"))
    other = ask("POST", "/api/upload-csv", **form(ORDERS[:-9], csvType="orders", runId="r"))

    assert again.json() == first.json()
    assert (other.status_code, other.json()["code"]) == (409, "FILE_EXISTS")


def test_a_file_that_comes_after_the_run_began_is_a_conflict(ask):
    text = {"csvType": "orders", "csvData": ORDERS.decode(), "runId": "r", "triggerPipeline": True}

    begun = ask("POST", "/api/shopify/upload", text)
    late = ask("POST", "/api/upload-csv", **form(PRODUCTS, csvType="variants", runId="r"))

    assert ask("GET", f"/api/uploads/{begun.json()['uploadId']}").json()["status"] == "processing"
    assert (late.status_code, late.json()["code"]) == (409, "RUN_BEGUN")


def test_a_form_without_a_file_or_of_another_kind_is_refused(ask):
    empty = ask("POST", "/api/upload-csv", files={"csvType": (None, "orders")})
    plain = ask("POST", "/api/upload-csv", {"csvType": "orders"})

    assert empty.status_code == 422
    assert (plain.status_code, plain.json()["code"]) == (415, "UNSUPPORTED_TYPE")


def test_the_shopify_app_sends_text_and_reads_how_it_stands(ask, drain):
    text = {"csvType": "orders", "csvData": ORDERS.decode(), "triggerPipeline": True}
    upload_id = ask("POST", "/api/shopify/upload", text).json()["uploadId"]
    drain()

    told = ask("GET", f"/api/shopify/status/{upload_id}").json()
    newest = ask("GET", f"/api/shopify/recommendations?shopId={TEA}&limit=3").json()

    assert set(told) == {
        "upload_id",
        "shop_id",
        "status",
        "total_rows",
        "processed_rows",
        "bundle_count",
        "error_message",
    }
    assert (told["status"], told["shop_id"]) == ("completed", TEA)
    assert told["total_rows"] > 1_000
    assert told["bundle_count"] == newest["total"]
    assert [one["rank_position"] for one in newest["recommendations"]] == [1, 2, 3]


def test_the_shops_uploads_come_in_pages_the_newest_first(ask, clock):
    made = []
    for _ in range(5):
        made.append(ask("POST", "/api/uploads", DECLARED).json()["uploadId"])
        clock.on(seconds=1)
    ask("POST", "/api/uploads", DECLARED, shop=SOAP)

    seen, cursor = [], ""
    while cursor is not None:
        answer = ask("GET", f"/api/csv-uploads?limit=2{cursor and '&cursor=' + cursor}").json()
        seen += [one["id"] for one in answer["uploads"]]
        cursor = answer["next_cursor"]

    assert seen == made[::-1]


def test_a_page_is_full_where_some_uploads_have_expired(ask, stores, clock):
    made = []
    for number in range(6):
        made.append(ask("POST", "/api/uploads", DECLARED).json()["uploadId"])
        clock.on(seconds=1)
        if number % 2:
            found = stores.documents.read(f"uploads/{made[-1]}")
            over = {**found.data, "expires_at": clock()}
            stores.documents.swap(f"uploads/{made[-1]}", over, since=found.version)

    first = ask("GET", "/api/csv-uploads?limit=2").json()
    second = ask("GET", f"/api/csv-uploads?limit=2&cursor={first['next_cursor']}").json()

    assert [one["id"] for one in first["uploads"]] == [made[4], made[2]]
    assert [one["id"] for one in second["uploads"]] == [made[0]]
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "WzFd",
        "bnVsbA==",
        "WyJhIiwgImIiXQ==",
        closed("1", "b"),
        closed(True, 5),
        closed(1, "a/b"),
        closed(1e300, "b"),
        closed(None, "b"),
    ],
)
def test_a_cursor_that_is_none_is_refused(ask, cursor):
    ask("POST", "/api/uploads", DECLARED)

    answer = ask("GET", f"/api/csv-uploads?cursor={cursor}")

    assert (answer.status_code, answer.json()["code"]) == (422, "BAD_CURSOR")


def test_an_upload_that_has_expired_is_gone(ask, clock):
    upload_id = ask("POST", "/api/uploads", DECLARED).json()["uploadId"]
    clock.on(days=30)

    assert ask("GET", f"/api/csv-uploads/{upload_id}").status_code == 404
    assert ask("GET", "/api/csv-uploads").json()["uploads"] == []


def test_a_shop_named_besides_is_the_callers(ask):
    answer = ask("GET", f"/api/csv-uploads?shopId={SOAP}")

    assert (answer.status_code, answer.json()["code"]) == (404, "SHOP_NOT_FOUND")
    assert ask("GET", f"/api/csv-uploads?shopId={TEA}").status_code == 200


def test_a_field_of_another_type_is_refused_and_not_read_as_what_it_may_mean(ask):
    text = {"csvType": "orders", "csvData": ORDERS.decode(), "triggerPipeline": 0}

    answer = ask("POST", "/api/shopify/upload", text)

    assert (answer.status_code, answer.json()["fields"][0]["where"]) == (422, "triggerPipeline")


def test_files_come_back_in_the_order_and_under_the_types_that_were_declared(ask):
    types = ("orders", "variants", "inventory_levels", "catalog_joined")
    declarations = [
        declared for size in range(1, 5) for declared in itertools.permutations(types, size)
    ]

    for declared in declarations:
        files = [{"csvType": one} for one in declared]
        opened = ask("POST", "/api/uploads", {"files": files}).json()
        seen = ask("GET", f"/api/uploads/{opened['uploadId']}").json()

        for session in (opened, seen):
            assert [one["csvType"] for one in session["files"]] == list(declared)
            assert {name: one["csvType"] for name, one in session["filesByType"].items()} == {
                one: one for one in declared
            }
    assert len(declarations) == 64
