"""Files that come through the interface itself, as forms or as text, and how they stand."""

from typing import Any

from pipeline_lib.http import receipt
from pipeline_lib.http.bodies.uploads import (
    CsvForm,
    CsvUpload,
    CsvUploads,
    FileState,
    GenerationStatus,
    PageAsked,
    Received,
)
from pipeline_lib.http.endpoint import LARGE, Call, Endpoint
from pipeline_lib.http.identity import Access
from pipeline_lib.http.problems import Conflict, Invalid
from pipeline_lib.http.shapes import Nothing
from pipeline_lib.http.shelf import Shelf, own, own_ones, page
from pipeline_lib.ports import Data, Order


def sent(call: Call, asked: CsvForm) -> Received:
    """Take one file of a run."""
    call.own_shop(asked.shopId)
    if call.sent is None or not call.sent.data:
        raise Invalid("file: send a CSV file", code="NO_FILE")
    kind = asked.csvType or receipt.detected(call.sent.data, call.sent.name)
    return accept(call, kind, call.sent.data, asked.runId, call.sent.name)


def accept(call: Call, kind: str, data: bytes, run_id: str | None, name: str) -> Received:
    """Keep a file of a run: the shop's files of one run go to one upload.

    Raises:
        Conflict: another file of the type came before, or the run has begun.
    """
    run = run_id or call.world.new_id()
    upload_id = receipt.of_run(call, run)
    parameters = {"source": "upload_csv", "run_id": run, "file_name": name}
    receipt.open_session(call, upload_id, receipt.FOUR, parameters, "full")
    receipt.put(call, upload_id, receipt.SLOTS[kind], data)
    return Received(uploadId=upload_id, runId=run)


def status(call: Call, asked: Nothing) -> GenerationStatus:  # noqa: ARG001
    """How the upload stands."""
    upload = own(call, "uploads", call.path["uploadId"])
    found = call.documents.read(f"progress/{upload['upload_id']}")
    progress: Data = {} if found is None or not upload["run"] else found.data
    counts = progress.get("metadata", {})
    state = receipt.state(upload)
    return GenerationStatus.model_validate(
        {
            "upload_id": upload["upload_id"],
            "status": state,
            "current_phase": progress.get("step") or "upload",
            "progress_percentage": progress.get("progress", 0),
            "phase_message": progress.get("message", _waiting(upload)),
            "bundles_generated": counts.get("recommendations", counts.get("published", 0)),
            "estimated_time_remaining_seconds": counts.get("time_remaining")
            if state == "processing"
            else 0,
            "started_at": upload["begun_at"],
            "completed_at": upload["completed_at"],
            "error_message": error_message(upload),
        }
    )


def listed(call: Call, asked: PageAsked) -> CsvUploads:
    """The shop's uploads."""
    call.own_shop(asked.shopId)
    shelf = Shelf("uploads", own_ones(call), Order("created_at", down=True))
    part, following = page(call, shelf, limit=asked.limit, cursor=asked.cursor)
    return CsvUploads(uploads=[_upload(one) for one in part], next_cursor=following)


def one(call: Call, asked: Nothing) -> CsvUpload:  # noqa: ARG001
    """One upload."""
    return _upload(own(call, "uploads", call.path["id"]))


def error_message(upload: Data) -> str | None:
    """What the shop is told of a run that failed."""
    if upload["error"] is not None:
        return str(upload["error"]["message"])
    return "The run was cancelled" if upload["status"] == "cancelled" else None


def rows_and_bundles(upload: Data) -> tuple[int, int]:
    """How many rows were read and how many bundles came of them."""
    phases = upload["phases"]
    rows = phases.get("ingest", {}).get("input", {}).get("rows")
    rows = upload["parameters"].get("row_count", 0) if rows is None else rows
    return rows, phases.get("finalize", {}).get("output", {}).get("recommendations", 0)


def _upload(upload: Data) -> CsvUpload:
    rows, bundles = rows_and_bundles(upload)
    slots, told = upload["slots"], upload["parameters"]
    landed = [slot for slot, state in slots.items() if state["landed_at"] is not None]
    kind = upload["kind"] if upload["kind"] == "quick_install" else ",".join(landed)
    return CsvUpload(
        id=upload["upload_id"],
        run_id=told.get("run_id", upload["upload_id"]),
        shop_id=upload["shop_id"],
        status=upload["status"],
        filename=told.get("file_name"),
        csv_type=kind,
        total_rows=rows,
        processed_rows=bundles,
        error_message=error_message(upload),
        processing_params=_params(told),
        files=[FileState(csvType=slot, landed_at=slots[slot]["landed_at"]) for slot in slots],
        created_at=upload["created_at"],
        updated_at=upload["updated_at"],
    )


def _params(told: Data) -> dict[str, Any]:
    names = ("source", "file_name", "row_count", "flags")
    return {name: told[name] for name in names if name in told}


def _waiting(upload: Data) -> str:
    missing = [slot for slot, state in upload["slots"].items() if state["landed_at"] is None]
    return f"Waiting for files: {', '.join(missing)}" if missing else "All files are here"


ROWS = (
    Endpoint(
        "POST",
        "/api/upload-csv",
        "Send one file of a run; with the fourth the run begins",
        Access.SHOP,
        sent,
        Received,
        (17, 19, 22, 31, 61, 100, 101, 109),
        asks=CsvForm,
        body="form",
        most_bytes=LARGE,
        refuses=(Conflict,),
    ),
    Endpoint(
        "GET",
        "/api/upload-status/{uploadId}",
        "How an upload stands",
        Access.SHOP,
        status,
        GenerationStatus,
        (32, 63, 89, 107),
    ),
    Endpoint(
        "GET",
        "/api/csv-uploads",
        "The shop's uploads, the newest first",
        Access.SHOP,
        listed,
        CsvUploads,
        (33,),
        asks=PageAsked,
    ),
    Endpoint(
        "GET", "/api/csv-uploads/{id}", "One upload", Access.SHOP, one, CsvUpload, (34, 117, 118)
    ),
)
