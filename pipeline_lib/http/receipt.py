"""How a shop's files come in: sessions with slots, and files that come through here; no shapes."""

import csv
import io
from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from pipeline_lib import topology
from pipeline_lib.errors import BadExport, ShopBusy, SwitchedOff
from pipeline_lib.http.endpoint import Call
from pipeline_lib.http.problems import Conflict, Invalid, NotFound, Unavailable
from pipeline_lib.messages import Landed, Work
from pipeline_lib.ports import Data
from pipeline_lib.records import flags as switches
from pipeline_lib.runs import intake, onwards

SLOTS = {  # requirement 95: the slot that each type of file comes in
    "orders": "orders",
    "variants": "products",
    "products": "products",
    "inventory": "inventory",
    "inventory_levels": "inventory",
    "catalog": "catalog",
    "catalog_joined": "catalog",
    "quick_install": "products",
}
BY_KIND = {  # the type of a file that does not say it, by what its header tells
    "orders": "orders",
    "order_lines": "orders",
    "products": "products",
    "catalogue": "catalog",
    "quick_install": "quick_install",
    "inventory": "inventory",
}
FOUR = ("orders", "variants", "inventory", "catalog")  # requirement 22: with these a run begins
ENABLED = "bundling.enabled"
NO_FILES = "No file has arrived yet; send one first"


def open_session(
    call: Call, upload_id: str, types: tuple[str, ...], parameters: Mapping[str, Any], kind: str
) -> bool:
    """Open an upload with a slot for each type; False when there is one of that id."""
    slots = {SLOTS[one]: f"{upload_id}/{SLOTS[one]}/{SLOTS[one]}.csv" for one in types}
    return intake.open_upload(
        call.documents,
        upload_id=upload_id,
        shop_id=call.shop,
        slots=slots,
        parameters=parameters,
        now=call.now,
        kind=kind,
        fixed=call.world.settings.overrides,
    )


def of_run(call: Call, run_id: str) -> str:
    """The id of the upload that all files of the shop's run go to."""
    return str(uuid5(NAMESPACE_URL, f"{call.shop}/{run_id}"))


def detected(data: bytes, name: str) -> str:
    """The type of a file by its header.

    Raises:
        Invalid: it is none that is known.
    """
    from pipeline_lib.exports import survey  # noqa: PLC0415 - frames take a third of a second

    try:
        return BY_KIND[survey(io.BytesIO(data), file=name or "file.csv").kind]
    except BadExport as error:
        raise Invalid(str(error), code="BAD_EXPORT") from error


def put(call: Call, upload_id: str, slot: str, data: bytes) -> None:
    """Keep a file that came through here and note it; the run begins when it is the last.

    Raises:
        Conflict: another file of its type came before, or the run has begun without it.
    """
    found = call.documents.read(f"uploads/{upload_id}")
    if found is None or found.data["shop_id"] != call.shop:
        raise NotFound
    name = found.data["slots"][slot]["name"]
    if not call.world.ports.landing.write_once(name, data) and not _same(call, name, data):
        raise Conflict("Another file of this type was sent before", code="FILE_EXISTS")
    if found.data["status"] != "awaiting_files" and found.data["slots"][slot]["landed_at"] is None:
        raise Conflict("The run has begun; send the file with another runId", code="RUN_BEGUN")
    noted(call, name)


def noted(call: Call, name: str) -> None:
    """Note that a file is there, without waiting for the bucket's own notice."""
    work = intake.landed(call.documents, Landed(name, ""), now=call.now)
    if work is not None:
        call.world.ports.topics.publish(topology.first().name, work.message())


def start(call: Call, upload_id: str) -> tuple[Work, bool]:
    """Begin the upload's next run with the files that are there; True when none was under way.

    Raises:
        Conflict: no file has arrived, or another upload of the shop is being worked on.
        Unavailable: an operator has switched it off for the shop.
    """
    before = intake.look(call.world.ports, upload_id, now=call.now)
    if not any(state["landed_at"] for state in before["slots"].values()):
        raise Conflict(NO_FILES, code="NO_FILES")
    try:
        work = intake.begin(call.documents, upload_id, now=call.now)
    except SwitchedOff as reason:
        raise Unavailable(str(reason), code=reason.code) from reason
    except ShopBusy as reason:
        raise Conflict(str(reason), code=reason.code) from reason
    call.world.ports.topics.publish(topology.first().name, work.message())
    return work, before["status"] != "processing"


def refuse_switched_off(call: Call) -> None:
    """Take nothing in for a shop whose bundles are not to be generated.

    Raises:
        Unavailable: an operator has switched it off for the shop.
    """
    found = call.documents.read(switches.PATH)
    stored = None if found is None else found.data
    if not switches.effective(stored, call.shop, call.world.settings.overrides)[ENABLED]:
        raise Unavailable("Bundle generation is switched off", code=SwitchedOff.code)


def next_one(call: Call) -> None:
    """Begin what the shop has waiting, now that its turn may be free."""
    work = onwards.following(call.documents, call.shop, now=call.now)
    if work is not None:
        call.world.ports.topics.publish(topology.first().name, work.message())


def state(upload: Data) -> str:
    """The upload as the documented status: processing, completed or failed.

    Before its run, an upload is completed in the sense of its documents when all that was sent
    has arrived: then bundles may be generated.
    """
    if upload["status"] == "awaiting_files":
        sent = any(slot["landed_at"] for slot in upload["slots"].values())
        return "completed" if sent else "processing"
    return "failed" if upload["status"] == "cancelled" else str(upload["status"])


def row_count(data: bytes) -> int:
    """How many rows the file has below its header.

    Raises:
        Invalid: it is no text.
    """
    try:
        text = data.decode("utf-8-sig")
        return max(0, sum(1 for row in csv.reader(io.StringIO(text)) if row) - 1)
    except (UnicodeDecodeError, csv.Error):
        return max(0, data.count(b"\n") - 1)


def _same(call: Call, name: str, data: bytes) -> bool:
    stream = call.world.ports.landing.open(name)
    if stream is None:
        return False
    with stream:
        return stream.read() == data
