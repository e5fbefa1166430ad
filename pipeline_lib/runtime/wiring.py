"""The composition root: which adapters stand behind the ports; alone reads the environment."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline_lib import topology
from pipeline_lib.adapters.local.blobs import FolderBlobs, LandingFolder
from pipeline_lib.adapters.local.database import Database
from pipeline_lib.adapters.local.documents import SqliteDocuments
from pipeline_lib.adapters.local.secrets import FolderSecrets
from pipeline_lib.adapters.local.topics import SqliteTopics
from pipeline_lib.events import Landed
from pipeline_lib.ports import Ports
from pipeline_lib.topology import Retry

EMBEDDED_RETRY = Retry(min_backoff_s=0.2, max_backoff_s=5.0, max_attempts=5)  # nothing is far away
DEAD_LETTERS = "dead_letter"
LANDING = "landing"


@dataclass(frozen=True)
class Settings:
    """What the environment says; ``local_folder`` holds the embedded stores."""

    local_folder: Path

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Settings":
        """The settings of a function; KeyError names what is missing."""
        return cls(local_folder=Path(environ["PIPELINE_LOCAL_FOLDER"]))


@dataclass(frozen=True)
class Embedded:
    """The embedded stores of one folder, as ports and as what the local chain takes from."""

    ports: Ports
    documents: SqliteDocuments
    topics: SqliteTopics
    folder: Path
    database: Database

    def forget(self, upload_id: str) -> None:
        """Remove the raw files of an upload whose run is over: they hold shoppers' data."""
        shutil.rmtree(self.folder / LANDING / upload_id, ignore_errors=True)

    def close(self) -> None:
        """Give back what is open."""
        self.database.close()


def embedded(folder: Path) -> Embedded:
    """The stores in ``folder``, made where they are not there."""
    database = Database(folder / "state.sqlite")
    documents = SqliteDocuments(database)
    topics = SqliteTopics(database, retry=EMBEDDED_RETRY, dead_letters=DEAD_LETTERS)

    def tell(notice: Landed) -> None:
        topics.publish(topology.first().name, notice.message())

    ports = Ports(
        landing=LandingFolder(folder / LANDING, tell),
        artefacts=FolderBlobs(folder / "artefacts"),
        documents=documents,
        topics=topics,
        secrets=FolderSecrets(folder / "secrets"),
    )
    return Embedded(ports, documents, topics, folder, database)


@cache
def ports() -> Ports:
    """The ports of this process, made on the first event and kept for the next."""
    return embedded(Settings.from_environ(os.environ).local_folder).ports
