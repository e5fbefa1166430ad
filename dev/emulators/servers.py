"""The three emulators as running processes, and where they listen."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from dev.emulators import installation
from dev.emulators.processes import HOST, NotStarted, Processes, free_ports
from pipeline_lib import topology

JAVA = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx512m")  # small, and up in two seconds
FIRESTORE = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"
PROJECT = "emulated"
UPLOADS, ARTEFACTS = "emulated-uploads", "emulated-artefacts"
ERROR = 400


@dataclass(frozen=True)
class Emulators:
    """The ports that Pub/Sub, Firestore and the buckets listen on."""

    pubsub: int
    firestore: int
    buckets: int

    def environ(self) -> dict[str, str]:
        """The variables that lead Google's clients to the emulators."""
        return {
            "PUBSUB_EMULATOR_HOST": f"{HOST}:{self.pubsub}",
            "FIRESTORE_EMULATOR_HOST": f"{HOST}:{self.firestore}",
            "STORAGE_EMULATOR_HOST": self.endpoint,
            "GOOGLE_CLOUD_PROJECT": PROJECT,
        }

    @property
    def endpoint(self) -> str:
        """Where the buckets are, as an address."""
        return f"http://{HOST}:{self.buckets}"


def start_emulators(running: Processes, *, rules: Path) -> Emulators:
    """Start the three side by side and wait until all answer; ``rules`` guard the documents.

    Raises:
        NoEmulators: one of them is not on this machine.
        NotStarted: one of them does not answer.
    """
    emulators = Emulators(*free_ports(3))
    jar = str(installation.pubsub_jar())
    java, at = (installation.java(), *JAVA), f"--host={HOST}"
    running.start("pubsub", [*java, "-jar", jar, at, f"--port={emulators.pubsub}"])
    firestore = ["-cp", str(installation.firestore_jar()), FIRESTORE, "start", at]
    ruled = [f"--port={emulators.firestore}", f"--rules={rules}"]
    running.start("firestore", [*java, *firestore, *ruled])
    running.wait_for("pubsub", emulators.pubsub)
    running.start("buckets", _bucket_command(emulators), environ=emulators.environ())
    running.wait_for("firestore", emulators.firestore)
    running.wait_for("buckets", emulators.buckets)
    return emulators


def call_emulator(
    port: int, method: str, path: str, body: Mapping[str, object] | None = None
) -> bytes:
    """Make a JSON request to an emulator; returns the body of the response.

    Raises:
        NotStarted: it refuses.
    """
    connection = HTTPConnection(HOST, port, timeout=30)
    text = None if body is None else json.dumps(body)
    connection.request(method, path, text, {"Content-Type": "application/json"})
    response = connection.getresponse()
    content = response.read()
    connection.close()
    if response.status >= ERROR:
        raise NotStarted(f"{method} {path} answered {response.status}: {content.decode()[:300]}")
    return content


def _bucket_command(emulators: Emulators) -> list[str]:
    options = {
        "scheme": "http",
        "host": HOST,
        "port": str(emulators.buckets),
        "backend": "memory",
        "external-url": emulators.endpoint,
        "public-host": f"{HOST}:{emulators.buckets}",  # or a signed address gives 404
        "event.pubsub-project-id": PROJECT,
        "event.pubsub-topic": topology.first().name,
        "event.bucket": UPLOADS,
        "event.list": "finalize",
        "log-level": "warn",
    }
    pairs = [(f"-{name}", value) for name, value in options.items()]
    return [str(installation.bucket_server()), *(word for pair in pairs for word in pair)]
