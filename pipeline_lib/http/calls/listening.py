"""A token with which a client listens to one upload's progress; nothing is listened to here."""

from datetime import datetime, timedelta
from typing import Literal

from pipeline_lib.http.bodies.generation import UploadId
from pipeline_lib.http.endpoint import Call, Endpoint
from pipeline_lib.http.identity import Access
from pipeline_lib.http.shapes import Shape, Taken
from pipeline_lib.http.shelf import own

VALID = timedelta(hours=1)


class ListenAsked(Taken):
    """To which upload."""

    uploadId: UploadId


class ListenToken(Shape):
    """A token for one upload, and where to use it before it expires.

    On ``firestore`` sign in with it as a Firebase custom token and listen to the document
    ``path``; on ``events`` open ``path`` as an event stream: it holds the token.
    """

    uploadId: str
    token: str
    channel: Literal["firestore", "events"]
    path: str
    expires_at: datetime


def given(call: Call, asked: ListenAsked) -> ListenToken:
    """Let a client of the shop listen to one of its uploads."""
    upload = own(call, "uploads", asked.uploadId)
    found = call.world.listeners.admit(
        shop_id=call.shop, upload_id=upload["upload_id"], now=call.now, valid=VALID
    )
    return ListenToken.model_validate({"uploadId": upload["upload_id"], **vars(found)})


ROWS = (
    Endpoint(
        "POST",
        "/api/listen-token",
        "A token to listen to one upload's progress",
        Access.SHOP,
        given,
        ListenToken,
        (4, 223, 331, 376),
        asks=ListenAsked,
        body="json",
        paused_too=False,
    ),
)
