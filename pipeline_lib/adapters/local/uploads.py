"""Addresses of this very process to which files are sent; it takes none itself."""

from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from pipeline_lib.ports import SignedPut
from pipeline_lib.signing import signed_puts


class OwnUploads:
    """Addresses below ``base_url``, signed with ``key``."""

    def __init__(self, base_url: str, key: bytes) -> None:
        self._base_url = base_url.rstrip("/")
        self._key = key

    def signed_put(
        self, name: str, *, content_type: str, most_bytes: int, now: datetime, valid: timedelta
    ) -> SignedPut:
        until = now + valid
        grant = signed_puts.Grant(name, content_type, most_bytes, int(until.timestamp()))
        query = urlencode(signed_puts.query(grant, self._key))
        url = f"{self._base_url}/files/{quote(name)}?{query}"
        return SignedPut(url, signed_puts.headers(grant), until)
