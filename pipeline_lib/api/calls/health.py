"""Whether the interface and its stores answer, and what may be asked of it; nothing of a shop."""

from typing import Literal

from pipeline_lib.api import openapi, page
from pipeline_lib.api.endpoint import Call, Endpoint, Text
from pipeline_lib.api.identity import Access
from pipeline_lib.api.shapes import Nothing, Shape
from pipeline_lib.domain.runs import switches

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self'; "
    "frame-ancestors 'none'"
)


class Health(Shape):
    """The interface answers."""

    service: Literal["bundlechain"] = "bundlechain"
    status: Literal["ok", "paused"] = "ok"


def alive(call: Call, asked: Nothing) -> Health:  # noqa: ARG001
    """The process answers."""
    return Health()


def ready(call: Call, asked: Nothing) -> Health:  # noqa: ARG001
    """The process answers, and the store of documents too."""
    found = call.documents.read(switches.PATH)
    paused = found is not None and switches.stopped(found.data)
    return Health(status="paused" if paused else "ok")


def described(call: Call, asked: Nothing) -> Text:  # noqa: ARG001
    """The OpenAPI document of this very process."""
    from pipeline_lib.api.rows import rows  # noqa: PLC0415 - the rows name this module

    return Text(openapi.document(rows()), "application/json")


def shown(call: Call, asked: Nothing) -> Text:  # noqa: ARG001
    """A page to read about the endpoints and to try them."""
    return Text(page.html(), "text/html; charset=utf-8", policy=POLICY)


def script(call: Call, asked: Nothing) -> Text:  # noqa: ARG001
    """What makes the page work."""
    return Text(page.script(), "text/javascript; charset=utf-8")


ROWS = (
    Endpoint("GET", "/", "The process answers", Access.ANYONE, alive, Health, (51,)),
    Endpoint("GET", "/healthz", "The process answers", Access.ANYONE, alive, Health, (51,)),
    Endpoint(
        "GET",
        "/api/health",
        "The process and its store answer",
        Access.ANYONE,
        ready,
        Health,
        (51,),
    ),
    Endpoint(
        "GET",
        "/api/openapi.json",
        "This document",
        Access.ANYONE,
        described,
        "application/json",
        (280,),
    ),
    Endpoint(
        "GET",
        "/api/docs",
        "A page to try the endpoints",
        Access.ANYONE,
        shown,
        "text/html",
        (280,),
    ),
    Endpoint(
        "GET",
        "/api/docs/page.js",
        "What makes that page work",
        Access.ANYONE,
        script,
        "text/javascript",
        (280,),
    ),
)
