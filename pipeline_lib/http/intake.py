"""How a shop's files come in through the interface, and how their run begins."""

import csv
import io
from dataclasses import replace
from typing import Literal
from uuid import NAMESPACE_URL, uuid5

from pipeline_lib import topology
from pipeline_lib.errors import BadExport, SwitchedOff
from pipeline_lib.http.errors import FileExists, NoFiles, NotFound, Paused, RunBegun, UnknownExport
from pipeline_lib.http.identity import Caller
from pipeline_lib.http.reading import find_run
from pipeline_lib.http.services import ApiServices
from pipeline_lib.messages import Landing
from pipeline_lib.records.flags import FlagSettings
from pipeline_lib.records.store import Stored
from pipeline_lib.records.uploads import Parameters, SlotName, Upload
from pipeline_lib.runs import ending, opening
from pipeline_lib.runs.state import RunState

CsvType = Literal[
    "orders",
    "variants",
    "products",
    "inventory",
    "inventory_levels",
    "catalog",
    "catalog_joined",
]
FileKind = CsvType | Literal["quick_install"]

SLOTS: dict[FileKind, SlotName] = {  # the slot that each type of file comes in
    "orders": "orders",
    "variants": "products",
    "products": "products",
    "inventory": "inventory",
    "inventory_levels": "inventory",
    "catalog": "catalog",
    "catalog_joined": "catalog",
    "quick_install": "products",
}
BY_HEADER: dict[str, FileKind] = {  # the type of a file that does not say it
    "orders": "orders",
    "order_lines": "orders",
    "products": "products",
    "catalogue": "catalog",
    "variants": "variants",
    "quick_install": "quick_install",
    "inventory": "inventory",
}
FOUR: tuple[CsvType, ...] = ("orders", "variants", "inventory", "catalog")  # they begin a run


def open_session(services: ApiServices, caller: Caller, types: tuple[CsvType, ...]) -> Upload:
    """Open a new upload that waits for a file of each type.

    Raises:
        NotFound: its id is another's.
    """
    upload = _open(services, caller, services.new_id(), types, Parameters(source="signed_url"))
    if upload is None:
        raise NotFound
    return upload


def accept_file(  # noqa: PLR0913 - all but two are said by name
    services: ApiServices,
    caller: Caller,
    *,
    kind: FileKind,
    data: bytes,
    run_id: str,
    file_name: str,
    begin: bool = False,
) -> str:
    """Keep a file of a run: the shop's files of one run go to one upload.

    Args:
        services: where it is kept.
        caller: whose it is.
        kind: what it is.
        data: what it holds.
        run_id: which files belong together, as the shop names them.
        file_name: as the shop calls it.
        begin: whether the run begins with it, whatever else is there.

    Returns:
        The id of the upload.

    Raises:
        FileExists: another file of the type came before.
        RunBegun: the run has begun without it.
    """
    upload_id = str(uuid5(NAMESPACE_URL, f"{caller.name}/{run_id}"))
    parameters = Parameters(source="upload_csv", run_id=run_id, file_name=file_name)
    _open(services, caller, upload_id, FOUR, parameters)
    state, name = _put(services, caller, upload_id, SLOTS[kind], data)
    if begin:
        begin_upload_run(services, state)  # finds the file where it landed
    else:
        record_file(services, name, state)
    return upload_id


def record_file(services: ApiServices, name: str, state: RunState | None = None) -> None:
    """Note that a file is there, without waiting for the landing store's own notice.

    A run that begins by it is continued by that notice.
    """
    notice, now = Landing(name, ""), services.now()
    opening.record_landing(services.collections, notice, now=now, state=state)


def begin_upload_run(services: ApiServices, state: RunState) -> Upload:
    """Begin the upload's next run with the files that are there, unless one is under way.

    Returns:
        The upload with the run under way.

    Raises:
        Paused: an operator has stopped everything.
        NoFiles: no file has arrived.
        ShopBusy: another upload of the shop is being worked on.
        SwitchedOff: an operator has switched it off for the shop.
    """
    upload, now = state.upload.record, services.now()
    if state.flags.stopped is not None:
        raise Paused
    if upload.status == "processing":
        return upload
    landed = opening.with_files_in_bucket(services.ports, upload, now=now)
    if not landed.has_a_file:
        raise NoFiles
    current = replace(state, upload=Stored(landed, state.upload.version))
    work, begun = opening.begin_run(services.collections, upload.upload_id, now=now, state=current)
    if begun:
        services.ports.topics.publish(topology.first().name, work.message())
    return landed.replace(status="processing", run=work.run)


def refuse_switched_off(services: ApiServices, caller: Caller, settings: FlagSettings) -> None:
    """Take nothing in for a shop whose bundles are not to be generated.

    Raises:
        SwitchedOff: an operator has switched it off for the shop.
    """
    flags = settings.effective(caller.name, services.settings.overrides)
    if not flags.bundling_enabled:
        raise SwitchedOff("Bundle generation is switched off")


def begin_waiting_run(services: ApiServices, caller: Caller) -> None:
    """Begin what the shop has waiting, now that its turn may be free."""
    work = ending.begin_next_run(services.collections, caller.name, now=services.now())
    if work is not None:
        services.ports.topics.publish(topology.first().name, work.message())


def detect_type(data: bytes, name: str) -> FileKind:
    """The type of a file by its header.

    Raises:
        UnknownExport: it is none that is known.
    """
    from pipeline_lib.exports import sniff_export  # noqa: PLC0415 - frames take a third of a second

    try:
        return BY_HEADER[sniff_export(io.BytesIO(data), file=name or "file.csv").kind]
    except BadExport as error:
        raise UnknownExport(str(error)) from error


def count_rows(data: bytes) -> int:
    """How many rows the file has below its header."""
    try:
        text = data.decode("utf-8-sig")
        return max(0, sum(1 for row in csv.reader(io.StringIO(text)) if row) - 1)
    except (UnicodeDecodeError, csv.Error):
        return max(0, data.count(b"\n") - 1)


def documented_status(upload: Upload) -> Literal["processing", "completed", "failed"]:
    """The upload's status as the shop's app knows it.

    Before its run, an upload is completed in the sense of its documents when all that was sent
    has arrived: then bundles may be generated.
    """
    match upload.status:
        case "awaiting_files":
            return "completed" if upload.has_a_file else "processing"
        case "failed" | "cancelled":
            return "failed"
        case _:
            return upload.status


def error_message(upload: Upload) -> str | None:
    """What the shop is told of a run that failed."""
    if upload.error is not None:
        return upload.error.message
    return "The run was cancelled" if upload.status == "cancelled" else None


def rows_of(upload: Upload) -> int:
    """How many rows of the upload's files were read."""
    record = upload.phases.get("ingest")
    read = None if record is None else record.input.get("rows")
    return (upload.parameters.row_count or 0) if read is None else read


def open_quick_install(  # noqa: PLR0913 - all but three are said by name
    services: ApiServices, caller: Caller, job_id: str, *, kind: FileKind, data: bytes, name: str
) -> None:
    """Open the upload of a quick install and keep its one file, which begins its run."""
    slot = SLOTS[kind]
    opening.open_upload(
        services.collections,
        upload_id=job_id,
        shop_id=caller.name,
        slots={slot: f"{job_id}/{slot}/{name}"},
        parameters=Parameters(source="quick_install", file_name=name, row_count=count_rows(data)),
        now=services.now(),
        kind="quick_install",
        fixed_flags=services.settings.overrides,
    )
    state, path = _put(services, caller, job_id, slot, data)
    record_file(services, path, state)


def _put(
    services: ApiServices, caller: Caller, upload_id: str, slot_name: SlotName, data: bytes
) -> tuple[RunState, str]:
    """Keep the file of a slot; the upload as it was, and the name that the file landed under."""
    state, _ = find_run(services, upload_id)
    slot = None if state is None else state.upload.record.slot(slot_name)
    if state is None or slot is None or state.upload.record.shop_id != caller.name:
        raise NotFound
    if state.upload.record.status != "awaiting_files" and slot.landed_at is None:
        raise RunBegun
    landing = services.ports.landing
    if not landing.write_once(slot.name, data) and not _has(services, slot.name, data):
        raise FileExists("Another file of this type was sent before")
    return state, slot.name


def _open(
    services: ApiServices,
    caller: Caller,
    upload_id: str,
    types: tuple[CsvType, ...],
    parameters: Parameters,
) -> Upload | None:
    """A new upload with a slot for each type; None when there is one of that id."""
    return opening.open_upload(
        services.collections,
        upload_id=upload_id,
        shop_id=caller.name,
        slots={SLOTS[one]: f"{upload_id}/{SLOTS[one]}/{SLOTS[one]}.csv" for one in types},
        declared_as={SLOTS[one]: one for one in types},
        parameters=parameters,
        now=services.now(),
        fixed_flags=services.settings.overrides,
    )


def _has(services: ApiServices, name: str, data: bytes) -> bool:
    stream = services.ports.landing.open(name)
    if stream is None:
        return False
    with stream:
        return stream.read() == data
