"""Whether the interface and its stores answer; nothing of a shop."""

from typing import Literal

from pipeline_lib.http.endpoint import Call, Endpoint
from pipeline_lib.http.identity import Access
from pipeline_lib.http.shapes import Nothing, Shape
from pipeline_lib.records import flags as switches


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
)
