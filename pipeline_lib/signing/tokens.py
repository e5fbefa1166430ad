"""JSON Web Tokens (RFC 7519): encoding, signing and verifying; no rules about their claims."""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

Claims = Mapping[str, Any]

PARTS = 3


def encode_token(claims: Claims, key: bytes) -> str:
    """Encode ``claims`` as a token signed with ``key`` (HS256)."""
    text = signing_input(claims, algorithm="HS256")
    return with_signature(text, _signature(text, key))


def signing_input(claims: Claims, *, algorithm: str) -> str:
    """The part of a token that its signature covers: header and claims."""
    return ".".join(_text(part) for part in ({"alg": algorithm, "typ": "JWT"}, claims))


def with_signature(text: str, signature: bytes) -> str:
    """The token of a ``signing_input`` and its signature."""
    return f"{text}.{_base64(signature)}"


def decode_token(token: str, key: bytes) -> Claims | None:
    """The claims of a token, or None unless it is well-formed and signed with ``key`` (HS256)."""
    parts = token.split(".")
    if len(parts) != PARTS or not token.isascii():
        return None
    head, body, signature = parts
    expected = _base64(_signature(f"{head}.{body}", key))
    if not hmac.compare_digest(signature, expected):
        return None
    header, claims = _object(head), _object(body)
    return claims if header is not None and header.get("alg") == "HS256" else None


def _signature(text: str, key: bytes) -> bytes:
    return hmac.new(key, text.encode(), sha256).digest()


def _text(part: Claims) -> str:
    return _base64(json.dumps(dict(part), separators=(",", ":"), sort_keys=True).encode())


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _object(part: str) -> Claims | None:
    try:
        found = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
