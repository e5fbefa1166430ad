"""The composition root: which adapters stand behind the ports."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline_lib import topology
from pipeline_lib.adapters.local.blobs import FolderBlobs, LandingFolder
from pipeline_lib.adapters.local.database import Database
from pipeline_lib.adapters.local.documents import SqliteDocuments
from pipeline_lib.adapters.local.secrets import FolderSecrets
from pipeline_lib.adapters.local.topics import SqliteTopics
from pipeline_lib.errors import BadSettings
from pipeline_lib.messages import Landing
from pipeline_lib.ports import USUAL_LIMITS, Identities, Limits, Ports, Uploads
from pipeline_lib.runtime.settings import (
    FOLDER,
    PROJECT,
    InFolder,
    InProject,
    Settings,
    process_environ,
)
from pipeline_lib.runtime.shared import Shared
from pipeline_lib.topology import Retry

EMBEDDED_RETRY = Retry(min_backoff_s=0.2, max_backoff_s=5.0, max_attempts=5)  # nothing is far away
DEAD_LETTERS = "dead_letter"
LANDING = "landing"


@dataclass(frozen=True)
class Embedded:
    """The embedded stores of one folder, as ports and as what the local chain takes from."""

    ports: Ports
    documents: SqliteDocuments
    topics: SqliteTopics
    folder: Path
    database: Database

    def close(self) -> None:
        """Give back what is open."""
        self.database.close()


def embedded(folder: Path, limits: Limits = USUAL_LIMITS) -> Embedded:
    """The stores in ``folder``, made where they are not there; their runs have ``limits``."""
    database = Database(folder / "state.sqlite")
    documents = SqliteDocuments(database)
    topics = SqliteTopics(database, retry=EMBEDDED_RETRY, dead_letters=DEAD_LETTERS)

    def tell(notice: Landing) -> None:
        topics.publish(topology.first().name, notice.message())

    ports = Ports(
        landing=LandingFolder(folder / LANDING, tell),
        artefacts=FolderBlobs(folder / "artefacts"),
        documents=documents,
        topics=topics,
        secrets=FolderSecrets(folder / "secrets"),
        limits=limits,
    )
    return Embedded(ports, documents, topics, folder, database)


def google_ports(
    found: InProject, environ: Mapping[str, str], limits: Limits = USUAL_LIMITS
) -> Ports:
    """The stores of a project; ``environ`` holds the secrets, as Cloud Run puts them there."""
    from google.cloud.firestore_v1 import Client as Firestore  # noqa: PLC0415
    from google.cloud.storage import Client as Storage  # noqa: PLC0415

    from pipeline_lib.adapters.google.blobs import BucketBlobs  # noqa: PLC0415
    from pipeline_lib.adapters.google.documents import FirestoreDocuments  # noqa: PLC0415
    from pipeline_lib.adapters.google.secrets import EnvironSecrets  # noqa: PLC0415
    from pipeline_lib.adapters.google.topics import PubsubTopics, publisher  # noqa: PLC0415

    storage = Storage(project=found.project)
    return Ports(
        landing=BucketBlobs(storage.bucket(found.uploads_bucket)),
        artefacts=BucketBlobs(storage.bucket(found.artefacts_bucket)),
        documents=FirestoreDocuments(Firestore(project=found.project)),
        topics=PubsubTopics(publisher(), found.project),
        secrets=EnvironSecrets(environ),
        limits=limits,
    )


def uploads_of(environ: Mapping[str, str]) -> Uploads:
    """Signed addresses of a project's bucket for uploads; by IAM where there is no key.

    Raises:
        BadSettings: the environment names no project.
    """
    from google.cloud.storage import Client as Storage  # noqa: PLC0415

    from pipeline_lib.adapters.google.signing import BucketUploads  # noqa: PLC0415
    from pipeline_lib.runtime.signer import signing  # noqa: PLC0415

    found = Settings.from_environ(environ).stores
    if not isinstance(found, InProject):
        raise BadSettings(f"addresses are signed for a bucket: set {PROJECT}, not {FOLDER}")
    return BucketUploads(Storage(project=found.project).bucket(found.uploads_bucket), signing())


def identities() -> Identities:
    """Google's accounts, known by Google's certificates."""
    from pipeline_lib.adapters.google.identities import GoogleIdentities, hourly_certificates  # noqa: PLC0415

    return GoogleIdentities(hourly_certificates)


def ports_of(environ: Mapping[str, str]) -> Ports:
    """The ports that the environment asks for.

    Raises:
        BadSettings: it asks for none, or for more than one.
    """
    settings = Settings.from_environ(environ)
    match settings.stores:
        case InFolder(folder):
            return embedded(folder, settings.limits).ports
        case InProject() as found:
            return google_ports(found, environ, settings.limits)
        case None:
            raise BadSettings(
                f"set {FOLDER} (a folder, for the embedded stores) or {PROJECT} (for Google's); "
                "neither is set"
            )


# The ports of this process, made on the first event and kept for the next.
ports = Shared(lambda: ports_of(process_environ()))
