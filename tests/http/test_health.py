import pytest

from tests.http.conftest import ORIGIN


@pytest.mark.parametrize("path", ["/", "/healthz", "/api/health"])
def test_anyone_may_ask_whether_it_is_alive(ask, path):
    answer = ask("GET", path, shop=None)

    assert answer.status_code == 200
    assert answer.json() == {"service": "bundlechain", "status": "ok"}


def test_every_answer_carries_the_headers_that_keep_browsers_honest(ask):
    headers = ask("GET", "/api/health", shop=None).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    assert len(headers["X-Request-Id"]) == 32


def test_a_request_id_that_makes_sense_comes_back(ask):
    given = ask("GET", "/healthz", shop=None, headers={"X-Request-Id": "abc-12345"})
    odd = ask("GET", "/healthz", shop=None, headers={"X-Request-Id": "<b>"})

    assert given.headers["X-Request-Id"] == "abc-12345"
    assert odd.headers["X-Request-Id"] != "<b>"


def test_a_read_that_did_not_change_is_not_sent_again(ask):
    first = ask("GET", "/api/health", shop=None)
    again = ask("GET", "/api/health", shop=None, headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.content) == (304, b"")


def test_only_pages_of_the_app_may_ask_from_a_browser(ask):
    asked = {"Access-Control-Request-Method": "POST", "Origin": ORIGIN}
    ours = ask("OPTIONS", "/api/health", shop=None, headers=asked)
    other = ask("OPTIONS", "/api/health", shop=None, headers={**asked, "Origin": "https://e.com"})

    assert ours.status_code == 204
    assert ours.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Authorization" in ours.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Origin" not in other.headers


def test_another_host_is_not_served(ask):
    answer = ask("GET", "/api/openapi.json", shop=None, headers={"Host": "evil.example.com"})

    assert (answer.status_code, answer.json()["code"]) == (404, "NO_SUCH_HOST")


def test_what_is_not_there_and_what_is_not_for_a_method_are_told_in_one_shape(ask):
    missing = ask("GET", "/api/nothing", shop=None)
    wrong = ask("DELETE", "/api/health", shop=None)

    assert missing.status_code == 404
    assert set(missing.json()) == {
        *("type", "title", "status", "detail"),  # RFC 9457
        *("code", "message", "request_id"),
    }
    assert missing.headers["Content-Type"] == "application/problem+json"
    assert (wrong.status_code, wrong.json()["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert wrong.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_a_path_offers_its_own_methods_and_not_those_of_another_that_it_fits(ask):
    bulk = ask("OPTIONS", "/api/admin/flags/bulk", shop=None)
    refused = ask("DELETE", "/api/admin/flags/bulk", shop=None)
    install = ask("OPTIONS", "/api/bundles/quick-install", shop=None)

    assert (bulk.status_code, refused.status_code) == (200, 405)
    told = {answer.headers["Allow"] for answer in (bulk, refused, install)}
    assert told == {"OPTIONS, POST"}


def test_a_fault_of_ours_says_nothing_of_itself(ask, stores):
    with stores.database.write() as connection:
        connection.execute("DROP TABLE documents")

    answer = ask("GET", "/api/health", shop=None)

    assert answer.status_code == 503
    assert "table" not in answer.text
