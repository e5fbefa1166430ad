"""Google's OpenID Connect tokens, checked against Google's keys; it knows no account."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from time import time

import requests
from google.auth import exceptions, jwt

from pipeline_lib.errors import StoreUnavailable

ISSUERS = {"accounts.google.com", "https://accounts.google.com"}
LEEWAY_S = 10
CERTIFICATES, PATIENCE_S, HOUR_S = "https://www.googleapis.com/oauth2/v1/certs", 10, 3600

Certificates = Callable[[], Mapping[str, str]]


class GoogleIdentities:
    """Tokens signed by one of ``certificates``, which are asked for at each call."""

    def __init__(self, certificates: Certificates) -> None:
        self._certificates = certificates

    def email(self, token: str, *, audience: str) -> str | None:
        try:
            claims = jwt.decode(  # type: ignore[no-untyped-call]
                token,
                certs=self._certificates(),
                audience=audience,
                clock_skew_in_seconds=LEEWAY_S,
            )
        except (ValueError, exceptions.GoogleAuthError):
            return None
        known = claims.get("iss") in ISSUERS and claims.get("email_verified") is True
        return str(claims["email"]) if known else None


def hourly() -> Mapping[str, str]:
    """Google's certificates, fetched at most once an hour.

    Raises:
        StoreUnavailable: Google did not answer.
    """
    return _fetched(int(time() // HOUR_S))


@lru_cache(maxsize=1)
def _fetched(hour: int) -> Mapping[str, str]:  # noqa: ARG001 - makes it another call
    try:
        answer = requests.get(CERTIFICATES, timeout=PATIENCE_S)
        answer.raise_for_status()
        found: Mapping[str, str] = answer.json()
    except requests.RequestException as error:
        raise StoreUnavailable("Google's certificates can not be had") from error
    return found
