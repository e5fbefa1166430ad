"""Google's OpenID Connect tokens, checked against Google's keys."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from time import time

import requests
from google.auth import exceptions, jwt

from pipeline_lib.errors import StoreUnavailable

ISSUERS = {"accounts.google.com", "https://accounts.google.com"}
LEEWAY_S = 10
CERTIFICATES = "https://www.googleapis.com/oauth2/v1/certs"
TIMEOUT_S, HOUR_S = 10, 3600

Certificates = Callable[[], Mapping[str, str]]


class GoogleIdentities:
    """Tokens signed by one of ``certificates``, which are looked up at each call."""

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


def hourly_certificates() -> Mapping[str, str]:
    """Google's certificates, fetched at most once an hour.

    Raises:
        StoreUnavailable: Google did not answer.
    """
    return _fetch_certificates(int(time() // HOUR_S))


@lru_cache(maxsize=1)
def _fetch_certificates(hour: int) -> Mapping[str, str]:  # noqa: ARG001 - a new hour is a new cache key
    try:
        answer = requests.get(CERTIFICATES, timeout=TIMEOUT_S)
        answer.raise_for_status()
        found: Mapping[str, str] = answer.json()
    except requests.RequestException as error:
        raise StoreUnavailable("Google's certificates cannot be fetched") from error
    return found
