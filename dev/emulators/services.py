"""The three emulators as running processes, and where they listen; nothing is in them yet."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from dev.emulators import found
from dev.emulators.processes import HOST, NotStarted, Processes, free_port
from pipeline_lib import topology

JAVA = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx512m")  # small, and up in two seconds
FIRESTORE = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"
PROJECT = "emulated"
UPLOADS, ARTEFACTS = "emulated-uploads", "emulated-artefacts"
ERROR = 400


@dataclass(frozen=True)
class Services:
    """The ports that Pub/Sub, Firestore and the buckets listen on."""

    pubsub: int
    firestore: int
    buckets: int

    def environ(self) -> dict[str, str]:
        """What leads Google's own clients to the emulators instead of the cloud."""
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


def start(running: Processes, *, rules: Path) -> Services:
    """Start the three side by side and wait until all answer; ``rules`` guard the documents.

    Raises:
        NoEmulators: one of them is not on this machine.
        NotStarted: one of them does not answer.
    """
    services = Services(free_port(), free_port(), free_port())
    jar = str(found.pubsub_jar())
    java, at = (found.java(), *JAVA), f"--host={HOST}"
    running.start("pubsub", [*java, "-jar", jar, at, f"--port={services.pubsub}"])
    firestore = ["-cp", str(found.firestore_jar()), FIRESTORE, "start", at]
    ruled = [f"--port={services.firestore}", f"--rules={rules}"]
    running.start("firestore", [*java, *firestore, *ruled])
    running.answers("pubsub", services.pubsub)
    running.start("buckets", _bucket_command(services), environ=services.environ())
    running.answers("firestore", services.firestore)
    running.answers("buckets", services.buckets)
    return services


def asked(port: int, method: str, path: str, body: Mapping[str, object] | None = None) -> bytes:
    """The answer of an emulator to a request in JSON.

    Raises:
        NotStarted: it refuses.
    """
    connection = HTTPConnection(HOST, port, timeout=30)
    text = None if body is None else json.dumps(body)
    connection.request(method, path, text, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    said = answer.read()
    connection.close()
    if answer.status >= ERROR:
        raise NotStarted(f"{method} {path} is answered {answer.status}: {said.decode()[:300]}")
    return said


def _bucket_command(services: Services) -> list[str]:
    options = {
        "scheme": "http",
        "host": HOST,
        "port": str(services.buckets),
        "backend": "memory",
        "external-url": services.endpoint,
        "public-host": f"{HOST}:{services.buckets}",  # or a signed address is answered 404
        "event.pubsub-project-id": PROJECT,
        "event.pubsub-topic": topology.first().name,
        "event.bucket": UPLOADS,
        "event.list": "finalize",
        "log-level": "warn",
    }
    pairs = [(f"-{name}", value) for name, value in options.items()]
    return [str(found.bucket_server()), *(word for pair in pairs for word in pair)]
