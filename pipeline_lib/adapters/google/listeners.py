"""Custom tokens with which a client signs in to Firebase and listens; the rules decide what to."""

from datetime import datetime, timedelta
from hashlib import sha256

from google.auth.credentials import Signing

from pipeline_lib.adapters.google.errors import translated
from pipeline_lib.listeners import Listening
from pipeline_lib.signing import tokens

AUDIENCE = (
    "https://identitytoolkit.googleapis.com/google.identity.identitytoolkit.v1.IdentityToolkit"
)
UID_LENGTH = 28  # as Firebase's own


class FirebaseListeners:
    """Tokens that ``signing`` signs; ``infra/firestore.rules`` reads their claims."""

    def __init__(self, signing: Signing) -> None:
        self._signing = signing

    def admitted(
        self, *, shop_id: str, upload_id: str, now: datetime, valid: timedelta
    ) -> Listening:
        with translated():
            account = self._signing.signer_email
        text = tokens.unsigned(
            {
                "iss": account,
                "sub": account,
                "aud": AUDIENCE,
                "iat": int(now.timestamp()),
                "exp": int((now + valid).timestamp()),
                "uid": sha256(f"{shop_id}\0{upload_id}".encode()).hexdigest()[:UID_LENGTH],
                "claims": {"shop_id": shop_id, "upload_id": upload_id},
            },
            algorithm="RS256",
        )
        with translated():
            signature: bytes = self._signing.sign_bytes(text.encode())  # type: ignore[no-untyped-call]
        token = tokens.signed(text, signature)
        return Listening(token, "firestore", f"progress/{upload_id}", now + valid)
