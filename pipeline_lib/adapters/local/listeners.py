"""Tokens that open the event stream of one upload of this process; they stand for Firebase's."""

from datetime import datetime, timedelta
from urllib.parse import urlencode

from pipeline_lib.listeners import Listening
from pipeline_lib.signing import tokens

STREAM = "/api/generate-bundles/stream"


class OwnListeners:
    """Tokens signed with ``key``, in the address: an ``EventSource`` sends no headers."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def admitted(
        self, *, shop_id: str, upload_id: str, now: datetime, valid: timedelta
    ) -> Listening:
        until = now + valid
        claims = {"shop_id": shop_id, "upload_id": upload_id, "exp": int(until.timestamp())}
        token = tokens.minted(claims, self._key)
        query = urlencode({"csvUploadId": upload_id, "listenToken": token})
        return Listening(token, "events", f"{STREAM}?{query}", until)
