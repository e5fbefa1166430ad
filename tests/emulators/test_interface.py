import base64
import json
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from dev.emulators import settings
from dev.emulators.cloud import apply_environ
from dev.emulators.resources import topic_path
from dev.emulators.servers import ARTEFACTS, HOST, PROJECT, UPLOADS, call_emulator
from pipeline_lib import topology
from pipeline_lib.runtime import gateway
from tests.contracts.quick_install import test_of_fifty_at_once_one_starts  # noqa: F401
from tests.contracts.turns import (  # noqa: F401
    test_of_many_uploads_of_a_shop_at_once_one_is_worked_on,
)
from tests.http.conftest import SETTINGS, SOAP, TEA, Caller, client_of
from tests.listeners.listeners import in_node
from tests.uploads import opened

pytestmark = [pytest.mark.emulators]

LISTEN_S = 20
MINE = "11111111-1111-4111-8111-111111111111"
MINE_TOO = "22222222-2222-4222-8222-222222222222"
THEIRS = "33333333-3333-4333-8333-333333333333"


def clock():
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    return settings.write_new_key(tmp_path_factory.mktemp("key") / "key.json")


@pytest.fixture(scope="module")
def services(emulators, key):
    """The interface's services as it is deployed, on the emulators."""
    for bucket in (UPLOADS, ARTEFACTS):
        call_emulator(emulators.buckets, "POST", "/storage/v1/b", {"name": bucket})
    call_emulator(emulators.pubsub, "PUT", f"/v1/{topic_path(topology.first().name)}", {})
    environ = {
        **emulators.environ(),
        settings.KEY_FILE: str(key),
        "BUNDLECHAIN_PROJECT": PROJECT,
        "BUNDLECHAIN_UPLOADS_BUCKET": UPLOADS,
        "BUNDLECHAIN_ARTEFACTS_BUCKET": ARTEFACTS,
    }
    with apply_environ(environ):
        yield gateway.wire_services(environ, SETTINGS)


@pytest.fixture
def ports(services):
    return services.ports


@pytest.fixture(scope="module")
def ask(services):
    """One for all tests."""
    with client_of(services) as client:
        yield Caller(client, services, clock)


def exchanged(token, key):
    """The claims of the identity that Firebase gives for a custom token: verified, and raised."""
    account = json.loads(key.read_text())
    public = load_pem_private_key(account["private_key"].encode(), None).public_key()
    text, _, signature = token.rpartition(".")
    public.verify(decoded(signature), text.encode(), padding.PKCS1v15(), hashes.SHA256())
    said = json.loads(decoded(text.split(".")[1]))
    assert said["iss"] == said["sub"] == account["client_email"]
    assert said["exp"] - said["iat"] <= 3600
    return {"sub": said["uid"], **said["claims"]}


def decoded(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_a_listen_token_shows_the_progress_of_its_upload_and_nothing_else(
    emulators, ask, ports, key, tmp_path
):
    for upload_id, shop in [(MINE, TEA), (MINE_TOO, TEA), (THEIRS, SOAP)]:
        opened(ports.documents, upload_id, shop=shop, now=clock())

    given = ask("POST", "/api/listen-token", {"uploadId": MINE}).json()
    other = ask("POST", "/api/listen-token", {"uploadId": THEIRS})
    claims = exchanged(given["token"], key)
    paths = {
        "own": given["path"],
        "upload": f"uploads/{MINE}",
        "other upload": f"progress/{MINE_TOO}",
        "other shop": f"progress/{THEIRS}",
        "shop": f"shops/{TEA}",
    }
    listeners = {
        who: {
            "host": HOST,
            "port": emulators.firestore,
            "project": PROJECT,
            "path": path,
            "claims": claims,
            "writes": False,
        }
        for who, path in paths.items()
    }
    with in_node(listeners, tmp_path) as told:
        first = {who: told[who].get(timeout=LISTEN_S) for who in paths}
        ask("POST", f"/api/generate-bundles/{MINE}/cancel")
        last = told["own"].get(timeout=LISTEN_S)["seen"]

    assert (given["channel"], other.status_code) == ("firestore", 404)
    assert first["own"]["seen"]["upload_id"] == first["upload"]["seen"]["upload_id"] == MINE
    assert last["status"] == "cancelled"
    for who in ("other upload", "other shop", "shop"):
        assert first[who] == {"denied": "permission-denied"}
