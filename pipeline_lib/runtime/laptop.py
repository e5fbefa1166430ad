"""The whole system on one folder: the interface in this process, the chain in one beside it."""

import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from secrets import token_bytes
from threading import Thread
from typing import Any

from waitress import wasyncore
from waitress.server import create_server

from pipeline_lib.errors import PipelineError
from pipeline_lib.http.app import application
from pipeline_lib.http.settings import Settings
from pipeline_lib.ports import Ports
from pipeline_lib.runtime import gateway, memory, wiring, worker

HOST = "127.0.0.1"
THREADS = 96  # each listener to a run holds one
STOPPING_S = 5
ACCOUNT = "clock@laptop"
DEVELOPMENT = timedelta(hours=12)
MOST_BYTES = 64 * 1024 * 1024


class AddressInUse(PipelineError):
    """Another process listens there."""

    retriable = False
    code = "ADDRESS_IN_USE"


@dataclass(frozen=True)
class Served:
    """Where it listens, and what opens it: a shop's token, the operators' keys by role.

    ``wait`` returns, or raises, when nobody works behind it any more.
    """

    url: str
    token: str
    keys: dict[str, str]
    wait: Callable[[], object]


@contextmanager
def served(folder: Path, *, port: int, shop: str) -> Iterator[Served]:
    """Serve the system on ``folder`` until the block is left.

    ``port`` 0 takes any that is free.

    Raises:
        AddressInUse: another process listens on the port.
        FolderInUse: another process runs the chain on the folder.
    """
    memory.give_back_large()
    development = token_bytes(32)
    with closing(wiring.embedded(folder)) as stores, worker.beside(folder) as chain:
        keys = {role: _key(stores.ports, role) for role in ("viewer", "operator", "admin")}
        sockets: dict[int, Any] = {}
        server = _listening(port, sockets)
        url = f"http://{HOST}:{server.effective_port}"
        world = gateway.own_world(
            stores.ports, _settings(stores.ports, keys, url), base_url=url, development=development
        )
        server.application = application(world)
        thread = Thread(target=server.run, daemon=True)
        thread.start()
        try:
            token = gateway.development_token(shop, development)
            yield Served(url, token, keys, chain.wait)
        finally:
            with suppress(OSError):  # an answer's own pull may have closed the trigger just now
                server.trigger.pull_trigger(lambda: wasyncore.close_all(sockets))
            thread.join(STOPPING_S)
            server.task_dispatcher.shutdown(cancel_pending=True, timeout=STOPPING_S)


def _settings(ports: Ports, keys: dict[str, str], url: str) -> Settings:
    return Settings(
        shopify_client_id="laptop",
        shopify_client_secret=ports.secrets.read("shopify_client_secret"),
        keys={role: key.encode() for role, key in keys.items()},
        cors_origins=(url,),
        trusted_hosts=(HOST, "localhost"),
        clock_account=ACCOUNT,
        clock_audience=url,
    )


def _key(ports: Ports, role: str) -> str:
    return ports.secrets.read(f"{role}_key").hex()


def _listening(port: int, sockets: dict[int, Any]) -> Any:  # noqa: ANN401 - it carries no types
    def nothing_yet(environ: object, start: object) -> list[bytes]:  # noqa: ARG001
        return []

    try:
        bound = socket.create_server((HOST, port))
    except OSError as error:
        raise AddressInUse(f"port {port} is taken; give another with --port") from error
    return create_server(
        nothing_yet,
        map=sockets,
        sockets=[bound],
        threads=THREADS,
        max_request_body_size=MOST_BYTES,
        ident="bundlechain",
        clear_untrusted_proxy_headers=True,
    )
