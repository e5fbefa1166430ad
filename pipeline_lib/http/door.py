"""What every request passes before its endpoint sees it: who calls, how often, how much.

The caller is known before the body is read, and a body is read no further than it may be long.
"""

from collections.abc import AsyncGenerator, Callable, Coroutine
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Annotated, Any

import python_multipart  # noqa: F401 - FastAPI reads forms with it
from fastapi import Depends, params
from fastapi.routing import APIRoute
from pydantic_core import from_json
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from pipeline_lib import logs
from pipeline_lib.errors import PipelineError
from pipeline_lib.http import identity, limits
from pipeline_lib.http.errors import (
    BadKey,
    BadToken,
    BadTokenSignature,
    BadWebhookSignature,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    Paused,
    RateLimited,
    TokenExpired,
    TokenNotYetValid,
    TokenReplayed,
    TooLarge,
    Unauthorised,
    Unavailable,
    UnsupportedType,
    WrongAudience,
)
from pipeline_lib.http.identity import RANKS, Access, Caller
from pipeline_lib.http.problems import Failed, problem_response, refusal_of, refusals
from pipeline_lib.http.services import ApiServices
from pipeline_lib.http.shapes import LARGE, Body
from pipeline_lib.records.flags import FlagSettings

JSON, FORM = "application/json", "multipart/form-data"
BEARER = "bearer "
SIGNATURE = "X-Shopify-Hmac-Sha256"
LISTEN_PARAMETER = "listenToken"
OF_TOKENS = (
    Unauthorised,
    BadToken,
    BadTokenSignature,
    WrongAudience,
    TokenExpired,
    TokenNotYetValid,
)
OF_ACCESS: dict[Access, tuple[type[PipelineError], ...]] = {
    Access.ANYONE: (),
    Access.SHOP: OF_TOKENS,
    Access.LISTENER: OF_TOKENS,
    Access.VIEWER: (Unauthorised, BadKey, Forbidden),
    Access.OPERATOR: (Unauthorised, BadKey, Forbidden),
    Access.ADMIN: (Unauthorised, BadKey, Forbidden),
    Access.CLOCK: (Unauthorised, BadToken),
    Access.SHOPIFY: (BadWebhookSignature,),
}
SCHEMES: dict[Access, tuple[str, ...]] = {
    Access.ANYONE: (),
    Access.LISTENER: ("bearer", "listener"),
    Access.SHOPIFY: ("signature",),
}


@dataclass(frozen=True)
class CallerOf:
    """The dependency that gives who calls, where the operation is open to ``access``."""

    access: Access

    async def __call__(self, request: Request) -> Caller:
        caller: Caller = request.state.caller
        return caller


@dataclass(frozen=True)
class RawBody:
    """The dependency that gives the body as it came, of at most so many bytes."""

    most_bytes: int

    async def __call__(self, request: Request) -> bytes:
        return await request.body()


async def refuse_while_paused(request: Request) -> FlagSettings:
    """The dependency that lets nothing begin while an operator has stopped everything."""
    settings: FlagSettings = request.state.flag_settings
    return settings


ShopCaller = Annotated[Caller, Depends(CallerOf(Access.SHOP))]
ListeningCaller = Annotated[Caller, Depends(CallerOf(Access.LISTENER))]
ViewerCaller = Annotated[Caller, Depends(CallerOf(Access.VIEWER))]
OperatorCaller = Annotated[Caller, Depends(CallerOf(Access.OPERATOR))]
AdminCaller = Annotated[Caller, Depends(CallerOf(Access.ADMIN))]
ClockCaller = Annotated[Caller, Depends(CallerOf(Access.CLOCK))]
ShopifyCaller = Annotated[Caller, Depends(CallerOf(Access.SHOPIFY))]
RunningSettings = Annotated[FlagSettings, Depends(refuse_while_paused)]
NOT_WHILE_PAUSED = [Depends(refuse_while_paused)]


class BoundedRequest(Request):
    """A request whose body is read no further than it may be long."""

    def __init__(self, request: Request, most_bytes: int) -> None:
        super().__init__(request.scope, request.receive)
        self._most_bytes = most_bytes
        length = request.headers.get("Content-Length", "")
        if length.isdecimal() and int(length) > most_bytes:
            raise TooLarge

    async def stream(self) -> AsyncGenerator[bytes, None]:
        read = 0
        async for chunk in super().stream():
            read += len(chunk)
            if read > self._most_bytes:
                raise TooLarge
            yield chunk

    async def json(self) -> Any:  # noqa: ANN401 - JSON holds anything
        return from_json(await self.body(), allow_inf_nan=False)


class Door(APIRoute):
    """A route that lets in whom its endpoint names, and describes itself by its docstring."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **given: Any) -> None:  # noqa: ANN401 - FastAPI's own
        super().__init__(path, endpoint, **given)
        first, _, rest = self.description.partition("\n")
        self.summary = first.removesuffix(".")
        self.description = rest.strip()
        self.operation_id = self.unique_id = camel_case(self.name)
        self.responses = {**self._responses(), **_not_modified(self)}
        schemes = SCHEMES.get(self.access, ("bearer",))
        secured: dict[str, Any] = {"security": [{one: []} for one in schemes]} if schemes else {}
        self.openapi_extra = {**secured, **(self.openapi_extra or {})}

    @cached_property
    def access(self) -> Access:
        """Whom it is open to."""
        found = [one.call for one in self.dependant.dependencies if isinstance(one.call, CallerOf)]
        return found[0].access if found else Access.ANYONE

    @property
    def operation_path(self) -> str:
        """Its path as the documents have it, without what a caller put in."""
        return self.path_format

    @property
    def changes(self) -> bool:
        """Whether a call may change something."""
        return self.methods != {"GET"}

    @cached_property
    def is_paused_too(self) -> bool:
        """Whether nothing begins here while an operator has stopped everything."""
        return any(one.call is refuse_while_paused for one in self.dependant.dependencies)

    @cached_property
    def body_type(self) -> str | None:
        """The one type that its body may have; None where any or none is read."""
        if self.body_field is None:
            return None
        return FORM if isinstance(self.body_field.field_info, params.Form) else JSON

    @cached_property
    def most_bytes(self) -> int:
        """How long a body may be."""
        raw = [one.call for one in self.dependant.dependencies if isinstance(one.call, RawBody)]
        if raw:
            return raw[0].most_bytes
        if self.body_field is None:
            return 0
        kind = self.body_field.field_info.annotation
        if self.body_type == JSON and isinstance(kind, type) and issubclass(kind, Body):
            return kind.most_bytes
        return LARGE

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def enter(request: Request) -> Response:
            try:
                given = BoundedRequest(request, self.most_bytes) if self.has_body else request
                await self._let_in(given)
                self._refuse_body_type(given)
                answer = await handle(given)
            except Exception as error:  # noqa: BLE001 - whatever it is, the caller is answered
                return _problem(error, request.state.request_id)
            return answer if self.changes else with_etag(answer, request)

        return enter

    @cached_property
    def has_body(self) -> bool:
        """Whether a body is read."""
        return self.most_bytes > 0

    async def _let_in(self, request: Request) -> None:
        services: ApiServices = request.app.state.services
        try:
            caller = await self._identify(services, request)
        except Unauthorised:
            where = request.client.host if request.client else "nowhere"
            services.limits.take(f"from {where}", limits.UNKNOWN_CALLERS)
            raise
        request.state.caller = caller
        if self.access is not Access.ANYONE:
            rate = limits.WRITES if self.changes else limits.READS
            services.limits.take(f"{caller.name} {self.changes}", rate)
        if self.changes and self.access is Access.SHOP:
            request.state.flag_settings = await run_in_threadpool(self._admit, services, caller)

    def _admit(self, services: ApiServices, caller: Caller) -> FlagSettings | None:
        """Use the caller's token up for a change; while all is stopped it is not used."""
        settings = None
        if self.is_paused_too:
            settings = services.collections.flag_settings()
            if settings.stopped is not None:
                raise Paused
        identity.use_token(caller, services.collections, services.now())
        return settings

    async def _identify(self, services: ApiServices, request: Request) -> Caller:
        match self.access:
            case Access.ANYONE:
                return Caller(Access.ANYONE, "anyone")
            case Access.SHOPIFY:
                signature = request.headers.get(SIGNATURE, "")
                topic = request.headers.get("X-Shopify-Topic", "")
                body = await request.body()
                return identity.identify_shopify(signature, body, topic, services.settings)
        token = _bearer(request)
        if not token and self.access is Access.LISTENER and services.listen_key is not None:
            return _listener(services, services.listen_key, request)
        if not token:
            raise Unauthorised
        if self.access is Access.CLOCK:
            known = services.identities
            return await run_in_threadpool(identity.identify_clock, token, services.settings, known)
        if self.access in RANKS:
            return self._operator(identity.identify_operator(token, services.settings))
        development, now = services.development, services.now()
        return identity.identify_shop(token, services.settings, development, now)

    def _operator(self, caller: Caller) -> Caller:
        if RANKS[caller.access] < RANKS[self.access]:
            raise Forbidden
        return caller

    def _refuse_body_type(self, request: Request) -> None:
        if self.body_type is None or self._may_lack_body(request):
            return
        kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind != self.body_type:
            raise UnsupportedType(f"Send a body of type {self.body_type}")

    def _may_lack_body(self, request: Request) -> bool:
        is_needed = self.body_field is not None and self.body_field.field_info.is_required()
        is_there = request.headers.get("Content-Length", "0") != "0"
        return not is_needed and not is_there and "Transfer-Encoding" not in request.headers

    def _responses(self) -> dict[int | str, dict[str, Any]]:
        common: set[type[PipelineError]] = {NotFound, Failed, Unavailable}
        common.update(OF_ACCESS[self.access])
        if self.access is not Access.ANYONE:
            common.add(RateLimited)
        if self.changes and self.access is Access.SHOP:
            common.add(TokenReplayed)
        if self.is_paused_too:
            common.add(Paused)
        if self.has_body:
            common |= {Malformed, TooLarge}
        if self.body_type is not None:
            common |= {UnsupportedType, Invalid}
        if self.dependant.query_params:
            common.add(Invalid)
        return merge_responses(refusals(*common), self.responses)


def _problem(error: Exception, request_id: str) -> Response:
    refusal = refusal_of(error)
    if isinstance(refusal, Failed):
        logs.log_fault(error, request_id=request_id)
    return problem_response(refusal, request_id)


def merge_responses(*parts: dict[int | str, dict[str, Any]]) -> dict[int | str, dict[str, Any]]:
    """The answers by status; of one status all reasons are told."""
    merged: dict[int | str, dict[str, Any]] = {}
    for part in parts:
        for status, answer in part.items():
            before = merged.get(status, {}).get("description", "")
            lines = dict.fromkeys([*before.split("\n\n"), *answer["description"].split("\n\n")])
            merged[status] = {**answer, "description": "\n\n".join(filter(None, lines))}
    return merged


def camel_case(name: str) -> str:
    """The name as operations are called: ``generate_bundles`` is ``generateBundles``."""
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


def with_etag(answer: Response, request: Request) -> Response:
    """The answer to a read with its ETag; empty where the caller has it already."""
    body = getattr(answer, "body", None)
    if not isinstance(body, bytes) or answer.status_code != 200:  # noqa: PLR2004 - a status
        return answer
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    told = {"ETag": tag, "Cache-Control": answer.headers.get("Cache-Control", "private, no-cache")}
    known = {one.strip().removeprefix("W/") for one in _if_none_match(request).split(",")}
    if tag in known or "*" in known:
        return Response(status_code=304, headers=told)
    answer.headers.update(told)
    return answer


def _if_none_match(request: Request) -> str:
    return request.headers.get("If-None-Match", "")


def _bearer(request: Request) -> str:
    given = request.headers.get("Authorization", "")
    return given[len(BEARER) :].strip() if given.lower().startswith(BEARER) else ""


def _listener(services: ApiServices, key: bytes, request: Request) -> Caller:
    token = request.query_params.get(LISTEN_PARAMETER)
    if token is None:
        raise Unauthorised
    upload_id = request.query_params.get("csvUploadId")
    return identity.identify_listener(token, key, upload_id, services.now())


def _not_modified(route: Door) -> dict[int | str, dict[str, Any]]:
    return {} if route.changes else {304: {"description": "It is as the ETag says"}}
