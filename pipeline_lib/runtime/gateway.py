"""The interface wired to its stores: for a function and for a laptop; no endpoint's work."""

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import uuid4

from flask import Flask, Request
from werkzeug import Response

from pipeline_lib.adapters.local.signing import LocalIdentities, LocalListeners, LocalUploads
from pipeline_lib.clock import now
from pipeline_lib.errors import BadSettings
from pipeline_lib.http.app import application
from pipeline_lib.http.settings import Settings
from pipeline_lib.http.world import World
from pipeline_lib.ports import Ports
from pipeline_lib.runtime import wiring
from pipeline_lib.runtime.push import log_to_stdout
from pipeline_lib.runtime.sole import Sole
from pipeline_lib.signing import tokens

PUT_KEY, CLOCK_KEY, LISTEN_KEY = "put_key", "clock_key", "listen_key"
DEVELOPMENT, EMULATOR = "EMULATED_DEVELOPMENT_KEY", "FIRESTORE_EMULATOR_HOST"


def function(environ: Mapping[str, str]) -> Callable[[Request], Response]:
    """The function, which opens its stores at the first request.

    Raises:
        BadSettings: the environment does not say all that it must.
    """
    settings = Settings.from_environ(environ)
    development = _development(environ)

    def made() -> Flask:
        log_to_stdout()
        return application(world_of(environ, settings, development))

    app = Sole(made)
    return lambda request: Response.from_app(app().wsgi_app, request.environ)


def world_of(
    environ: Mapping[str, str], settings: Settings, development: bytes | None = None
) -> World:
    """The interface's world on the stores that the environment asks for.

    ``development`` is the key of tokens that are minted for emulators; None where there are none.

    Raises:
        BadSettings: it asks for none, or for more than one.
    """
    if isinstance(wiring.settings(environ), wiring.InFolder):
        base_url = f"https://{settings.trusted_hosts[0]}"
        return own_world(wiring.ports_of(environ), settings, base_url=base_url)
    from pipeline_lib.runtime.signer import listeners  # noqa: PLC0415 - Google's, where it is used

    return World(
        ports=wiring.ports_of(environ),
        uploads=wiring.uploads_of(environ),
        identities=wiring.identities(),
        listeners=listeners(),
        settings=settings,
        clock=now,
        new_id=_new_id,
        development=development,
    )


def _development(environ: Mapping[str, str]) -> bytes | None:
    """The key of development's tokens; only where the documents are an emulator's."""
    key = environ.get(DEVELOPMENT)
    if key is not None and EMULATOR not in environ:
        raise BadSettings(f"{DEVELOPMENT} is for the emulators alone: remove it")
    return None if key is None else key.encode()


def development_token(shop: str, key: bytes) -> str:
    """A token of the shop that does not expire, for where ``key`` is believed."""
    return tokens.encode_token({"iss": f"https://{shop}/admin", "dest": f"https://{shop}"}, key)


def _new_id() -> str:
    return str(uuid4())


def own_world(
    ports: Ports,
    settings: Settings,
    *,
    base_url: str,
    development: bytes | None = None,
    clock: Callable[[], datetime] = now,
) -> World:
    """The interface's world on embedded stores, which takes the files itself."""
    put_key, listen_key = ports.secrets.read(PUT_KEY), ports.secrets.read(LISTEN_KEY)
    return World(
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


def environment() -> Mapping[str, str]:
    """What the process was started with."""
    return os.environ
