"""What the interface is given to work with, made at one place and passed along."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Annotated

from fastapi import Depends, Request

from pipeline_lib.http.hub import ProgressHub
from pipeline_lib.http.limits import Limits
from pipeline_lib.http.settings import InterfaceSettings
from pipeline_lib.listeners import Listeners
from pipeline_lib.ports import Identities, Ports, Uploads
from pipeline_lib.records.collections import Collections


@dataclass(frozen=True)
class StreamPace:
    """After how many quiet seconds an event stream beats, and after how many it ends.

    A stream ends before its function is cut off; a browser comes back by itself.
    """

    beat_s: float = 30
    longest_s: float = 240


@dataclass(frozen=True)
class ApiServices:
    """The stores, who signs and who is believed, what time it is and how ids are made.

    ``put_key`` signs the addresses to which files are sent when this process takes them itself,
    ``listen_key`` the tokens that open its event streams, ``development`` the tokens that are
    minted for a laptop; None where a cloud does it.
    """

    ports: Ports
    uploads: Uploads
    identities: Identities
    listeners: Listeners
    settings: InterfaceSettings
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    limits: Limits = field(default_factory=Limits)
    put_key: bytes | None = None
    listen_key: bytes | None = None
    pace: StreamPace = StreamPace()
    development: bytes | None = None

    @cached_property
    def collections(self) -> Collections:
        """The typed documents."""
        return Collections(self.ports.documents)

    @cached_property
    def hub(self) -> ProgressHub:
        """Who listens to which progress in this process."""
        return ProgressHub(self.ports.documents)

    def now(self) -> datetime:
        """What time it is."""
        return self.clock()


async def services_of(request: Request) -> ApiServices:
    """What the application works with."""
    services: ApiServices = request.app.state.services
    return services


Services = Annotated[ApiServices, Depends(services_of)]
