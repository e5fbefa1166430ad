"""What is stored of a run, read in one round trip and written in one commit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self, TypeVar

from pipeline_lib.errors import BadMessage, StoreUnavailable
from pipeline_lib.ports import Change, Version
from pipeline_lib.records.collections import Collections
from pipeline_lib.records.flags import CURRENT, FlagSettings
from pipeline_lib.records.leases import Lease
from pipeline_lib.records.progress import Progress, new_progress
from pipeline_lib.records.record import Record
from pipeline_lib.records.store import ATTEMPTS, Stored, creation
from pipeline_lib.records.uploads import Upload

R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class RunState:
    """An upload and what belongs to its run, each with the version that was read.

    ``lease`` is that of the phase which was asked for.
    """

    upload: Stored[Upload]
    progress: Stored[Progress] | None
    flags: FlagSettings
    lease: Stored[Lease] | None = None

    @classmethod
    def read(
        cls, collections: Collections, upload_id: str, *, lease: str | None = None
    ) -> Self | None:
        """Read all of it at once; None when there is no such upload."""
        paths = [
            collections.uploads.path(upload_id),
            collections.progress.path(upload_id),
            collections.flags.path(CURRENT),
            *([] if lease is None else [collections.leases.path(lease)]),
        ]
        found = collections.documents.read_all(paths)
        upload = collections.uploads.parse(found[0])
        if upload is None:
            return None
        flags = collections.flags.parse(found[2])
        return cls(
            upload=upload,
            progress=collections.progress.parse(found[1]),
            flags=FlagSettings() if flags is None else flags.record,
            lease=None if lease is None else collections.leases.parse(found[3]),
        )

    def write(
        self,
        collections: Collections,
        upload: Upload,
        progress: Callable[[Progress], Progress],
        *,
        lease: Lease | None = None,
        beside: Sequence[Change] = (),
    ) -> Self | None:
        """Write the run's next state in one commit; what stays as it is is not written.

        Args:
            collections: where the run is stored.
            upload: its next state.
            progress: how what clients see follows from what they see now.
            lease: its next state; None where it stays.
            beside: what is to be written with it, or not at all.

        Returns:
            What is stored then, or None when another write came first.
        """
        shown = progress(self.shown(upload, now=upload.updated_at))
        changes = [
            *beside,
            *_change(self.upload, upload),
            *_change(self.progress, shown),
            *([] if lease is None else _change(self.lease, lease)),
        ]
        versions = collections.documents.swap_all(changes) if changes else []
        if versions is None:
            return None
        new = {change.path: version for change, version in zip(changes, versions, strict=True)}
        return type(self)(
            upload=_after(self.upload, upload, new),
            progress=_after(self.progress, shown, new),
            flags=self.flags,
            lease=self.lease if lease is None else _after(self.lease, lease, new),
        )

    def shown(self, upload: Upload, *, now: datetime) -> Progress:
        """What clients see of the upload's run; one that has expired begins anew."""
        if self.progress is not None and self.progress.record.run == upload.run:
            return self.progress.record
        return new_progress(
            upload_id=upload.upload_id, shop_id=upload.shop_id, run=upload.run, now=now
        )


def read_run(collections: Collections, upload_id: str, *, lease: str | None = None) -> RunState:
    """What is stored of the upload's run.

    Raises:
        BadMessage: there is no such upload.
    """
    state = RunState.read(collections, upload_id, lease=lease)
    if state is None:
        raise BadMessage(f"there is no upload {upload_id}")
    return state


def change_run(
    collections: Collections,
    upload_id: str,
    change: Callable[[Upload], Upload],
    progress: Callable[[Progress], Progress],
    *,
    state: RunState | None = None,
) -> tuple[Upload, Upload] | None:
    """Write the newest state's next one; returns the upload as it was and as it is.

    Args:
        collections: where the run is stored.
        upload_id: whose run.
        change: the upload's next state; where it is the same, nothing is written.
        progress: how what clients see follows. Both are pure: they may be called several times.
        state: what was read of it before.

    Returns:
        None when there is no such upload.

    Raises:
        StoreUnavailable: every attempt was overtaken.
    """
    for _ in range(ATTEMPTS):
        current = RunState.read(collections, upload_id) if state is None else state
        if current is None:
            return None
        before, after = current.upload.record, change(current.upload.record)
        if after == before or current.write(collections, after, progress) is not None:
            return before, after
        state = None
    raise StoreUnavailable(f"{upload_id} is written to by too many at once")


def show_run(collections: Collections, upload_id: str) -> None:
    """Show the upload's run from its beginning, unless it is shown."""
    for _ in range(ATTEMPTS):
        state = RunState.read(collections, upload_id)
        if state is None:
            return
        written = state.write(collections, state.upload.record, lambda shown: shown)
        if written is not None:
            return
    raise StoreUnavailable(f"{upload_id} is written to by too many at once")


def _change(stored: Stored[R] | None, record: R) -> list[Change]:
    if stored is None:
        return [creation(record)]
    return [] if stored.record == record else [stored.becomes(record)]


def _after(stored: Stored[R] | None, record: R, versions: dict[str, Version]) -> Stored[R]:
    if record.path in versions:
        return Stored(record, versions[record.path])
    if stored is None:
        raise StoreUnavailable(f"{record.path} was not written")
    return Stored(record, stored.version)
