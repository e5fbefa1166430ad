"""What every request passes before its endpoint sees it: host, size, who calls, how often, what.

Nothing here knows what an endpoint does.
"""

from collections.abc import Mapping
from typing import Any

from flask import Request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from pipeline_lib.http import identity, kill_switch, limits
from pipeline_lib.http.endpoint import Call, Endpoint, Sent
from pipeline_lib.http.identity import RANKS, Access, Caller
from pipeline_lib.http.problems import (
    Forbidden,
    Invalid,
    Malformed,
    TooLarge,
    Unauthorised,
    Unsupported,
)
from pipeline_lib.http.world import World

JSON, FORM = "application/json", "multipart/form-data"
BEARER = "bearer "
SIGNATURE = "X-Shopify-Hmac-Sha256"
LISTEN = "listenToken"


def call(world: World, row: Endpoint, request: Request, path: Mapping[str, str]) -> Call:
    """The request as what the endpoint takes.

    Raises:
        Problem: it is not let in.
    """
    request.max_content_length = row.most_bytes
    request.max_form_memory_size = row.most_bytes
    now = world.clock()
    caller = _let_in(world, row, request)
    if row.writes and row.access is Access.SHOP:
        if row.paused_too:
            kill_switch.refuse(world.ports.documents)
        identity.use_once(caller, world.ports.documents, now)
    return Call(
        world=world,
        caller=caller,
        path=path,
        headers={name.lower(): value for name, value in request.headers.items()},
        query=request.args.to_dict(),
        sent=_sent(row, request),
        request_id=request.environ["bundlechain.request_id"],
        now=now,
    )


def asked(row: Endpoint, request: Request) -> BaseModel:
    """The query or the body, validated.

    Raises:
        Malformed: the body is no JSON.
        Invalid: a field has no possible value.
        Unsupported: the body is of another type.
    """
    try:
        if row.body == "json":
            return row.asks.model_validate_json(_json(request))
        given = request.form if row.body == "form" else request.args
        return row.asks.model_validate(given.to_dict())
    except ValidationError as error:
        raise _invalid(error) from error


def _let_in(world: World, row: Endpoint, request: Request) -> Caller:
    where = f"from {request.remote_addr}"
    if row.access is Access.ANYONE:
        return Caller(Access.ANYONE, "anyone")
    try:
        caller = _caller(world, row, request)
    except Unauthorised:
        world.limits.take(where, limits.LOOSE_ENDS)
        raise
    rate = limits.WRITES if row.writes else limits.READS
    world.limits.take(f"{caller.name} {row.writes}", rate)
    return caller


def _caller(world: World, row: Endpoint, request: Request) -> Caller:
    if row.access is Access.SHOPIFY:
        signature = request.headers.get(SIGNATURE, "")
        topic = request.headers.get("X-Shopify-Topic", "")
        return identity.shopify(signature, _whole(request), topic, world.settings)
    given = request.headers.get("Authorization", "")
    token = given[len(BEARER) :].strip() if given.lower().startswith(BEARER) else ""
    if not token and row.listens and world.listen_key is not None and LISTEN in request.args:
        upload_id = request.args.get("csvUploadId")
        return identity.listener(request.args[LISTEN], world.listen_key, upload_id, world.clock())
    if not token:
        raise Unauthorised
    if row.access is Access.SHOP:
        return identity.shop(token, world.settings, world.development, world.clock())
    if row.access is Access.CLOCK:
        return identity.clock(token, world.settings, world.identities)
    caller = identity.operator(token, world.settings)
    if RANKS[caller.access] < RANKS[row.access]:
        raise Forbidden
    return caller


def _json(request: Request) -> bytes:
    if request.mimetype != JSON:
        raise Unsupported(f"Send a body of type {JSON}")
    data = _whole(request)
    try:
        data.decode()
    except UnicodeDecodeError as error:
        raise Malformed("The body is no UTF-8 text") from error
    return data


def _sent(row: Endpoint, request: Request) -> Sent | None:
    if row.body == "raw":
        return Sent("", _whole(request))
    if row.body != "form":
        return None
    if request.mimetype != FORM:
        raise Unsupported(f"Send a body of type {FORM}")
    try:
        file = request.files.get("file")
    except RequestEntityTooLarge as error:
        raise TooLarge from error
    if file is None:
        return None
    with file.stream as stream:
        return Sent(file.filename or "", stream.read())


def _whole(request: Request) -> bytes:
    try:
        return request.get_data()
    except RequestEntityTooLarge as error:
        raise TooLarge from error
    except ClientDisconnected as error:
        raise Malformed("The body came only in part") from error


def _invalid(error: ValidationError) -> Invalid | Malformed:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    if found[0]["type"] == "json_invalid":
        return Malformed("The body is no JSON document")
    fields = [{"where": _where(one["loc"]), "problem": _plain(one["msg"])} for one in found]
    first = fields[0]
    return Invalid(f"{first['where'] or 'The body'}: {first['problem']}", fields=fields)


def _where(place: tuple[Any, ...]) -> str:
    return ".".join(map(str, place))


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ")
