"""Upload addresses and tokens that this process signs itself; the local twin of Google's."""

from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from pipeline_lib.listeners import Listening
from pipeline_lib.ports import SignedPut
from pipeline_lib.signing import signed_puts, tokens

STREAM = "/api/generate-bundles/stream"


class LocalUploads:
    """Addresses below ``base_url``, signed with ``key``."""

    def __init__(self, base_url: str, key: bytes) -> None:
        self._base_url = base_url.rstrip("/")
        self._key = key

    def signed_put(
        self, name: str, *, content_type: str, most_bytes: int, now: datetime, valid: timedelta
    ) -> SignedPut:
        until = now + valid
        grant = signed_puts.Grant(name, content_type, most_bytes, int(until.timestamp()))
        query = urlencode(signed_puts.grant_query(grant, self._key))
        url = f"{self._base_url}/files/{quote(name)}?{query}"
        return SignedPut(url, signed_puts.grant_headers(grant), until)


class LocalListeners:
    """Tokens signed with ``key``, in the address: an ``EventSource`` sends no headers."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def admit(self, *, shop_id: str, upload_id: str, now: datetime, valid: timedelta) -> Listening:
        until = now + valid
        claims = {"shop_id": shop_id, "upload_id": upload_id, "exp": int(until.timestamp())}
        token = tokens.encode_token(claims, self._key)
        query = urlencode({"csvUploadId": upload_id, "listenToken": token})
        return Listening(token, "events", f"{STREAM}?{query}", until)


class LocalIdentities:
    """Whoever holds ``key`` may speak for any account."""

    def __init__(self, key: bytes, clock: Callable[[], datetime]) -> None:
        self._key = key
        self._clock = clock

    def token(self, email: str, *, audience: str, valid_s: int) -> str:
        """A token for the account, as Cloud Scheduler would send it."""
        until = self._clock().timestamp() + valid_s
        return tokens.encode_token({"email": email, "aud": audience, "exp": until}, self._key)

    def email(self, token: str, *, audience: str) -> str | None:
        claims = tokens.decode_token(token, self._key)
        if claims is None or claims.get("aud") != audience:
            return None
        return str(claims["email"]) if claims["exp"] > self._clock().timestamp() else None
