"""What a service account signs: upload addresses, and tokens to listen with."""

from datetime import datetime, timedelta
from hashlib import sha256

from google.auth.credentials import Credentials, Signing
from google.auth.iam import Signer
from google.auth.transport import Request
from google.cloud.storage import Bucket

from pipeline_lib.adapters.blob_names import name_parts
from pipeline_lib.adapters.google.errors import translate_google_errors
from pipeline_lib.listeners import Listening
from pipeline_lib.ports import SignedPut
from pipeline_lib.signing import tokens

LENGTH = "x-goog-content-length-range"
FIREBASE_AUDIENCE = (
    "https://identitytoolkit.googleapis.com/google.identity.identitytoolkit.v1.IdentityToolkit"
)
UID_LENGTH = 28  # as Firebase's own


class BucketUploads:
    """Addresses of objects of ``bucket``, signed with V4 by ``signing``."""

    def __init__(self, bucket: Bucket, signing: Signing) -> None:
        self._bucket = bucket
        self._signing = signing

    def signed_put(
        self, name: str, *, content_type: str, most_bytes: int, now: datetime, valid: timedelta
    ) -> SignedPut:
        bounds = {LENGTH: f"0,{most_bytes}"}
        with translate_google_errors():
            url = self._bucket.blob("/".join(name_parts(name))).generate_signed_url(
                version="v4",
                method="PUT",
                expiration=valid,
                content_type=content_type,
                headers=dict(bounds),  # the library adds to it
                credentials=self._signing,
            )
        return SignedPut(url, {"Content-Type": content_type, **bounds}, now + valid)


class FirebaseListeners:
    """Tokens that ``signing`` signs; ``infra/firestore.rules`` reads their claims."""

    def __init__(self, signing: Signing) -> None:
        self._signing = signing

    def admit(self, *, shop_id: str, upload_id: str, now: datetime, valid: timedelta) -> Listening:
        with translate_google_errors():
            account = self._signing.signer_email
        text = tokens.signing_input(
            {
                "iss": account,
                "sub": account,
                "aud": FIREBASE_AUDIENCE,
                "iat": int(now.timestamp()),
                "exp": int((now + valid).timestamp()),
                "uid": sha256(f"{shop_id}\0{upload_id}".encode()).hexdigest()[:UID_LENGTH],
                "claims": {"shop_id": shop_id, "upload_id": upload_id},
            },
            algorithm="RS256",
        )
        with translate_google_errors():
            signature: bytes = self._signing.sign_bytes(text.encode())  # type: ignore[no-untyped-call]
        token = tokens.with_signature(text, signature)
        return Listening(token, "firestore", f"progress/{upload_id}", now + valid)


class KeylessSigning(Signing):
    """Signs by asking IAM (``signBlob``) in the name of ``credentials``, which have no key."""

    def __init__(self, credentials: Credentials, transport: Request) -> None:
        self._credentials = credentials
        self._transport = transport

    @property
    def signer_email(self) -> str:
        if not self._credentials.valid:  # the account is known only after a refresh
            self._credentials.refresh(self._transport)  # type: ignore[no-untyped-call]
        return str(getattr(self._credentials, "service_account_email", ""))

    @property
    def signer(self) -> Signer:
        return Signer(  # type: ignore[no-untyped-call]
            self._transport, self._credentials, self.signer_email
        )

    def sign_bytes(self, message: bytes) -> bytes:
        signature: bytes = self.signer.sign(message)
        return signature
