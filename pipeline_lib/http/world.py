"""What the interface is given to work with, made at one place and passed along; no decision."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from pipeline_lib.http.limits import Limits
from pipeline_lib.http.settings import Settings
from pipeline_lib.listeners import Listeners
from pipeline_lib.ports import Identities, Ports, Uploads


@dataclass(frozen=True)
class World:
    """The stores, who signs and who is believed, what time it is and how ids are made.

    ``put_key`` signs the addresses to which files are sent when this process takes them itself,
    ``listen_key`` the tokens that open its event streams, ``development`` the tokens that are
    minted for a laptop; None where a cloud does it.
    """

    ports: Ports
    uploads: Uploads
    identities: Identities
    listeners: Listeners
    settings: Settings
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    limits: Limits = field(default_factory=Limits)
    put_key: bytes | None = None
    listen_key: bytes | None = None
    development: bytes | None = None
