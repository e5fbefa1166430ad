"""What the functions are told by their environment, as Terraform tells them; it starts none."""

import secrets
from collections.abc import Mapping

from dev.emulators.processes import HOST
from dev.emulators.services import ARTEFACTS, PROJECT, UPLOADS

CLIENT_ID = "emulated"
KEYS = {role: f"BUNDLECHAIN_{role.upper()}_KEY" for role in ("viewer", "operator", "admin")}
DEVELOPMENT = "EMULATED_DEVELOPMENT_KEY"  # signs shops' tokens for this machine


def settings() -> dict[str, str]:
    """What every function is told."""
    return {
        "BUNDLECHAIN_PROJECT": PROJECT,
        "BUNDLECHAIN_UPLOADS_BUCKET": UPLOADS,
        "BUNDLECHAIN_ARTEFACTS_BUCKET": ARTEFACTS,
        "BUNDLECHAIN_CUSTOMER_KEY": secrets.token_hex(32),
    }


def public_settings(port: int) -> Mapping[str, str]:
    """What one is told besides that anybody may call, at ``port``; its keys are new."""
    url = f"http://{HOST}:{port}"
    return {
        "BUNDLECHAIN_SHOPIFY_CLIENT_ID": CLIENT_ID,
        "BUNDLECHAIN_SHOPIFY_CLIENT_SECRET": secrets.token_hex(32),
        "BUNDLECHAIN_CORS_ORIGINS": url,
        "BUNDLECHAIN_TRUSTED_HOSTS": f"{HOST},localhost",
        "BUNDLECHAIN_CLOCK_ACCOUNT": "clock@emulated.iam.gserviceaccount.com",
        "BUNDLECHAIN_CLOCK_AUDIENCE": url,
        **{name: secrets.token_hex(24) for name in KEYS.values()},
        DEVELOPMENT: secrets.token_hex(32),
    }
