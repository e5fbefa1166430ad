"""Who calls: a shop, an operator, the clock, Shopify, each by its proof; not what they may see.

The shop comes from the verified token and from nowhere else.
"""

import hmac
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from pipeline_lib.http.problems import Unauthorised
from pipeline_lib.http.settings import Settings
from pipeline_lib.ports import Documents, Identities
from pipeline_lib.signing import tokens

LEEWAY_S = 10  # the tolerance of Shopify's own libraries
REPLAYS_KEPT_FOR = timedelta(minutes=10)  # longer than any session token lives
SHOP = re.compile(r"[a-z0-9][a-z0-9-]{0,60}\.myshopify\.com")


class Access(StrEnum):
    """Whom an endpoint is open to; of operators, from which role on."""

    ANYONE = "anyone"
    SHOP = "shop"
    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"
    CLOCK = "clock"
    SHOPIFY = "shopify"


RANKS = {Access.VIEWER: 1, Access.OPERATOR: 2, Access.ADMIN: 3}


@dataclass(frozen=True)
class Caller:
    """Who calls; ``name`` is a shop's domain, a role, the clock's account or Shopify's topic.

    ``once`` is the id that a token may be used under for one write, None where there is none.
    """

    access: Access
    name: str
    once: str | None = None


def shop(token: str, settings: Settings, development: bytes | None, now: datetime) -> Caller:
    """The shop that a session token speaks for.

    ``development`` is the key of tokens that are minted for a laptop; None where there are none.

    Raises:
        Unauthorised: the token is not one of ours, is over, or is for another app.
    """
    if development is not None:
        claims = tokens.decode_token(token, development)
        if claims is not None:
            return Caller(Access.SHOP, _shop_in(claims))
    claims = tokens.decode_token(token, settings.shopify_client_secret)
    if claims is None:
        raise Unauthorised(code="BAD_TOKEN")
    _refuse_time(claims, now.timestamp())
    if claims.get("aud") != settings.shopify_client_id:
        raise Unauthorised(code="WRONG_AUDIENCE")
    once = claims.get("jti")
    if not isinstance(once, str) or not once:
        raise Unauthorised("The token has no id (jti)", code="BAD_TOKEN")
    return Caller(Access.SHOP, _shop_in(claims), once)


def listener(token: str, key: bytes, upload_id: str | None, now: datetime) -> Caller:
    """The shop whose upload a listen token lets its holder listen to, where it is that upload.

    Raises:
        Unauthorised: the token is not one of ours, is over, or is for another upload.
    """
    claims = tokens.decode_token(token, key)
    if claims is None or claims.get("upload_id") != upload_id:
        raise Unauthorised(code="BAD_TOKEN")
    if now.timestamp() >= claims["exp"]:
        raise Unauthorised("The token is over; get a new one", code="TOKEN_EXPIRED")
    return Caller(Access.SHOP, str(claims["shop_id"]))


def operator(key: str, settings: Settings) -> Caller:
    """The role that a key stands for; every key is compared, whichever fits.

    Raises:
        Unauthorised: it stands for none.
    """
    fits = [
        role
        for role, stored in settings.keys.items()
        if hmac.compare_digest(sha256(key.encode()).digest(), sha256(stored).digest())
    ]
    if not fits:
        raise Unauthorised(code="BAD_KEY")
    return Caller(Access(fits[0]), fits[0])


def clock(token: str, settings: Settings, identities: Identities) -> Caller:
    """Cloud Scheduler, by the OIDC token that it sends.

    Raises:
        Unauthorised: the token is another's, or for another service.
    """
    email = identities.email(token, audience=settings.clock_audience)
    if email != settings.clock_account:
        raise Unauthorised(code="BAD_TOKEN")
    return Caller(Access.CLOCK, settings.clock_account)


def shopify(signature: str, body: bytes, topic: str, settings: Settings) -> Caller:
    """Shopify, by its signature of the body as it came: HMAC-SHA256 with the app's secret, base64.

    Raises:
        Unauthorised: the signature is missing, or another body's.
    """
    right = b64encode(hmac.digest(settings.shopify_client_secret, body, "sha256"))
    if not hmac.compare_digest(right, signature.encode()):
        raise Unauthorised("The signature is not the body's", code="BAD_SIGNATURE")
    return Caller(Access.SHOPIFY, topic)


def use_once(caller: Caller, documents: Documents, now: datetime) -> None:
    """Note that the caller's token was used for a write.

    Raises:
        Unauthorised: it was used before.
    """
    if caller.once is None:
        return
    name = sha256(f"{caller.name}\0{caller.once}".encode()).hexdigest()[:40]
    seen = {"shop_id": caller.name, "expires_at": now + REPLAYS_KEPT_FOR}
    if documents.swap(f"replays/{name}", seen, since=None) is None:
        raise Unauthorised(
            "This token was used before; get a new one for each change", code="TOKEN_REPLAYED"
        )


def _refuse_time(claims: Mapping[str, Any], now_s: float) -> None:
    until, since = claims.get("exp"), claims.get("nbf")
    if not isinstance(until, int | float) or not isinstance(since, int | float):
        raise Unauthorised(code="BAD_TOKEN")
    if now_s >= until + LEEWAY_S:
        raise Unauthorised("The token is over; get a new one", code="TOKEN_EXPIRED")
    if now_s < since - LEEWAY_S:
        raise Unauthorised("The token is not valid yet", code="TOKEN_EARLY")


def _shop_in(claims: Mapping[str, Any]) -> str:
    dest, issuer = urlsplit(str(claims.get("dest", ""))), urlsplit(str(claims.get("iss", "")))
    found = dest.hostname or ""
    if not SHOP.fullmatch(found) or dest.scheme != "https" or issuer.hostname != found:
        raise Unauthorised("The token's issuer and shop do not agree", code="BAD_TOKEN")
    return found
