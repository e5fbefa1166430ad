"""Tokens with which a client without an account listens to one upload's progress."""

from datetime import datetime, timedelta
from typing import Literal

from fastapi import APIRouter

from pipeline_lib.http.door import Door, ShopCaller
from pipeline_lib.http.reading import own_upload
from pipeline_lib.http.services import Services
from pipeline_lib.http.shapes import Answer, Body, UploadId, example
from pipeline_lib.http.uploads import EXAMPLE_ID

router = APIRouter(tags=["runs"], route_class=Door)

VALID = timedelta(hours=1)


class ListenTokenRequest(Body):
    """To which upload."""

    model_config = example({"uploadId": EXAMPLE_ID})

    uploadId: UploadId


class ListenToken(Answer):
    """A token for one upload, and where to use it before it expires.

    On ``firestore`` sign in with it as a Firebase custom token and listen to the document
    ``path``; on ``events`` open ``path`` as an event stream: it holds the token.
    """

    model_config = example(
        {
            "uploadId": EXAMPLE_ID,
            "token": "eyJhbGciOiJSUzI1NiJ9.e30.c2ln",
            "channel": "firestore",
            "path": f"progress/{EXAMPLE_ID}",
            "expires_at": "2026-03-02T10:00:00Z",
        }
    )

    uploadId: str
    token: str
    channel: Literal["firestore", "events"]
    path: str
    expires_at: datetime


@router.post("/api/listen-token")
def create_listen_token(
    body: ListenTokenRequest, caller: ShopCaller, services: Services
) -> ListenToken:
    """Get a token to listen to one upload's progress."""
    upload = own_upload(services, caller, body.uploadId)
    found = services.listeners.admit(
        shop_id=caller.name, upload_id=upload.upload_id, now=services.now(), valid=VALID
    )
    return ListenToken(
        uploadId=upload.upload_id,
        token=found.token,
        channel=found.channel,
        path=found.path,
        expires_at=found.expires_at,
    )
