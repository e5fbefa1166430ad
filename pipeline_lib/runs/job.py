"""What a phase is given to work with: its upload, the files, the artefacts; no decision."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from pipeline_lib.errors import MissingArtefact
from pipeline_lib.messages import Work
from pipeline_lib.ports import Blobs, Documents, Heartbeat, Secrets
from pipeline_lib.recommendations.recommendations import Setting

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Artefacts:
    """What the phases of one run hand to each other: frames as Parquet, reports as JSON.

    Artefacts are immutable. A phase that is delivered again makes the same bytes again, so
    that keeping them a second time changes nothing.
    """

    blobs: Blobs
    work: Work

    def keep(self, name: str, frame: "pl.DataFrame") -> None:
        """Keep the frame under ``name``; a name like ``lines/000`` makes it part of ``lines``."""
        buffer = io.BytesIO()
        frame.write_parquet(buffer)
        buffer.seek(0)
        self.blobs.write_once(self._path(f"{name}.parquet"), buffer)

    def frame(self, name: str, columns: list[str] | None = None) -> "pl.DataFrame":
        """The frame kept under ``name``, its parts joined in order.

        Raises:
            MissingArtefact: nothing is kept under that name.
        """
        import polars as pl  # noqa: PLC0415 - functions without frames do not load it

        def read(path: str) -> pl.DataFrame:
            with self._open(path) as stream:
                return pl.read_parquet(stream, columns=columns)

        names = [self._path(f"{part}.parquet") for part in self.parts(name)]
        if not names:
            raise MissingArtefact(self._path(f"{name}.parquet"))
        return pl.concat([read(part) for part in names])

    def parts(self, name: str) -> list[str]:
        """The names under which the frame is kept: its own, or those of its parts in order."""
        if self.has(f"{name}.parquet"):
            return [name]
        whole = self._path("")
        kept = self.blobs.names(self._path(f"{name}/"))
        return [part.removeprefix(whole).removesuffix(".parquet") for part in kept]

    def has(self, name: str) -> bool:
        """Whether something is kept under that full name."""
        path = self._path(name)
        return path in self.blobs.names(path)

    def keep_text(self, name: str, text: str) -> None:
        """Keep a file for people (CSV, JSON) under its full name."""
        self.blobs.write_once(self._path(name), text.encode())

    def text(self, name: str) -> str:
        """The text kept under ``name``.

        Raises:
            MissingArtefact: nothing is kept under that name.
        """
        with self._open(self._path(name)) as stream:
            return stream.read().decode()

    def keep_json(self, name: str, value: object) -> None:
        """Keep a report; its keys keep their order, its times are written in ISO 8601."""
        text = json.dumps(value, indent=2, ensure_ascii=False, default=datetime.isoformat)
        self.keep_text(name, f"{text}\n")

    def json(self, name: str) -> Any:  # noqa: ANN401 - JSON holds anything
        """The report kept under ``name``.

        Raises:
            MissingArtefact: nothing is kept under that name.
        """
        return json.loads(self.text(name))

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
    parameters: Mapping[str, Any]
    flags: Mapping[str, Any]
    created_at: datetime
    landing: Blobs
    artefacts: Artefacts
    documents: Documents
    secrets: Secrets
    beat: Heartbeat

    def setting(self) -> Setting:
        """What all recommendations of the run share.

        They are dated by when their evidence ends, the newest order, so that equal input gives
        equal output; without orders by when the upload was made.

        Raises:
            MissingArtefact: ingest kept no facts.
        """
        facts = self.artefacts.json("facts.json")
        newest = facts["newest_order"]
        return Setting(
            upload_id=self.work.upload_id,
            shop_id=self.shop_id,
            currency=facts["currency"],
            created_at=self.created_at if newest is None else datetime.fromisoformat(newest),
        )
