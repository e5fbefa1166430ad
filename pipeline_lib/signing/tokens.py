"""JSON Web Tokens (RFC 7519): encoding, signing and verifying; no rules about their claims."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from typing import Any

import jwt

Claims = Mapping[str, Any]
ALGORITHM = "HS256"
UNTIMED: dict[str, bool] = {  # times are compared with the caller's clock, not with PyJWT's
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
}


class UnreadableToken(Exception):
    """A text that is no token, or one without a claim that it must have."""


class ForgedToken(Exception):
    """A token that another key signed."""


class ForeignToken(Exception):
    """A token that was made for another audience."""


def encode_token(claims: Claims, key: bytes) -> str:
    """Encode ``claims`` as a token signed with ``key`` (HS256)."""
    return jwt.encode(dict(claims), key, algorithm=ALGORITHM)


def verify_token(
    token: str, key: bytes, *, audience: str | None = None, required: Sequence[str] = ()
) -> Claims:
    """The claims of a token that ``key`` signed (HS256); the times in it are not looked at.

    Args:
        token: as it came.
        key: of who signs.
        audience: whom it must be for; None where any will do.
        required: claims that it must have.

    Raises:
        ForgedToken: another key signed it.
        ForeignToken: it is for another audience.
        UnreadableToken: it is no token, or lacks a claim.
    """
    options: Any = {"require": list(required), "verify_aud": audience is not None, **UNTIMED}
    try:
        return jwt.decode(token, key, algorithms=[ALGORITHM], audience=audience, options=options)
    except jwt.InvalidSignatureError as error:
        raise ForgedToken from error
    except jwt.InvalidAudienceError as error:
        raise ForeignToken from error
    except jwt.MissingRequiredClaimError as error:
        raise (ForeignToken if error.claim == "aud" else UnreadableToken) from error
    except (jwt.InvalidTokenError, ValueError) as error:
        raise UnreadableToken from error


def decode_token(token: str, key: bytes) -> Claims | None:
    """The claims of a token, or None unless it is well-formed and signed with ``key`` (HS256)."""
    try:
        return verify_token(token, key)
    except (UnreadableToken, ForgedToken):
        return None


def signing_input(claims: Claims, *, algorithm: str) -> str:
    """The part of a token that its signature covers, for whoever has the key of ``algorithm``."""
    header = {"alg": algorithm, "typ": "JWT"}
    return ".".join(_base64(_json(part)) for part in (header, claims))


def with_signature(text: str, signature: bytes) -> str:
    """The token of a ``signing_input`` and its signature."""
    return f"{text}.{_base64(signature)}"


def _json(part: Claims) -> bytes:
    return json.dumps(dict(part), separators=(",", ":"), sort_keys=True).encode()


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
