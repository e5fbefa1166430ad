"""Runs: begin, go on, cancel, and how far one is; the run itself is done elsewhere."""

from pipeline_lib.errors import NothingToRedrive, ShopBusy
from pipeline_lib.http import receipt
from pipeline_lib.http.bodies.generation import (
    Cancelled,
    Generate,
    Generated,
    Progress,
    Resumed,
    Started,
)
from pipeline_lib.http.endpoint import Call, Endpoint
from pipeline_lib.http.how_far import OFTEN_MS, told
from pipeline_lib.http.identity import Access
from pipeline_lib.http.problems import Conflict
from pipeline_lib.http.shapes import Nothing
from pipeline_lib.http.shelf import own
from pipeline_lib.messages import Work
from pipeline_lib.records import uploads
from pipeline_lib.runs import onwards
from pipeline_lib.runs.amend import amend, end_run
from pipeline_lib.runs.redrive import redrive


def generated(call: Call, asked: Generate) -> Generated:
    """Begin the upload's run, or find it under way."""
    begin(call, asked.csvUploadId)
    upload = own(call, "uploads", asked.csvUploadId)
    return Generated(
        result=Started(
            uploadId=upload["upload_id"],
            run=upload["run"],
            poll_after_ms=OFTEN_MS,
        )
    )


def begin(call: Call, upload_id: str) -> None:
    """Begin the upload's next run unless one is under way.

    Raises:
        Conflict: no file has arrived, or another upload of the shop is being worked on.
        Unavailable: an operator has switched it off for the shop.
    """
    upload = own(call, "uploads", upload_id)
    if upload["status"] != "processing":
        receipt.start(call, upload_id)


def resumed(call: Call, asked: Nothing) -> Resumed:  # noqa: ARG001
    """Set a failed run going again where it stopped; what is done stays done."""
    upload = own(call, "uploads", call.path["id"])
    try:
        phases = redrive(call.world.ports, upload["upload_id"], now=call.now)
    except NothingToRedrive as reason:
        raise Conflict(str(reason), code="NOTHING_TO_RESUME") from reason
    except ShopBusy as reason:
        raise Conflict(str(reason), code=reason.code) from reason
    return Resumed(uploadId=upload["upload_id"], phases=phases)


def cancelled(call: Call, asked: Nothing) -> Cancelled:  # noqa: ARG001
    """End the run; a phase at work learns it at its next heartbeat."""
    upload = own(call, "uploads", call.path["id"])
    if upload["status"] not in {*uploads.LIVE, "cancelled"}:
        raise Conflict(f"The run is over: it {upload['status']}", code="RUN_OVER")
    path = f"uploads/{upload['upload_id']}"
    amend(call.documents, path, lambda data: {**data, "cancel_requested": True})
    work = Work(upload["upload_id"], upload["run"])
    if upload["run"]:
        end_run(call.documents, work, status="cancelled", message="Cancelled", now=call.now)
    else:
        onwards.abandon(call.documents, upload["upload_id"], now=call.now)
    receipt.next_one(call)
    return Cancelled(uploadId=upload["upload_id"])


def seen(call: Call, asked: Nothing) -> Progress:  # noqa: ARG001
    """How far the run is: a pure read."""
    upload = own(call, "uploads", call.path["uploadId"])
    found = call.documents.read(f"progress/{upload['upload_id']}")
    return told(call, upload, None if found is None else found.data)


ROWS = (
    Endpoint(
        "POST",
        "/api/generate-bundles",
        "Begin an upload's run",
        Access.SHOP,
        generated,
        Generated,
        (17, 22, 35, 71),
        asks=Generate,
        body="json",
        status=202,
        refuses=(Conflict,),
    ),
    Endpoint(
        "POST",
        "/api/generate-bundles/{id}/resume",
        "Set a failed run going again where it stopped",
        Access.SHOP,
        resumed,
        Resumed,
        (28, 37, 243),
        status=202,
        refuses=(Conflict,),
    ),
    Endpoint(
        "POST",
        "/api/generate-bundles/{id}/cancel",
        "End a run",
        Access.SHOP,
        cancelled,
        Cancelled,
        (245,),
        refuses=(Conflict,),
        paused_too=False,
    ),
    Endpoint(
        "GET",
        "/api/generation-progress/{uploadId}",
        "How far a run is, and when to ask again",
        Access.SHOP,
        seen,
        Progress,
        (30, 38, 64, 65, 209, 332),
    ),
)
