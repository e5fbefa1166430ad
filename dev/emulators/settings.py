"""The environment of the emulated functions, as Terraform would set it."""

import json
import secrets
from collections.abc import Mapping
from pathlib import Path

from dev.emulators.processes import HOST
from dev.emulators.servers import ARTEFACTS, PROJECT, UPLOADS

CLIENT_ID = "emulated"
KEYS = {role: f"BUNDLECHAIN_{role.upper()}_KEY" for role in ("viewer", "operator", "admin")}
KEY_FILE = "GOOGLE_APPLICATION_CREDENTIALS"  # where Google's clients look for a key
KEY_BITS = 2048
DEVELOPMENT_KEY = "EMULATED_DEVELOPMENT_KEY"  # signs shops' tokens for this machine


def function_settings() -> dict[str, str]:
    """The variables of every function."""
    return {
        "BUNDLECHAIN_PROJECT": PROJECT,
        "BUNDLECHAIN_UPLOADS_BUCKET": UPLOADS,
        "BUNDLECHAIN_ARTEFACTS_BUCKET": ARTEFACTS,
        "BUNDLECHAIN_CUSTOMER_KEY": secrets.token_hex(32),
    }


def interface_settings(port: int) -> Mapping[str, str]:
    """The further variables of the public function, at ``port``; its keys are new."""
    url = f"http://{HOST}:{port}"
    return {
        "FUNCTION_USE_ASGI": "true",
        "BUNDLECHAIN_SHOPIFY_CLIENT_ID": CLIENT_ID,
        "BUNDLECHAIN_SHOPIFY_CLIENT_SECRET": secrets.token_hex(32),
        "BUNDLECHAIN_CORS_ORIGINS": url,
        "BUNDLECHAIN_TRUSTED_HOSTS": f"{HOST},localhost",
        "BUNDLECHAIN_CLOCK_ACCOUNT": "clock@emulated.iam.gserviceaccount.com",
        "BUNDLECHAIN_CLOCK_AUDIENCE": url,
        **{name: secrets.token_hex(24) for name in KEYS.values()},
        DEVELOPMENT_KEY: secrets.token_hex(32),
    }


def write_new_key(path: Path) -> Path:
    """Write the key of a service account that exists nowhere; no emulator checks what it signs."""
    from cryptography.hazmat.primitives import serialization as form  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415

    private = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
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
