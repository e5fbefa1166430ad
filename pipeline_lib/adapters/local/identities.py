"""Tokens of accounts that only this machine knows; no account of any cloud."""

from collections.abc import Callable
from datetime import datetime

from pipeline_lib.signing import tokens


class OwnIdentities:
    """Whoever holds ``key`` may speak for any account."""

    def __init__(self, key: bytes, clock: Callable[[], datetime]) -> None:
        self._key = key
        self._clock = clock

    def token(self, email: str, *, audience: str, valid_s: int) -> str:
        """A token for the account, as Cloud Scheduler would send it."""
        until = self._clock().timestamp() + valid_s
        return tokens.minted({"email": email, "aud": audience, "exp": until}, self._key)

    def email(self, token: str, *, audience: str) -> str | None:
        claims = tokens.claims_in(token, self._key)
        if claims is None or claims.get("aud") != audience:
            return None
        return str(claims["email"]) if claims["exp"] > self._clock().timestamp() else None
