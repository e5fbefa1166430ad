def test_the_document_and_its_page_are_there(ask):
    told = ask("GET", "/api/openapi.json", shop=None)
    page = ask("GET", "/api/docs", shop=None)

    assert told.json()["openapi"] == "3.1.0"
    assert "docs/page.js" in page.text
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "fetch" in ask("GET", "/api/docs/page.js", shop=None).text


def test_where_no_tokens_are_minted_there_is_no_console(ask):
    paths = ("/console", "/console/page.js", "/console/page.css")

    assert [ask("GET", path, shop=None).status_code for path in paths] == [404] * 3
