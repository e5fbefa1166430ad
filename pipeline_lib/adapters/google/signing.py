"""Signed addresses to which a shop sends its files itself; no file passes through here."""

from datetime import datetime, timedelta

from google.auth.credentials import Credentials, Signing
from google.auth.iam import Signer
from google.auth.transport import Request
from google.cloud.storage import Bucket

from pipeline_lib.adapters.google.errors import translated
from pipeline_lib.adapters.names import parts_of
from pipeline_lib.ports import SignedPut

LENGTH = "x-goog-content-length-range"


class BucketUploads:
    """Addresses of objects of ``bucket``, signed in the manner V4 by ``signing``."""

    def __init__(self, bucket: Bucket, signing: Signing) -> None:
        self._bucket = bucket
        self._signing = signing

    def signed_put(
        self, name: str, *, content_type: str, most_bytes: int, now: datetime, valid: timedelta
    ) -> SignedPut:
        bounds = {LENGTH: f"0,{most_bytes}"}
        with translated():
            url = self._bucket.blob("/".join(parts_of(name))).generate_signed_url(
                version="v4",
                method="PUT",
                expiration=valid,
                content_type=content_type,
                headers=dict(bounds),  # it adds to them
                credentials=self._signing,
            )
        return SignedPut(url, {"Content-Type": content_type, **bounds}, now + valid)


class Keyless(Signing):
    """Signs by asking IAM (``signBlob``) in the name of ``credentials``, which have no key."""

    def __init__(self, credentials: Credentials, transport: Request) -> None:
        self._credentials = credentials
        self._transport = transport

    @property
    def signer_email(self) -> str:
        if not self._credentials.valid:  # only a token's refresh tells whose it is
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
