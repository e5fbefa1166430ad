"""The interface as a WSGI application: rows to routes, replies to responses; no endpoint's work."""

import json
import re
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from time import perf_counter
from uuid import uuid4

from flask import Flask, Request, current_app, request
from pydantic import BaseModel
from werkzeug import Response
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import BaseConverter

from pipeline_lib import logs
from pipeline_lib.errors import StoreUnavailable
from pipeline_lib.http import gate
from pipeline_lib.http.endpoint import Answered, Endpoint, Reply, Stream, Text
from pipeline_lib.http.headers import dressed, preflight, refuse_host
from pipeline_lib.http.problems import (
    Failed,
    Malformed,
    NotAllowed,
    NotFound,
    Problem,
    TooLarge,
    Unavailable,
)
from pipeline_lib.http.rows import methods_at, rows
from pipeline_lib.http.shapes import Sparse
from pipeline_lib.http.world import World

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
UNBUFFERED = {"X-Accel-Buffering": "no", "Cache-Control": "no-cache"}
FOREIGN: dict[int, type[Problem]] = {404: NotFound, 413: TooLarge, 500: Failed}
OPTIONS = "OPTIONS "
ID_KEY = "bundlechain.request_id"


class Name(BaseConverter):
    """One part of a path that can be a document's id."""

    regex = r"(?!\.\.?$)[A-Za-z0-9_.:-]{1,200}"


def application(world: World) -> Flask:
    """The application, which serves every row."""
    app = Flask("bundlechain", static_folder=None)
    app.url_map.converters["name"] = Name
    app.url_map.strict_slashes = False
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    for row in rows():
        app.add_url_rule(_rule(row.path), row.name, _view(world, row), methods=[row.method])
    for path, allowed in methods_at().items():
        options = partial(_options, allowed)
        app.add_url_rule(_rule(path), f"{OPTIONS}{path}", options, methods=["OPTIONS"])
    app.register_error_handler(Exception, _problem)
    app.before_request(lambda: _before(world, request))
    app.after_request(lambda response: _after(world, response))
    return app


def _rule(path: str) -> str:
    rule = re.sub(r"\{(\w+)\}", r"<name:\1>", path)
    return rule.replace("<name:file>", "<path:file>")


def _options(allowed: str, **path: str) -> Response:  # noqa: ARG001
    return Response(headers={"Allow": allowed})


def _before(world: World, asked: Request) -> Response | None:
    given = asked.headers.get("X-Request-Id", "")
    asked.environ[ID_KEY] = given if REQUEST_ID.fullmatch(given) else uuid4().hex
    asked.environ["bundlechain.begun"] = perf_counter()
    refuse_host(world.settings, asked)
    return preflight(world.settings, asked)


def _after(world: World, response: Response) -> Response:
    route = request.url_rule.rule if request.url_rule is not None else "none"
    began = request.environ.get("bundlechain.begun", perf_counter())
    logs.log_response(
        f"{request.method} {route}",
        status=response.status_code,
        ms=round((perf_counter() - began) * 1000),
        request_id=request.environ.get(ID_KEY, ""),
    )
    return dressed(response, world.settings, request)


def _view(world: World, row: Endpoint) -> Callable[..., Response]:
    def view(**path: str) -> Response:
        call = gate.call(world, row, request, path)
        return _response(row.handle(call, gate.asked(row, request)), row)

    return view


def _response(reply: Reply, row: Endpoint) -> Response:
    match reply:
        case Text():
            response = _text(reply)
        case Stream(pieces):
            return Response(pieces, content_type="text/event-stream", headers=UNBUFFERED)
        case Answered(body, status):
            return _json(_dumped(body), status)
        case _:
            response = _json(_dumped(reply), row.status)
    return response if row.writes else _tagged(response)


def _dumped(body: BaseModel) -> str:
    return body.model_dump_json(exclude_unset=isinstance(body, Sparse))


def _text(reply: Text) -> Response:
    response = Response(reply.content, content_type=reply.media_type)
    if reply.file_name is not None:
        response.headers["Content-Disposition"] = f'attachment; filename="{reply.file_name}"'
    if reply.policy is not None:
        response.headers["Content-Security-Policy"] = reply.policy
    return response


def _json(text: str, status: int) -> Response:
    return Response(text, status=status, content_type="application/json")


def _tagged(response: Response) -> Response:
    response.set_etag(sha256(response.get_data()).hexdigest()[:32])
    response.headers.setdefault("Cache-Control", "private, no-cache")
    return response.make_conditional(request)


def _problem(error: Exception) -> Response:
    problem = _known(error)
    if isinstance(problem, Failed):
        logs.log_fault(error, request_id=request.environ.get(ID_KEY, ""))
    told = problem.told(request.environ.get(ID_KEY, ""))
    response = _json(json.dumps(told, default=str), problem.status)
    response.headers.update(problem.headers)
    return response


def _known(error: Exception) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error, MethodNotAllowed):
        return NotAllowed(headers={"Allow": _allowed_here()})
    if isinstance(error, HTTPException):
        return FOREIGN.get(error.code or 0, Malformed)()
    return Unavailable() if isinstance(error, StoreUnavailable) else Failed()


def _allowed_here() -> str:
    """The methods of the asked path itself; another rule may match it too, for others."""
    at = current_app.url_map.bind_to_environ(request.environ)
    endpoint, _ = at.match(method="OPTIONS")
    return methods_at()[str(endpoint).removeprefix(OPTIONS)]
