import base64
import json
from http.client import HTTPConnection
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAIN = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"
DOCUMENTS = "/v1/projects/rules/databases/(default)/documents"
OWN = {"shop_id": "tea", "upload_id": "u1"}

pytestmark = pytest.mark.emulators


@pytest.fixture(scope="module")
def firestore(emulators):
    """The port of a Firestore that guards a few documents by the rules."""
    for path, upload, shop in [
        ("uploads/u1", "u1", "tea"),
        ("uploads/u2", "u2", "tea"),
        ("uploads/x1", "x1", "soap"),
        ("progress/u1", "u1", "tea"),
        ("progress/x1", "x1", "soap"),
        ("recommendations/r1", "u1", "tea"),
        ("recommendations/r2", "u2", "tea"),
        ("recommendations/r3", "x1", "soap"),
        ("shops/tea", "u1", "tea"),
        ("leases/u1.1.a", "u1", "tea"),
        ("webhooks/w", "u1", "tea"),
    ]:
        assert stored(emulators.firestore, path, upload, shop) == 200
    return emulators.firestore


@pytest.mark.parametrize("path", ["uploads/u1", "progress/u1", "recommendations/r1"])
def test_a_client_reads_its_own_upload(firestore, path):
    assert ask(firestore, "GET", path, claims=OWN) == 200


@pytest.mark.parametrize(
    "path",
    [
        "uploads/u2",
        "uploads/x1",
        "progress/x1",
        "recommendations/r2",
        "recommendations/r3",
        "shops/tea",
        "leases/u1.1.a",
        "webhooks/w",
        "uploads/none",
    ],
)
def test_a_client_reads_nothing_else(firestore, path):
    assert ask(firestore, "GET", path, claims=OWN) == 403


@pytest.mark.parametrize("path", ["uploads/u1", "progress/u1", "recommendations/r1"])
@pytest.mark.parametrize(
    "claims",
    [None, {}, {"shop_id": "tea"}, {"upload_id": "u1"}, {"shop_id": "soap", "upload_id": "u1"}],
)
def test_a_token_of_another_shop_or_half_a_token_reads_nothing(firestore, path, claims):
    assert ask(firestore, "GET", path, claims=claims) == 403


@pytest.mark.parametrize(
    "path", ["uploads/u1", "progress/u1", "recommendations/r1", "shops/tea", "new/one"]
)
@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_client_writes_nothing(firestore, path, method):
    assert ask(firestore, method, path, claims=OWN, fields=("u1", "tea")) == 403


def test_a_client_lists_the_recommendations_of_its_upload(firestore):
    assert asked_for(firestore, "recommendations", shop="tea", upload="u1") == 200


@pytest.mark.parametrize(("shop", "upload"), [("tea", "u2"), ("soap", "x1"), (None, None)])
def test_a_client_lists_no_other_recommendations(firestore, shop, upload):
    assert asked_for(firestore, "recommendations", shop=shop, upload=upload) == 403


@pytest.mark.parametrize("collection", ["uploads", "progress", "shops"])
def test_a_client_lists_nothing_else(firestore, collection):
    assert asked_for(firestore, collection, shop="tea", upload="u1") == 403


def asked_for(port, collection, *, shop, upload):
    wanted = {"shop_id": shop, "upload_id": upload}
    filters = [
        {
            "fieldFilter": {
                "field": {"fieldPath": name},
                "op": "EQUAL",
                "value": {"stringValue": value},
            }
        }
        for name, value in wanted.items()
        if value is not None
    ]
    query = {"from": [{"collectionId": collection}]}
    if filters:
        query["where"] = {"compositeFilter": {"op": "AND", "filters": filters}}
    return called(port, "POST", f"{DOCUMENTS}:runQuery", token(OWN), {"structuredQuery": query})


def ask(port, method, path, *, claims, fields=None):
    body = document(*fields) if fields is not None and method == "PATCH" else None
    return called(port, method, f"{DOCUMENTS}/{path}", token(claims), body)


def stored(port, path, upload, shop):
    return called(port, "PATCH", f"{DOCUMENTS}/{path}", "owner", document(upload, shop))


def document(upload, shop):
    return {"fields": {"upload_id": {"stringValue": upload}, "shop_id": {"stringValue": shop}}}


def called(port, method, path, bearer, body):
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {"Content-Type": "application/json"}
    if bearer is not None:
        headers["Authorization"] = f"Bearer {bearer}"
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    status = connection.getresponse().status
    connection.close()
    return status


def token(claims):
    """The emulator believes an unsigned token."""
    if claims is None:
        return None
    payload = {"sub": "someone", "user_id": "someone", "aud": "rules", **claims}
    parts = [json.dumps(part).encode() for part in ({"alg": "none", "typ": "JWT"}, payload)]
    return ".".join([*(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts), ""])
