"""Who is believed by the interface, and which pages and hosts may call it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class InterfaceSettings:
    """What the interface alone is told.

    ``keys`` holds an operator's key by role, ``cooldown_days`` how long after a completed quick
    install the next is refused, ``overrides`` the flags that the environment fixes.
    """

    shopify_client_id: str
    shopify_client_secret: bytes = field(repr=False)
    keys: Mapping[str, bytes] = field(repr=False)
    cors_origins: tuple[str, ...]
    trusted_hosts: tuple[str, ...]
    clock_account: str
    clock_audience: str
    cooldown_days: int = 30
    overrides: Mapping[str, bool] = field(default_factory=dict)
