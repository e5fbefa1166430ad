"""Pages for people: one to try the endpoints, and on a laptop a console; no data of a shop."""

from pipeline_lib.http import openapi, pages
from pipeline_lib.http.endpoint import Call, Endpoint, Text
from pipeline_lib.http.identity import Access
from pipeline_lib.http.problems import NotFound
from pipeline_lib.http.shapes import Nothing

HTML, CSS, SCRIPT = "text/html", "text/css", "text/javascript"
DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self'; "
    "frame-ancestors 'none'"
)
CONSOLE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


def described(call: Call, asked: Nothing) -> Text:  # noqa: ARG001
    """The OpenAPI document of this very process."""
    from pipeline_lib.http.rows import rows  # noqa: PLC0415 - the rows name this module

    return Text(openapi.document(rows()), "application/json")


def docs(call: Call, asked: Nothing) -> Text:  # noqa: ARG001
    """A page to read about the endpoints and to try them."""
    return _text("docs.html", HTML, DOCS_POLICY)


def docs_script(call: Call, asked: Nothing) -> Text:  # noqa: ARG001
    """What makes that page work."""
    return _text("docs.js", SCRIPT)


def console(call: Call, asked: Nothing) -> Text:  # noqa: ARG001
    """A page to send exports, watch the run and review its bundles."""
    _on_a_laptop(call)
    return _text("console.html", HTML, CONSOLE_POLICY)


def console_script(call: Call, asked: Nothing) -> Text:  # noqa: ARG001
    """What makes the console work."""
    _on_a_laptop(call)
    return _text("console.js", SCRIPT)


def console_style(call: Call, asked: Nothing) -> Text:  # noqa: ARG001
    """How the console looks."""
    _on_a_laptop(call)
    return _text("console.css", CSS)


def _on_a_laptop(call: Call) -> None:
    """A shop's own token changes one thing only, so that the console needs a laptop's.

    Raises:
        NotFound: no tokens are minted here.
    """
    if call.world.development is None:
        raise NotFound


def _text(name: str, media_type: str, policy: str | None = None) -> Text:
    return Text(pages.file(name), f"{media_type}; charset=utf-8", policy=policy)


ROWS = (
    Endpoint(
        "GET",
        "/api/openapi.json",
        "This document",
        Access.ANYONE,
        described,
        "application/json",
        (280,),
    ),
    Endpoint("GET", "/api/docs", "A page to try the endpoints", Access.ANYONE, docs, HTML, (280,)),
    Endpoint(
        "GET",
        "/api/docs/page.js",
        "What makes that page work",
        Access.ANYONE,
        docs_script,
        SCRIPT,
        (280,),
    ),
    Endpoint(
        "GET",
        "/console",
        "On a laptop, a page to send exports, watch runs and review bundles",
        Access.ANYONE,
        console,
        HTML,
        (286,),
    ),
    Endpoint(
        "GET",
        "/console/page.js",
        "What makes the console work",
        Access.ANYONE,
        console_script,
        SCRIPT,
        (286,),
    ),
    Endpoint(
        "GET",
        "/console/page.css",
        "How the console looks",
        Access.ANYONE,
        console_style,
        CSS,
        (286,),
    ),
)
