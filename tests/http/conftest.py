from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from pipeline_lib.http.app import application
from pipeline_lib.http.settings import InterfaceSettings
from pipeline_lib.runtime import gateway
from pipeline_lib.runtime.receiver import handler_of
from pipeline_lib.signing import tokens
from tests.shops import cut, exports

ROOT = Path(__file__).resolve().parents[2]

TEA, SOAP = "tea-shop.myshopify.com", "soap-shop.myshopify.com"
ORIGIN = "https://app.example.com"
KEYS = {role: f"{role}-key-0123456789".encode() for role in ("viewer", "operator", "admin")}
ORDERS = cut(exports()["orders"], 1_250)
PRODUCTS = exports()["products"]
SETTINGS = InterfaceSettings(
    shopify_client_id="app-key",
    shopify_client_secret=b"app-secret-0123456789-0123456789-0123",
    keys=KEYS,
    cors_origins=(ORIGIN,),
    trusted_hosts=("localhost",),
    clock_account="clock@example.com",
    clock_audience="https://api.example.com",
)


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self):
        self.time = datetime.now(UTC)

    def __call__(self):
        return self.time

    def on(self, **by):
        self.time += timedelta(**by)


class Caller:
    """Calls the interface as a shop, an operator, the clock or nobody."""

    def __init__(self, client, services, clock):
        self.client, self.services, self.clock = client, services, clock

    def session(self, shop=TEA, *, key=SETTINGS.shopify_client_secret, **changed):
        """A session token as Shopify makes it, each with an id of its own."""
        now = self.clock().timestamp()
        claims = {
            "iss": f"https://{shop}/admin",
            "dest": f"https://{shop}",
            "aud": SETTINGS.shopify_client_id,
            "sub": "1",
            "exp": now + 60,
            "nbf": now,
            "iat": now,
            "jti": uuid4().hex,
            "sid": "s",
        }
        kept = {name: value for name, value in (claims | changed).items() if value is not None}
        return tokens.encode_token(kept, key)

    def __call__(self, method, path, body=None, *, shop=TEA, token=None, **more):
        if token is None and shop is not None:
            token = self.session(shop)
        sent = {"Authorization": f"Bearer {token}"} if token else {}
        sent |= more.pop("headers", {})
        if body is not None:
            more["json"] = body
        encoded = {name: value.encode("latin-1") for name, value in sent.items()}
        return self.client.request(method, path, headers=encoded, **more)

    def operator(self, method, path, body=None, *, role="admin", **more):
        return self(method, path, body, token=KEYS[role].decode(), **more)

    def tick(self, path):
        token = self.services.identities.token(
            SETTINGS.clock_account, audience=SETTINGS.clock_audience, valid_s=60
        )
        return self("POST", path, token=token)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def services(stores, clock):
    return gateway.embedded_services(
        stores.ports, SETTINGS, base_url="http://localhost", clock=clock
    )


@pytest.fixture
def drain(stores):
    """Lets the chain work until no message waits."""

    def run():
        while delivery := stores.topics.take():
            handler_of(delivery.topic)(delivery.message, stores.ports)
            stores.topics.acknowledge(delivery)

    return run


def client_of(services):
    """A client of the interface, on one event loop while it is open."""
    return TestClient(
        application(services), base_url="http://localhost", raise_server_exceptions=False
    )


@pytest.fixture
def ask(services, clock):
    with client_of(services) as client:
        yield Caller(client, services, clock)
