import base64
import json
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from google.auth.credentials import AnonymousCredentials, Credentials
from google.auth.exceptions import TransportError
from google.cloud.storage import Client

from dev.emulators.servers import call_emulator
from pipeline_lib.adapters.google.signing import BucketUploads, KeylessSigning
from pipeline_lib.errors import StoreUnavailable
from pipeline_lib.runtime import wiring

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
EMAIL = "api@project.iam.gserviceaccount.com"


class WithoutKey(Credentials):
    """Credentials as a function has them: a token, and a name that comes with it."""

    service_account_email = "default"

    def refresh(self, request):
        self.token = "token"  # noqa: S105
        self.service_account_email = EMAIL


class Iam:
    """The part of IAM that signs, with a key that only it knows."""

    def __init__(self):
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.urls = []

    def __call__(self, url, method, body, headers, **_):
        self.urls.append(url)
        message = base64.b64decode(json.loads(body)["payload"])
        signature = self.key.sign(message, padding.PKCS1v15(), hashes.SHA256())
        self.status = 200
        self.data = json.dumps({"signedBlob": base64.b64encode(signature).decode()}).encode()
        return self


@pytest.fixture
def bucket():
    client = Client(
        project="p",
        credentials=AnonymousCredentials(),
        client_options={"api_endpoint": "https://storage.googleapis.com"},
    )
    yield client.bucket("uploads")
    client.close()


def signed_put(uploads, name="u/orders/o.csv"):
    return uploads.signed_put(name, content_type="text/csv", most_bytes=1_000, now=NOW, valid=HOUR)


def test_without_a_key_iam_signs_type_and_length_in_the_name_of_the_function(bucket):
    iam = Iam()

    signed = signed_put(BucketUploads(bucket, KeylessSigning(WithoutKey(), iam)))

    query = parse_qs(urlsplit(signed.url).query)
    assert signed.url.startswith("https://storage.googleapis.com/uploads/u/orders/o.csv?")
    assert query["X-Goog-Algorithm"] == ["GOOG4-RSA-SHA256"]
    assert query["X-Goog-Expires"] == ["3600"]
    assert query["X-Goog-Credential"][0].startswith(f"{EMAIL}/")
    assert query["X-Goog-SignedHeaders"] == ["content-type;host;x-goog-content-length-range"]
    assert len(query["X-Goog-Signature"][0]) == 2 * 256
    assert signed.headers == {
        "Content-Type": "text/csv",
        "x-goog-content-length-range": "0,1000",
    }
    assert signed.expires_at == NOW + HOUR
    assert iam.urls == [
        f"https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/{EMAIL}:signBlob"
    ]


def test_when_iam_does_not_answer_the_store_is_unavailable(bucket):
    def gone(*_, **__):
        raise TransportError("no way")

    with pytest.raises(StoreUnavailable, match="no way"):
        signed_put(BucketUploads(bucket, KeylessSigning(WithoutKey(), gone)))


def test_a_name_that_leads_out_is_not_signed(bucket):
    with pytest.raises(ValueError, match="relative name"):
        signed_put(BucketUploads(bucket, KeylessSigning(WithoutKey(), Iam())), name="../others")


@pytest.mark.emulators
def test_a_signed_address_takes_the_file_without_any_account(emulators, tmp_path, monkeypatch):
    from dev.emulators.settings import KEY_FILE, write_new_key  # noqa: PLC0415

    call_emulator(emulators.buckets, "POST", "/storage/v1/b", {"name": "signed"})
    monkeypatch.setenv(KEY_FILE, str(write_new_key(tmp_path / "key.json")))
    environ = {
        "BUNDLECHAIN_PROJECT": "p",
        "BUNDLECHAIN_UPLOADS_BUCKET": "signed",
        "BUNDLECHAIN_ARTEFACTS_BUCKET": "none",
        "BUNDLECHAIN_CUSTOMER_KEY": "key",
    }

    signed = signed_put(wiring.uploads_of(environ))

    address = urlsplit(signed.url)
    connection = HTTPConnection(address.netloc)
    connection.request("PUT", f"{address.path}?{address.query}", b"a,b\n", signed.headers)
    assert connection.getresponse().status == 200
    connection.close()
    with wiring.ports_of(environ).landing.open("u/orders/o.csv") as stream:
        assert stream.read() == b"a,b\n"
