"""Addresses that let their holder PUT one file, signed with one key, as V4 signed URLs are.

What is signed: the name, the content type, the most bytes and until when. As with Cloud Storage,
the sender repeats the type and the range as headers.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

LENGTH = "x-goog-content-length-range"


@dataclass(frozen=True)
class Grant:
    """What an address allows, until ``expires_s`` (seconds since 1970)."""

    name: str
    content_type: str
    most_bytes: int
    expires_s: int


def grant_query(grant: Grant, key: bytes) -> dict[str, str]:
    """The query parameters of the address."""
    return {
        "content_type": grant.content_type,
        "most_bytes": str(grant.most_bytes),
        "expires": str(grant.expires_s),
        "signature": _signature(grant, key),
    }


def verify_grant(name: str, parameters: Mapping[str, str], key: bytes) -> Grant | None:
    """What the address of ``name`` allows, or None where its signature is missing or wrong."""
    try:
        grant = Grant(
            name,
            parameters["content_type"],
            int(parameters["most_bytes"]),
            int(parameters["expires"]),
        )
        signature = parameters["signature"]
    except (KeyError, ValueError):
        return None
    known = signature.isascii() and hmac.compare_digest(signature, _signature(grant, key))
    return grant if known else None


def grant_headers(grant: Grant) -> dict[str, str]:
    """The headers that the sender must repeat."""
    return {"Content-Type": grant.content_type, LENGTH: f"0,{grant.most_bytes}"}


def _signature(grant: Grant, key: bytes) -> str:
    text = f"PUT\n{grant.name}\n{grant.content_type}\n{grant.most_bytes}\n{grant.expires_s}"
    return hmac.new(key, text.encode(), sha256).hexdigest()
