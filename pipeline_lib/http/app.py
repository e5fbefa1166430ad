"""The interface as an ASGI application, made of one router for each matter."""

from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from pipeline_lib.http import (
    admin,
    analytics,
    bundles,
    exports,
    flags,
    health,
    jobs,
    listening,
    pages,
    privacy,
    quick_install,
    recommendations,
    rules,
    runs,
    sessions,
    shopify,
    streams,
    uploads,
    webhooks,
)
from pipeline_lib.http.door import Door
from pipeline_lib.http.envelope import AllowedMethods, Envelope
from pipeline_lib.http.errors import MethodNotAllowed
from pipeline_lib.http.openapi import openapi_document
from pipeline_lib.http.problems import problem_response, refusal_of
from pipeline_lib.http.services import ApiServices

if TYPE_CHECKING:
    import re

MODULES = (  # in the order in which they are described, a special path before a general one
    health,
    pages,
    sessions,
    uploads,
    shopify,
    streams,
    runs,
    listening,
    recommendations,
    quick_install,
    jobs,
    bundles,
    rules,
    analytics,
    exports,
    flags,
    admin,
    webhooks,
    privacy,
)


class Interface(FastAPI):
    """FastAPI with the routes and the document of this interface."""

    def __init__(self, services: ApiServices) -> None:
        super().__init__(
            routes=[*all_routes()],
            openapi_url=None,
            docs_url=None,
            redoc_url=None,
            redirect_slashes=False,
            exception_handlers={HTTPException: _unrouted},
        )
        self.state.services = services
        self.state.methods = allowed_methods()

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, made when it is first asked for."""
        if self.openapi_schema is None:
            self.openapi_schema = openapi_document(self.routes)
        return self.openapi_schema


def application(services: ApiServices) -> Envelope:
    """The application, which serves every route."""
    app = Interface(services)
    return Envelope(app, services.settings, app.state.methods)


def all_routes() -> list[Door]:
    """Every route, in the order in which they are tried and described."""
    return [
        route for module in MODULES for route in module.router.routes if isinstance(route, Door)
    ]


def allowed_methods() -> AllowedMethods:
    """The methods of each path, as the header ``Allow`` tells them."""
    found: dict[re.Pattern[str], set[str]] = {}
    for route in all_routes():
        also = {"HEAD"} if not route.changes else set()
        found.setdefault(route.path_regex, {"OPTIONS"}).update({*(route.methods or ()), *also})
    return AllowedMethods({one: ", ".join(sorted(methods)) for one, methods in found.items()})


async def _unrouted(request: Request, error: Exception) -> Response:
    """The answer where no route serves the path, or none the method."""
    refusal = refusal_of(error)
    if isinstance(refusal, MethodNotAllowed):
        allowed = request.app.state.methods.get(request.url.path) or ""
        refusal = MethodNotAllowed(headers={"Allow": allowed})
    return problem_response(refusal, request.state.request_id)
