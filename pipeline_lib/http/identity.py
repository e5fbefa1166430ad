"""Who calls: a shop, an operator, the clock or Shopify, each by its proof.

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
from math import isfinite
from typing import Any
from urllib.parse import urlsplit

from pipeline_lib.http.errors import (
    BadKey,
    BadToken,
    BadTokenSignature,
    BadWebhookSignature,
    ShopNotFound,
    TokenExpired,
    TokenNotYetValid,
    TokenReplayed,
    WrongAudience,
)
from pipeline_lib.http.settings import InterfaceSettings
from pipeline_lib.ports import Identities
from pipeline_lib.records.audit import UsedToken
from pipeline_lib.records.collections import Collections
from pipeline_lib.signing import tokens
from pipeline_lib.signing.tokens import Claims

LEEWAY_S = 10  # the tolerance of Shopify's own libraries
LONGEST_S = 60  # the life of a session token
REPLAYS_KEPT_FOR = timedelta(minutes=10)  # longer than any session token lives
CLAIMS = ("iss", "dest", "aud", "sub", "exp", "nbf", "iat", "jti")
SHOP_DOMAIN = re.compile(r"[a-z0-9][a-z0-9-]{0,60}\.myshopify\.com")


class Access(StrEnum):
    """Whom an operation is open to; of operators, from which role on."""

    ANYONE = "anyone"
    SHOP = "shop"
    LISTENER = "listener"
    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"
    CLOCK = "clock"
    SHOPIFY = "shopify"


RANKS = {Access.VIEWER: 1, Access.OPERATOR: 2, Access.ADMIN: 3}


@dataclass(frozen=True)
class Caller:
    """Who calls; ``name`` is a shop's domain, a role, the clock's account or Shopify's topic.

    ``token_id`` is the id under which a token may be used for one change, None where it has none.
    """

    access: Access
    name: str
    token_id: str | None = None

    def refuse_other_shop(self, named: str | None) -> None:
        """A shop may be named besides, and is the caller's.

        Raises:
            ShopNotFound: it is another.
        """
        if named is not None and named != self.name:
            raise ShopNotFound


def identify_shop(
    token: str, settings: InterfaceSettings, development: bytes | None, now: datetime
) -> Caller:
    """The shop that a session token speaks for.

    Args:
        token: as it came.
        settings: the app's key and secret.
        development: the key of tokens that are minted for a laptop; None where there are none.
        now: when it came.

    Raises:
        BadTokenSignature: another key signed it.
        WrongAudience: it is for another app.
        TokenExpired: its time is over.
        TokenNotYetValid: its time has not come.
        BadToken: it is no session token.
    """
    if development is not None:
        claims = tokens.decode_token(token, development)
        if claims is not None:
            return Caller(Access.SHOP, _shop_of(claims))
    claims = _session_claims(token, settings)
    _refuse_time(claims, now.timestamp())
    if not claims["jti"]:
        raise BadToken("The token has no id (jti)")
    return Caller(Access.SHOP, _shop_of(claims), claims["jti"])


def identify_listener(token: str, key: bytes, upload_id: str | None, now: datetime) -> Caller:
    """The shop whose upload a listen token lets its holder listen to, where it is that upload.

    Raises:
        BadToken: the token is none of ours, or for another upload.
        TokenExpired: its time is over.
    """
    claims = tokens.decode_token(token, key)
    if claims is None or claims.get("upload_id") != upload_id:
        raise BadToken("This is not a token for that upload")
    if now.timestamp() >= claims["exp"]:
        raise TokenExpired
    return Caller(Access.SHOP, str(claims["shop_id"]))


def identify_operator(key: str, settings: InterfaceSettings) -> Caller:
    """The role that a key stands for; every key is compared, whichever fits.

    Raises:
        BadKey: it stands for none.
    """
    given = sha256(key.encode()).digest()
    fits = [
        role
        for role, stored in settings.keys.items()
        if hmac.compare_digest(given, sha256(stored).digest())
    ]
    if not fits:
        raise BadKey
    return Caller(Access(fits[0]), fits[0])


def identify_clock(token: str, settings: InterfaceSettings, identities: Identities) -> Caller:
    """Cloud Scheduler, by the OIDC token that it sends.

    Raises:
        BadToken: the token is another's, or for another service.
    """
    email = identities.email(token, audience=settings.clock_audience)
    if email != settings.clock_account:
        raise BadToken("This is not a token of the clock")
    return Caller(Access.CLOCK, settings.clock_account)


def identify_shopify(
    signature: str, body: bytes, topic: str, settings: InterfaceSettings
) -> Caller:
    """Shopify, by its signature of the body as it came: HMAC-SHA256 with the app's secret, base64.

    Raises:
        BadWebhookSignature: the signature is missing, or another body's.
    """
    right = b64encode(hmac.digest(settings.shopify_client_secret, body, "sha256"))
    if not hmac.compare_digest(right, signature.encode()):
        raise BadWebhookSignature
    return Caller(Access.SHOPIFY, topic)


def use_token(caller: Caller, collections: Collections, now: datetime) -> None:
    """Note that the caller's token was used for a change.

    Raises:
        TokenReplayed: it was used before.
    """
    if caller.token_id is None:
        return
    name = sha256(f"{caller.name}\0{caller.token_id}".encode()).hexdigest()[:40]
    used = UsedToken(token_hash=name, shop_id=caller.name, expires_at=now + REPLAYS_KEPT_FOR)
    if collections.used_tokens.create(used) is None:
        raise TokenReplayed


def _session_claims(token: str, settings: InterfaceSettings) -> Claims:
    try:
        return tokens.verify_token(
            token,
            settings.shopify_client_secret,
            audience=settings.shopify_client_id,
            required=CLAIMS,
        )
    except tokens.ForgedToken as error:
        raise BadTokenSignature from error
    except tokens.ForeignToken as error:
        raise WrongAudience from error
    except tokens.UnreadableToken as error:
        raise BadToken from error


def _refuse_time(claims: Mapping[str, Any], now_s: float) -> None:
    until, since, made = (_seconds(claims[name]) for name in ("exp", "nbf", "iat"))
    if now_s >= until + LEEWAY_S:
        raise TokenExpired
    if now_s < max(since, made) - LEEWAY_S:
        raise TokenNotYetValid
    if until > now_s + LONGEST_S + LEEWAY_S:
        raise BadToken("The token is valid for more than a minute")


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise BadToken("The token's times are not numbers")
    return float(value)


def _shop_of(claims: Mapping[str, Any]) -> str:
    dest, issuer = urlsplit(str(claims.get("dest", ""))), urlsplit(str(claims.get("iss", "")))
    found = dest.hostname or ""
    if not SHOP_DOMAIN.fullmatch(found) or dest.scheme != "https" or issuer.hostname != found:
        raise BadToken("The token's issuer and shop do not agree")
    return found
