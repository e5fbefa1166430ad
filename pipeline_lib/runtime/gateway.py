"""The interface wired to its stores: for a function and for a laptop; no endpoint's work."""

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from uuid import uuid4

from flask import Flask, Request
from werkzeug import Response

from pipeline_lib.adapters.local.identities import OwnIdentities
from pipeline_lib.adapters.local.uploads import OwnUploads
from pipeline_lib.api.app import application
from pipeline_lib.api.settings import Settings
from pipeline_lib.api.world import World
from pipeline_lib.ports import Ports
from pipeline_lib.runtime import wiring
from pipeline_lib.runtime.clock import now
from pipeline_lib.runtime.push import log_to_stdout

PUT_KEY, CLOCK_KEY = "put_key", "clock_key"


def function(environ: Mapping[str, str]) -> Callable[[Request], Response]:
    """The function, which opens its stores at the first request.

    Raises:
        BadSettings: the environment does not say all that it must.
    """
    settings = Settings.from_environ(environ)

    @cache
    def app() -> Flask:
        log_to_stdout()
        return application(_world(environ, settings))

    return lambda request: Response.from_app(app().wsgi_app, request.environ)


def _world(environ: Mapping[str, str], settings: Settings) -> World:
    if isinstance(wiring.settings(environ), wiring.InFolder):
        base_url = f"https://{settings.trusted_hosts[0]}"
        return own_world(wiring.ports(), settings, base_url=base_url)
    return World(
        ports=wiring.ports(),
        uploads=wiring.uploads_of(environ),
        identities=wiring.identities(),
        settings=settings,
        clock=now,
        new_id=_new_id,
    )


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
    put_key = ports.secrets.read(PUT_KEY)
    return World(
        ports=ports,
        uploads=OwnUploads(base_url, put_key),
        identities=OwnIdentities(ports.secrets.read(CLOCK_KEY), clock),
        settings=settings,
        clock=clock,
        new_id=_new_id,
        put_key=put_key,
        development=development,
    )


def environment() -> Mapping[str, str]:
    """What the process was started with."""
    return os.environ
