"""The interface wired to its stores: for a function and for a laptop."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from uuid import uuid4

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from pipeline_lib.adapters.local.signing import LocalIdentities, LocalListeners, LocalUploads
from pipeline_lib.clock import now
from pipeline_lib.http.app import application
from pipeline_lib.http.services import ApiServices
from pipeline_lib.http.settings import InterfaceSettings
from pipeline_lib.ports import Ports
from pipeline_lib.runtime import wiring
from pipeline_lib.runtime.settings import (
    InFolder,
    Settings,
    development_key,
    interface_settings,
    process_environ,
)
from pipeline_lib.runtime.shared import Shared
from pipeline_lib.signing import tokens

PUT_KEY, CLOCK_KEY, LISTEN_KEY = "put_key", "clock_key", "listen_key"

Function = Callable[[Request], Awaitable[Response]]


class Delegated(Response):
    """The answer of a function that leaves answering to an ASGI application."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__()
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


def asgi_function(environ: Mapping[str, str] | None = None) -> Function:
    """The function as functions-framework serves it on an event loop (``FUNCTION_USE_ASGI``).

    It opens its stores at the first request. ``environ`` is the process's own unless it is given.

    Raises:
        BadSettings: the environment does not say all that it must.
    """
    given = process_environ() if environ is None else environ
    Settings.from_environ(given)  # what is wrong stops the start, not the first request
    settings, development = interface_settings(given), development_key(given)

    def made() -> ASGIApp:
        from pipeline_lib.runtime.receiver import log_to_stdout  # noqa: PLC0415 - it imports us

        log_to_stdout()
        return application(wire_services(given, settings, development))

    app = Shared(made)

    async def function(request: Request) -> Response:  # noqa: ARG001 - its scope is passed on
        return Delegated(await run_in_threadpool(app))

    return function


def wire_services(
    environ: Mapping[str, str], settings: InterfaceSettings, development: bytes | None = None
) -> ApiServices:
    """The interface's services on the stores that the environment asks for.

    ``development`` is the key of tokens that are minted for emulators; None where there are none.

    Raises:
        BadSettings: it asks for none, or for more than one.
    """
    if isinstance(Settings.from_environ(environ).stores, InFolder):
        base_url = f"https://{settings.trusted_hosts[0]}"
        return embedded_services(wiring.ports_of(environ), settings, base_url=base_url)
    from pipeline_lib.runtime.signer import listeners  # noqa: PLC0415 - Google's, where it is used

    return ApiServices(
        ports=wiring.ports_of(environ),
        uploads=wiring.uploads_of(environ),
        identities=wiring.identities(),
        listeners=listeners(),
        settings=settings,
        clock=now,
        new_id=_new_id,
        development=development,
    )


def embedded_services(
    ports: Ports,
    settings: InterfaceSettings,
    *,
    base_url: str,
    development: bytes | None = None,
    clock: Callable[[], datetime] = now,
) -> ApiServices:
    """The interface's services on embedded stores, where it takes the files itself."""
    put_key, listen_key = ports.secrets.read(PUT_KEY), ports.secrets.read(LISTEN_KEY)
    return ApiServices(
        ports=ports,
        uploads=LocalUploads(base_url, put_key),
        identities=LocalIdentities(ports.secrets.read(CLOCK_KEY), clock),
        listeners=LocalListeners(listen_key),
        settings=settings,
        clock=clock,
        new_id=_new_id,
        put_key=put_key,
        listen_key=listen_key,
        development=development,
    )


def development_token(shop: str, key: bytes) -> str:
    """A token of the shop that does not expire, for where ``key`` is believed."""
    return tokens.encode_token({"iss": f"https://{shop}/admin", "dest": f"https://{shop}"}, key)


def _new_id() -> str:
    return str(uuid4())
