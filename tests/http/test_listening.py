import json
from datetime import datetime, timedelta

import pytest

from tests.http.conftest import ORDERS, SOAP

PATH = "/api/listen-token"


@pytest.fixture
def upload_id(ask):
    """An upload whose run is over."""
    return opened(ask)


def opened(ask):
    text = {"csvType": "orders", "csvData": ORDERS.decode()}
    return ask("POST", "/api/shopify/upload", text).json()["uploadId"]


def test_a_token_opens_the_stream_of_its_upload_without_any_header(ask, clock, drain, upload_id):
    given = ask("POST", PATH, {"uploadId": upload_id})
    ask("POST", "/api/generate-bundles", {"csvUploadId": upload_id})
    drain()

    told = ask("GET", given.json()["path"], shop=None)

    assert given.status_code == 200
    assert (given.json()["uploadId"], given.json()["channel"]) == (upload_id, "events")
    until = datetime.fromisoformat(given.json()["expires_at"])
    assert until == clock() + timedelta(hours=1)
    assert json.loads(told.text.split("data: ")[1])["phase"] == "complete"


def test_a_token_opens_nothing_else(ask, drain, upload_id):
    other = opened(ask)
    given = ask("POST", PATH, {"uploadId": upload_id}).json()
    token = given["token"]

    elsewhere = ask("GET", given["path"].replace(upload_id, other), shop=None)
    nowhere = ask("GET", given["path"].split("?")[0] + f"?listenToken={token}", shop=None)
    as_shop = ask("GET", f"/api/uploads/{upload_id}", token=token)
    by_query = ask("GET", f"/api/uploads/{upload_id}?listenToken={token}", shop=None)
    posted = ask("POST", given["path"], {"csvUploadId": upload_id}, shop=None)

    refused = (elsewhere, nowhere, as_shop, by_query, posted)
    assert [answer.status_code for answer in refused] == [401] * 5


def test_a_token_is_over_after_an_hour(ask, clock, upload_id):
    path = ask("POST", PATH, {"uploadId": upload_id}).json()["path"]
    clock.on(hours=1)

    answer = ask("GET", path, shop=None)

    assert (answer.status_code, answer.json()["code"]) == (401, "TOKEN_EXPIRED")


def test_a_token_that_was_changed_is_none(ask, upload_id):
    path = ask("POST", PATH, {"uploadId": upload_id}).json()["path"]

    assert ask("GET", path[:-4], shop=None).json()["code"] == "BAD_TOKEN"


def test_another_shop_gets_no_token(ask, upload_id):
    answer = ask("POST", PATH, {"uploadId": upload_id}, shop=SOAP)

    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
