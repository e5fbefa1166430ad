"""A key for an account that exists nowhere: it signs addresses, which no emulator checks."""

import json
from pathlib import Path

KEY = "GOOGLE_APPLICATION_CREDENTIALS"  # where Google's clients look for a key
BITS = 2048


def new_key(path: Path) -> Path:
    """Write a service account's key that was never used to ``path``."""
    from cryptography.hazmat.primitives import serialization as form  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415

    private = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    text = private.private_bytes(
        form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()
    ).decode()
    account = {
        "type": "service_account",
        "client_email": "nobody@emulated.iam.gserviceaccount.com",
        "token_uri": "http://127.0.0.1:9/none",
        "private_key": text,
    }
    path.touch(mode=0o600)
    path.write_text(json.dumps(account))
    return path
