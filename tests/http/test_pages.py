def test_the_document_and_its_page_are_there(ask):
    told = ask("GET", "/api/openapi.json", shop=None)
    page = ask("GET", "/api/docs", shop=None)

    assert told.json()["openapi"] == "3.1.0"
    assert "docs/page.js" in page.text
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "fetch" in ask("GET", "/api/docs/page.js", shop=None).text


def test_a_page_that_did_not_change_keeps_the_policy_that_the_browser_has(ask):
    page = ask("GET", "/api/docs", shop=None)

    again = ask("GET", "/api/docs", shop=None, headers={"If-None-Match": page.headers["ETag"]})

    assert again.status_code == 304
    assert "Content-Security-Policy" not in again.headers


def test_where_no_tokens_are_minted_there_is_no_console(ask):
    paths = ("/console", "/console/page.js", "/console/page.css")

    assert [ask("GET", path, shop=None).status_code for path in paths] == [404] * 3
