"""What a phase is given to work with: its upload, the files, the artefacts."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

from pipeline_lib import reports
from pipeline_lib.errors import BadArtefact, MissingArtefact
from pipeline_lib.messages import Work
from pipeline_lib.ports import USUAL_LIMITS, Blobs, Heartbeat, Limits, Secrets
from pipeline_lib.recommendations.assembly import Origin
from pipeline_lib.records.collections import Collections
from pipeline_lib.records.flags import Flags
from pipeline_lib.records.uploads import Parameters
from pipeline_lib.reports import Report, TextFile

if TYPE_CHECKING:
    import polars as pl

    from pipeline_lib.columns import Column, Frame

T = TypeVar("T")

VERSION = "format"  # under which a frame's file names the format it is in


@dataclass(frozen=True)
class Artefacts:
    """What the phases of one run hand to each other: frames as Parquet, reports as JSON.

    Each is named by its handle (``frames``, ``reports``), and is checked when kept and when read.

    Artefacts are immutable. A phase that is delivered again makes the same bytes again, so
    that keeping them a second time changes nothing.
    """

    blobs: Blobs
    work: Work

    def keep(
        self, handle: "type[Frame]", frame: "pl.DataFrame", *, part: int | None = None
    ) -> None:
        """Keep the frame, whole or as that part of it.

        Raises:
            BadArtefact: the frame is not what the handle says.
        """
        handle.check(frame)
        name = handle.artefact if part is None else f"{handle.artefact}/{part:05}"
        buffer = io.BytesIO()
        frame.write_parquet(buffer, metadata={VERSION: str(reports.FORMAT)})
        buffer.seek(0)
        self.blobs.write_once(self._path(f"{name}.parquet"), buffer)

    def frame(
        self, handle: "type[Frame]", columns: "Sequence[Column[Any]] | None" = None
    ) -> "pl.DataFrame":
        """The frame that was kept, its parts joined in order; all columns, or these.

        Raises:
            MissingArtefact: nothing is kept.
            BadArtefact: what is kept is not what the handle says.
        """
        import polars as pl  # noqa: PLC0415 - functions without frames do not load it

        if not handle.in_parts:
            return self._read(handle, f"{handle.artefact}.parquet", columns)
        parts = [self._read(handle, name, columns) for name in self._part_names(handle)]
        if not parts:
            raise MissingArtefact(self._path(handle.artefact))
        return pl.concat(parts)

    def parts(self, handle: "type[Frame]") -> "Iterator[pl.DataFrame]":
        """The kept parts of the frame, in order; each is read when it is asked for."""
        return (self._read(handle, name) for name in self._part_names(handle))

    def has(self, kept: TextFile) -> bool:
        """Whether the report or text is kept."""
        path = self._path(kept.name)
        return path in self.blobs.names(path)

    def keep_text(self, handle: TextFile, text: str) -> None:
        """Keep a file for people."""
        self.blobs.write_once(self._path(handle.name), text.encode())

    def text(self, handle: TextFile) -> str:
        """What was kept, as it stands.

        Raises:
            MissingArtefact: nothing is kept.
        """
        with self._open(self._path(handle.name)) as stream:
            return stream.read().decode()

    def keep_json(self, report: Report[T], value: T) -> None:
        """Keep a report."""
        self.keep_text(report, report.to_json(value))

    def json(self, report: Report[T]) -> T:
        """The report that was kept.

        Raises:
            MissingArtefact: nothing is kept.
            BadArtefact: what is kept is not what the report holds.
        """
        return report.from_json(self.text(report))

    def _part_names(self, handle: "type[Frame]") -> list[str]:
        run = self._path("")
        return [
            path.removeprefix(run) for path in self.blobs.names(self._path(f"{handle.artefact}/"))
        ]

    def _read(
        self, handle: "type[Frame]", name: str, columns: "Sequence[Column[Any]] | None" = None
    ) -> "pl.DataFrame":
        import polars as pl  # noqa: PLC0415 - as above

        with self._open(self._path(name)) as stream:
            content = stream.read()
        try:
            version = pl.read_parquet_metadata(content).get(VERSION, str(reports.FORMAT))
            if version != str(reports.FORMAT):
                raise BadArtefact(name, f"it was kept in format {version}, not {reports.FORMAT}")
            names = None if columns is None else [column.name for column in columns]
            frame = pl.read_parquet(content, columns=names)
        except pl.exceptions.PolarsError as error:
            raise BadArtefact(name, f"it cannot be read: {str(error).splitlines()[0]}") from error
        handle.check(frame, columns)
        return frame

    def _open(self, path: str) -> BinaryIO:
        stream = self.blobs.open(path)
        if stream is None:
            raise MissingArtefact(path)
        return stream

    def _path(self, name: str) -> str:
        return f"{self.work.upload_id}/{self.work.run}/{name}"


@dataclass(frozen=True)
class Job:
    """One run of one upload, for one phase.

    ``files`` are the names in the landing bucket by slot, of those that have landed; ``flags``
    are as they were when the run began.
    """

    work: Work
    shop_id: str
    files: Mapping[str, str]
    parameters: Parameters
    flags: Flags
    created_at: datetime
    landing: Blobs
    artefacts: Artefacts
    collections: Collections
    secrets: Secrets
    beat: Heartbeat
    limits: Limits = USUAL_LIMITS

    def origin(self) -> Origin:
        """What all recommendations of the run share.

        They are dated by when their evidence ends, the newest order, so that equal input gives
        equal output; without orders by when the upload was made.

        Raises:
            MissingArtefact: ingest kept no facts.
        """
        facts = self.artefacts.json(reports.FACTS)
        return Origin(
            upload_id=self.work.upload_id,
            shop_id=self.shop_id,
            currency=facts.currency,
            created_at=facts.newest_order or self.created_at,
        )
