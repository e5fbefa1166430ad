"""What every answer says in its headers, and which pages and hosts may ask; no bodies."""

from flask import Request
from werkzeug import Response

from pipeline_lib.http.problems import NotFound
from pipeline_lib.http.settings import Settings

SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
METHODS = "GET, POST, PUT, PATCH, DELETE"
ASKED = (
    "Authorization, Content-Type, If-None-Match, Last-Event-ID, X-Request-Id, "
    "x-goog-content-length-range"
)
TOLD = "ETag, Retry-After, X-Request-Id"
HOURS_2 = "7200"
HEALTH = {"/", "/healthz", "/api/health"}  # probes come by address


def refuse_host(settings: Settings, request: Request) -> None:
    """Serve only the hosts that are ours, which a cache or a link could not be fooled about.

    Raises:
        NotFound: the request is for another.
    """
    host = request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host
    if host not in settings.trusted_hosts and request.path not in HEALTH:
        raise NotFound(code="NO_SUCH_HOST")


def preflight(settings: Settings, request: Request) -> Response | None:
    """The answer to a browser that asks whether it may ask; None for all else."""
    if request.method != "OPTIONS" or "Access-Control-Request-Method" not in request.headers:
        return None
    response = Response(status=204)
    if request.headers.get("Origin") in settings.cors_origins:
        response.headers["Access-Control-Allow-Methods"] = METHODS
        response.headers["Access-Control-Allow-Headers"] = ASKED
        response.headers["Access-Control-Max-Age"] = HOURS_2
    return response


def dressed(response: Response, settings: Settings, request: Request) -> Response:
    """The response with the headers that all have."""
    for name, value in SECURITY.items():
        response.headers.setdefault(name, value)
    response.headers["X-Request-Id"] = request.environ.get("bundlechain.request_id", "")
    origin = request.headers.get("Origin")
    if origin is not None and origin in settings.cors_origins:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Credentials"] = "true"
        response.headers["Access-Control-Expose-Headers"] = TOLD
    response.vary.add("Origin")
    return response
