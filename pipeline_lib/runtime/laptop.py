"""The whole system on one folder: the interface in this process, the chain in one beside it."""

import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_bytes
from threading import Thread
from time import sleep

import uvicorn

from pipeline_lib.errors import PipelineError
from pipeline_lib.http.app import application
from pipeline_lib.http.services import ApiServices
from pipeline_lib.http.settings import InterfaceSettings
from pipeline_lib.ports import Ports
from pipeline_lib.runtime import gateway, memory, wiring, worker
from pipeline_lib.runtime.settings import process_settings

HOST = "127.0.0.1"
STOPPING_S = 2  # for answers that are under way when it is interrupted
LOOK_S = 0.01
ACCOUNT = "clock@laptop"


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
def serve_folder(folder: Path, *, port: int, shop: str) -> Iterator[Served]:
    """Serve the system on ``folder`` until the block is left.

    ``port`` 0 takes any that is free.

    Raises:
        AddressInUse: another process listens on the port.
        FolderInUse: another process runs the chain on the folder.
    """
    memory.give_back_large()
    development = token_bytes(32)
    with (
        closing(wiring.embedded(folder, process_settings().limits)) as stores,
        worker.start_beside(folder) as chain,
    ):
        keys = {role: _key(stores.ports, role) for role in ("viewer", "operator", "admin")}
        with closing(_bound(port)) as bound:
            url = f"http://{HOST}:{bound.getsockname()[1]}"
            services = gateway.embedded_services(
                stores.ports,
                _settings(stores.ports, keys, url),
                base_url=url,
                development=development,
            )
            with answering(services, bound):
                token = gateway.development_token(shop, development)
                yield Served(url, token, keys, chain.wait)


@contextmanager
def answering(services: ApiServices, bound: socket.socket) -> Iterator[None]:
    """Answer what comes to the socket, on an event loop of its own, until the block is left."""
    config = uvicorn.Config(
        application(services),
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=STOPPING_S,
    )
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, args=([bound],), daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        sleep(LOOK_S)
    try:
        yield
    finally:
        services.hub.close()
        server.should_exit = True
        thread.join(2 * STOPPING_S)


def _settings(ports: Ports, keys: dict[str, str], url: str) -> InterfaceSettings:
    settings = process_settings()
    return InterfaceSettings(
        shopify_client_id="laptop",
        shopify_client_secret=ports.secrets.read("shopify_client_secret"),
        keys={role: key.encode() for role, key in keys.items()},
        cors_origins=(url,),
        trusted_hosts=(HOST, "localhost"),
        clock_account=ACCOUNT,
        clock_audience=url,
        cooldown_days=settings.quick_install_cooldown.days,
        overrides=settings.overrides,
    )


def _key(ports: Ports, role: str) -> str:
    return ports.secrets.read(f"{role}_key").hex()


def _bound(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port), backlog=1024)
    except OSError as error:
        raise AddressInUse(f"port {port} is taken; give another with --port") from error
