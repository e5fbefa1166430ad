"""Upload sessions: signed addresses for a shop's files, what has arrived, the start of the run."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from pipeline_lib.http import receipt
from pipeline_lib.http.bodies.uploads import CsvType
from pipeline_lib.http.endpoint import BY_SIGNED_URL, Call, Endpoint, Sent, Text
from pipeline_lib.http.identity import Access
from pipeline_lib.http.problems import Conflict, Forbidden, Invalid, Malformed, NotFound
from pipeline_lib.http.shapes import Nothing, Shape, Taken
from pipeline_lib.http.shelf import own
from pipeline_lib.ports import Data
from pipeline_lib.signing import signed_puts

VALID = timedelta(hours=1)


class Declared(Taken):
    """A file that the shop will send; ``size`` in bytes, where it is known."""

    csvType: CsvType
    size: Annotated[int, Field(ge=1, le=BY_SIGNED_URL)] | None = None
    contentType: Literal["text/csv", "application/gzip"] = "text/csv"


class Declaration(Taken):
    """The files that the shop will send; the run begins when all are there."""

    files: Annotated[list[Declared], Field(min_length=1, max_length=4)]


class Address(Shape):
    """Where to send a file: with that method and those headers, before it expires."""

    url: str
    method: Literal["PUT"] = "PUT"
    headers: dict[str, str]
    expires_at: datetime


class Slot(Shape):
    """A file's place."""

    csvType: str
    state: Literal["waiting", "landed"]
    landed_at: datetime | None
    upload: Address | None = None


class Session(Shape):
    """An upload and its slots; ``status`` as it is stored."""

    uploadId: str
    status: str
    run: int
    files: list[Slot]
    created_at: datetime


def opened(call: Call, asked: Declaration) -> Session:
    """Open a session."""
    types = tuple(one.csvType for one in asked.files)
    if len({receipt.SLOTS[one] for one in types}) < len(types):
        raise Invalid("files: two are of one type", code="SAME_TYPE_TWICE")
    upload_id = call.world.new_id()
    receipt.open_session(call, upload_id, types, {"source": "signed_url"}, "full")
    addresses = {receipt.SLOTS[one.csvType]: _address(call, upload_id, one) for one in asked.files}
    return _session(own(call, "uploads", upload_id), addresses)


def seen(call: Call, asked: Nothing) -> Session:  # noqa: ARG001
    """What has arrived."""
    return _session(own(call, "uploads", call.path["id"]), {})


def started(call: Call, asked: Nothing) -> Session:  # noqa: ARG001
    """Begin the run with the files that are there."""
    own(call, "uploads", call.path["id"])
    receipt.start(call, call.path["id"])
    return _session(own(call, "uploads", call.path["id"]), {})


def taken(call: Call, asked: Nothing) -> Text:  # noqa: ARG001
    """Take a file at an address that this process signed."""
    key, name, sent = call.world.put_key, call.path["file"], call.sent or Sent("", b"")
    if key is None:
        raise NotFound(code="NO_SUCH_PATH")
    grant = signed_puts.verify_grant(name, call.query, key)
    if grant is None:
        raise Forbidden("The address was not signed as it is", code="BAD_SIGNATURE")
    if call.now >= datetime.fromtimestamp(grant.expires_s, UTC):
        raise Forbidden("The address has expired; ask for another", code="EXPIRED_URL")
    for header, value in signed_puts.grant_headers(grant).items():
        if call.headers.get(header.lower()) != value:
            raise Forbidden(f"Send the header {header}: {value}", code="BAD_SIGNATURE")
    if not 0 < len(sent.data) <= grant.most_bytes:
        raise Malformed(f"The file has 1 to {grant.most_bytes} bytes", code="BAD_SIZE")
    if not call.world.ports.landing.write_once(name, sent.data):
        raise Conflict("A file was sent there before", code="FILE_EXISTS")
    receipt.noted(call, name)
    return Text("", "text/plain")


def _address(call: Call, upload_id: str, one: Declared) -> Address:
    slot = receipt.SLOTS[one.csvType]
    signed = call.world.uploads.signed_put(
        f"{upload_id}/{slot}/{slot}.csv",
        content_type=one.contentType,
        most_bytes=one.size or BY_SIGNED_URL,
        now=call.now,
        valid=VALID,
    )
    return Address(url=signed.url, headers=dict(signed.headers), expires_at=signed.expires_at)


def _session(upload: Data, addresses: dict[str, Address]) -> Session:
    return Session(
        uploadId=upload["upload_id"],
        status=upload["status"],
        run=upload["run"],
        created_at=upload["created_at"],
        files=[
            Slot(
                csvType=slot,
                state="waiting" if state["landed_at"] is None else "landed",
                landed_at=state["landed_at"],
                upload=addresses.get(slot),
            )
            for slot, state in upload["slots"].items()
        ],
    )


SHOP = Access.SHOP
ROWS = (
    Endpoint(
        "POST",
        "/api/uploads",
        "Open an upload: an address for each file",
        SHOP,
        opened,
        Session,
        (4, 60, 109, 357),
        asks=Declaration,
        body="json",
        status=201,
    ),
    Endpoint("GET", "/api/uploads/{id}", "What has arrived", SHOP, seen, Session, (60,)),
    Endpoint(
        "POST",
        "/api/uploads/{id}/start",
        "Begin the run with the files that are there",
        SHOP,
        started,
        Session,
        (22, 60),
        status=202,
        refuses=(Conflict,),
    ),
    Endpoint(
        "PUT",
        "/files/{file}",
        "Send a file to a signed address (where no bucket does it)",
        Access.ANYONE,
        taken,
        "text/plain",
        (5, 60),
        body="raw",
        most_bytes=BY_SIGNED_URL + 1,
        refuses=(Forbidden, Conflict),
    ),
)
