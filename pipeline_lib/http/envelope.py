"""What every answer has in common: its headers, its id and its log line; which hosts may ask."""

import re
from collections.abc import Mapping, MutableMapping
from time import perf_counter
from typing import Any
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline_lib import logs
from pipeline_lib.http.errors import HostNotFound
from pipeline_lib.http.problems import problem_response
from pipeline_lib.http.settings import InterfaceSettings

POLICY, NOT_MODIFIED = "Content-Security-Policy", 304
SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
    POLICY: "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
CORS_METHODS = "GET, POST, PUT, PATCH, DELETE"
CORS_REQUEST_HEADERS = (
    "Authorization, Content-Type, If-None-Match, Last-Event-ID, X-Request-Id, "
    "x-goog-content-length-range"
)
CORS_ANSWER_HEADERS = "ETag, Retry-After, X-Request-Id"
HOURS_2 = "7200"
PROBED = {"/", "/healthz", "/api/health"}  # probes come by address
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class Envelope:
    """Wraps the application; it knows no operation.

    ``methods`` gives the methods of a path as the header ``Allow`` tells them, None where nothing
    is served there.
    """

    def __init__(
        self, app: ASGIApp, settings: InterfaceSettings, methods: "AllowedMethods"
    ) -> None:
        self._app = app
        self._settings = settings
        self._methods = methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers, began = Headers(scope=scope), perf_counter()
        inner = _inner_scope(scope, headers)
        told: dict[str, int] = {}

        async def send_dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                told["status"] = message["status"]
                answer = MutableHeaders(raw=message["headers"])
                self._dress(answer, inner, headers, unchanged=message["status"] == NOT_MODIFIED)
            elif scope["method"] == "HEAD":
                message = {**message, "body": b""}
            await send(message)

        early = self._early_answer(inner, headers)
        await (early or self._app)(inner, receive, send_dressed)
        _log(scope["method"], inner, told.get("status", 0), began)

    def _early_answer(self, scope: Scope, headers: Headers) -> Response | None:
        """The answer to a call that reaches no operation; None for all others."""
        host = headers.get("Host", "")
        name = host if host.endswith("]") else host.rsplit(":", 1)[0]
        if name not in self._settings.trusted_hosts and scope["path"] not in PROBED:
            return problem_response(HostNotFound(), scope["state"]["request_id"])
        if scope["method"] != "OPTIONS":
            return None
        if "Access-Control-Request-Method" in headers:
            return self._preflight(headers)
        allowed = self._methods.get(scope["path"])
        return None if allowed is None else Response(headers={"Allow": allowed})

    def _preflight(self, headers: Headers) -> Response:
        """The answer to a browser that asks whether it may ask."""
        if headers.get("Origin") not in self._settings.cors_origins:
            return Response(status_code=204)
        return Response(
            status_code=204,
            headers={
                "Access-Control-Allow-Methods": CORS_METHODS,
                "Access-Control-Allow-Headers": CORS_REQUEST_HEADERS,
                "Access-Control-Max-Age": HOURS_2,
            },
        )

    def _dress(
        self, answer: MutableHeaders, scope: Scope, headers: Headers, *, unchanged: bool
    ) -> None:
        for name, value in SECURITY.items():
            if unchanged and name == POLICY:
                continue  # it would take the place of the page's own in the browser's cache
            answer.setdefault(name, value)
        answer["X-Request-Id"] = scope["state"]["request_id"]
        origin = headers.get("Origin")
        if origin is not None and origin in self._settings.cors_origins:
            answer["Access-Control-Allow-Origin"] = origin
            answer["Access-Control-Allow-Credentials"] = "true"
            answer["Access-Control-Expose-Headers"] = CORS_ANSWER_HEADERS
        answer.add_vary_header("Origin")


class AllowedMethods:
    """The methods of the paths that are served, by the routes' order."""

    def __init__(self, routes: "Mapping[re.Pattern[str], str]") -> None:
        self._routes = routes

    def get(self, path: str) -> str | None:
        """The methods of the path; another route may fit it too, for others."""
        found = (told for pattern, told in self._routes.items() if pattern.match(path))
        return next(found, None)


def _inner_scope(scope: Scope, headers: Headers) -> MutableMapping[str, Any]:
    """The request as operations see it: with its id, a HEAD as a GET, no slash at its end."""
    given = headers.get("X-Request-Id", "")
    request_id = given if REQUEST_ID.fullmatch(given) else uuid4().hex
    method = "GET" if scope["method"] == "HEAD" else scope["method"]
    return {
        **scope,
        "method": method,
        "path": scope["path"].rstrip("/") or "/",
        "state": {**scope.get("state", {}), "request_id": request_id},
    }


def _log(method: str, scope: Scope, status: int, began: float) -> None:
    route = getattr(scope.get("route"), "operation_path", "none")
    logs.log_response(
        f"{method} {route}",
        status=status,
        ms=round((perf_counter() - began) * 1000),
        request_id=scope["state"]["request_id"],
    )
