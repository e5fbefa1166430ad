"""How an upload comes to run: it is opened, its files land, it takes the shop's turn and begins."""

from collections.abc import Mapping
from datetime import datetime

from pipeline_lib.errors import BadMessage, NotNow, ShopBusy, StoreUnavailable, SwitchedOff
from pipeline_lib.messages import Landing, Work
from pipeline_lib.ports import Change, Ports
from pipeline_lib.records.collections import Collections
from pipeline_lib.records.flags import Flags, FlagValue
from pipeline_lib.records.progress import new_progress
from pipeline_lib.records.shops import Shop
from pipeline_lib.records.store import ATTEMPTS, Stored, creation
from pipeline_lib.records.uploads import Parameters, SlotName, Upload, UploadKind, new_upload
from pipeline_lib.runs.state import RunState, read_run


def open_upload(  # noqa: PLR0913 - all but one are said by name
    collections: Collections,
    *,
    upload_id: str,
    shop_id: str,
    slots: Mapping[SlotName, str],
    parameters: Parameters,
    now: datetime,
    kind: UploadKind = "full",
    fixed_flags: Mapping[str, FlagValue] | None = None,
    declared_as: Mapping[SlotName, str] | None = None,
) -> Upload | None:
    """Make the upload that waits for its files; None when there is one of that id.

    Its progress is there from now on: a client may not listen to what does not exist.
    ``fixed_flags`` are those that the environment decides, for all of its runs; ``declared_as``
    is what the shop called each file.
    """
    upload = new_upload(
        upload_id=upload_id,
        shop_id=shop_id,
        slots=slots,
        parameters=parameters,
        now=now,
        kind=kind,
        fixed_flags=fixed_flags,
        declared_as=declared_as,
    )
    waiting = new_progress(upload_id=upload_id, shop_id=shop_id, run=0, now=now)
    made = collections.documents.swap_all([creation(upload), creation(waiting)])
    return None if made is None else upload


def record_landing(
    collections: Collections, notice: Landing, *, now: datetime, state: RunState | None = None
) -> Work | None:
    """Note that a file is there; the run that it completes, or None while it cannot begin.

    A notice that comes again gives the run that it began: only so is a crash behind the beginning
    healed. Notices of the other files of a run that is under way ask for nothing. ``state`` is what
    was read of the upload before.

    Raises:
        BadMessage: the file belongs to no upload.
    """
    upload_id = notice.name.split("/", 1)[0]
    state = RunState.read(collections, upload_id) if state is None else state
    for _ in range(ATTEMPTS):
        if state is None:
            raise BadMessage(f"{notice.name} belongs to no upload")
        upload = state.upload.record
        if upload.status == "processing":
            return upload.work if upload.begun_by == notice.name else None
        landed = upload.with_file_landed(notice.name, now=now)
        if landed.status == "awaiting_files" and landed.has_all_files:
            work = _begin(collections, state, landed, begun_by=notice.name, now=now)
            if work is not None:
                return work
        if landed == upload or collections.uploads.swap(state.upload, landed) is not None:
            return None
        state = RunState.read(collections, upload_id)
    raise StoreUnavailable(f"{upload_id} is written to by too many at once")


def begin_unasked(collections: Collections, upload_id: str, *, now: datetime) -> Work | None:
    """Begin the upload's run, which nobody asked for; None where it cannot begin now."""
    state = RunState.read(collections, upload_id)
    if state is None or state.upload.record.status != "awaiting_files":
        return None
    return _begin(collections, state, state.upload.record, begun_by=None, now=now)


def begin_run(
    collections: Collections, upload_id: str, *, now: datetime, state: RunState | None = None
) -> tuple[Work, bool]:
    """Begin the upload's next run with the files that are there, unless one is under way.

    Args:
        collections: where uploads are.
        upload_id: whose run.
        now: when it begins.
        state: what was read of it before.

    Returns:
        The run, and whether this call began it.

    Raises:
        BadMessage: there is no such upload.
        SwitchedOff: an operator has switched generation off for the shop.
        ShopBusy: another upload of the shop is being worked on.
    """
    for _ in range(ATTEMPTS):
        current = read_run(collections, upload_id) if state is None else state
        upload = current.upload.record
        if upload.status == "processing":
            return upload.work, False
        flags = _flags(current)
        if not flags.bundling_enabled:
            raise SwitchedOff("Bundle generation is switched off")
        work = _commit(collections, current, upload, flags, begun_by=None, now=now)
        if work is not None:
            return work, True
        state = None
    raise StoreUnavailable(f"{upload_id} is written to by too many at once")


def with_files_in_bucket(ports: Ports, upload: Upload, *, now: datetime) -> Upload:
    """The upload with the files that are in the bucket and whose notices have not come yet."""
    if upload.has_all_files:
        return upload
    there = set(ports.landing.names(f"{upload.upload_id}/"))
    for slot in upload.slots:
        if slot.name in there:
            upload = upload.with_file_landed(slot.name, now=now)
    return upload


def take_turn(collections: Collections, upload: Upload, *, now: datetime) -> int:
    """Take the shop's turn for one of its uploads and return its number.

    Raises:
        ShopBusy: another upload of the shop has it.
        StoreUnavailable: every attempt was overtaken.
    """
    for _ in range(ATTEMPTS):
        change, number = turn_change(collections, upload, now=now)
        if collections.documents.swap_all([change]) is not None:
            return number
    raise StoreUnavailable(f"{upload.shop_id} is written to by too many at once")


def turn_change(collections: Collections, upload: Upload, *, now: datetime) -> tuple[Change, int]:
    """The change that gives the upload its shop's turn, and the turn's number.

    Raises:
        ShopBusy: another upload of the shop has it.
    """
    found = collections.shops.read(upload.shop_id)
    shop = Shop(shop_id=upload.shop_id) if found is None else found.record
    _refuse_while_busy(collections, shop, upload.upload_id, now)
    taken = shop.with_turn_of(upload.upload_id, now=now)
    number = 1 if taken.running is None else taken.running.number
    return _shop_change(found, taken), number


def publish_unfinished(ports: Ports, upload: Upload) -> list[str]:
    """Send the unfinished phases of a run under way their messages; returns their names."""
    names = upload.unfinished_phases()
    for name in names:
        ports.topics.publish(name, upload.work.message())
    return names


def _begin(
    collections: Collections,
    state: RunState,
    upload: Upload,
    *,
    begun_by: str | None,
    now: datetime,
) -> Work | None:
    """Begin a run that nobody asked for; None where it cannot begin now."""
    flags = _flags(state)
    if not flags.bundling_enabled or not flags.data_mapping_auto_reenrich_on_csv:
        return None
    try:
        return _commit(collections, state, upload, flags, begun_by=begun_by, now=now)
    except NotNow:
        return None


def _commit(  # noqa: PLR0913 - all but four are said by name
    collections: Collections,
    state: RunState,
    upload: Upload,
    flags: Flags,
    *,
    begun_by: str | None,
    now: datetime,
) -> Work | None:
    """Take the turn, begin the run and show it, all at once; None where another write was first."""
    turn, number = turn_change(collections, upload, now=now)
    begun = upload.with_run_begun(flags, turn=number, begun_by=begun_by, now=now)
    written = state.write(collections, begun, lambda shown: shown, beside=[turn])
    return None if written is None else begun.work


def _shop_change(found: Stored[Shop] | None, shop: Shop) -> Change:
    return creation(shop) if found is None else found.becomes(shop)


def _refuse_while_busy(collections: Collections, shop: Shop, upload_id: str, now: datetime) -> None:
    if shop.running is None or shop.running.upload_id == upload_id:
        return
    holder = collections.uploads.read(shop.running.upload_id)
    if not shop.turn_is_free(None if holder is None else holder.record, now):
        raise ShopBusy("Another upload of the shop is being worked on; this one comes after it")


def _flags(state: RunState) -> Flags:
    upload = state.upload.record
    return state.flags.effective(upload.shop_id, upload.fixed_flags)
