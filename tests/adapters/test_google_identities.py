import time
from datetime import UTC, datetime, timedelta

import pytest

pytest.importorskip("cryptography")

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from google.auth import crypt, jwt

from pipeline_lib.adapters.google.identities import GoogleIdentities

AUDIENCE = "https://api.example.com"
NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "signer")])


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture(scope="module")
def identities(key):
    made = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(NAME)
        .issuer_name(NAME)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(made - timedelta(days=1))
        .not_valid_after(made + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    text = certificate.public_bytes(serialization.Encoding.PEM).decode()
    return GoogleIdentities(lambda: {"1": text})


def token(key, **changed):
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    now = int(time.time())
    claims = {
        "iss": "https://accounts.google.com",
        "aud": AUDIENCE,
        "email": "clock@example.com",
        "email_verified": True,
        "iat": now,
        "exp": now + 600,
    }
    return jwt.encode(crypt.RSASigner.from_string(pem, "1"), {**claims, **changed}).decode()


def test_the_account_of_a_sound_token_is_told(identities, key):
    assert identities.email(token(key), audience=AUDIENCE) == "clock@example.com"


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "https://other.example.com"},
        {"iss": "https://evil.example.com"},
        {"email_verified": False},
        {"exp": int(time.time()) - 60},
    ],
)
def test_a_token_that_is_not_sound_names_nobody(identities, key, changed):
    assert identities.email(token(key, **changed), audience=AUDIENCE) is None


def test_what_another_signed_and_what_is_no_token_names_nobody(identities):
    other = rsa.generate_private_key(65537, 2048)

    assert identities.email(token(other), audience=AUDIENCE) is None
    assert identities.email("x.y", audience=AUDIENCE) is None
