"""One run from files to files on Google's emulators, as deployed; it decides nothing."""

import argparse
from collections.abc import Mapping
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from pipeline_lib.cli import run, session
from pipeline_lib.cli.results import written
from pipeline_lib.emulators import found
from pipeline_lib.emulators.cloud import adopted, cloud
from pipeline_lib.ports import SignedPut, Uploads
from pipeline_lib.runtime import wiring
from pipeline_lib.runtime.clock import now

SUMMARY = "run the chain as it is deployed, on Google's emulators, every function a process"
EPILOG = """\
It starts Pub/Sub, Firestore, a bucket and every function, makes topics and push subscriptions
from the topology, sends each file to its signed address, and ends all of it when the run is over.
It needs java, the Google Cloud SDK with both emulators, and `pip install -e '.[google,emulate]'`.
What each process says lies in DIR/.emulated.
"""
LOGS = ".emulated"
VALID = timedelta(minutes=15)
OK = 200
TYPES = {".gz": "application/gzip"}


def options(command: argparse.ArgumentParser) -> None:
    """The files, the shop, what may be chosen, and where to write."""
    run.file_options(command)
    run.out_option(command, Path("bundles-emulated"))


def execute(given: argparse.Namespace) -> None:
    """Start everything, run the chain on the files, write the results.

    Raises:
        NoEmulators: something that this needs is not on this machine.
        Rejected: a file can not be used.
        PipelineError: the run failed.
    """
    files, parameters, out = run.chosen_files(given), run.chosen_parameters(given), given.out
    found.all_found()
    out.mkdir(parents=True, exist_ok=True)
    print("Starting Pub/Sub, Firestore, a bucket and every function", flush=True)
    upload_id = session.upload_id_of(files, given.shop, parameters)
    with cloud(out / LOGS) as there, adopted(there.environ):
        ports = wiring.ports_of(there.environ)
        session.open_upload(
            ports.documents, files, parameters, upload_id=upload_id, shop=given.shop
        )
        send(files, wiring.uploads_of(there.environ), upload_id)
        upload = session.follow(ports.documents, upload_id, out)
        written(upload, ports, out)
    run.raise_unless_completed(upload)


def send(files: Mapping[str, Path], uploads: Uploads, upload_id: str) -> None:
    """PUT each file to its signed address, as a shop's browser does.

    Raises:
        RunRefused: the bucket does not take one.
    """
    for slot, file in files.items():
        signed = uploads.signed_put(
            session.name_of(upload_id, slot, file),
            content_type=TYPES.get(file.suffix, "text/csv"),
            most_bytes=file.stat().st_size,
            now=now(),
            valid=VALID,
        )
        status = put(signed, file)
        if status != OK:
            raise run.RunRefused(f"{file}: the bucket answers {status}")


def put(signed: SignedPut, file: Path) -> int:
    """Send the file to its address; the status of the answer."""
    address = urlsplit(signed.url)
    connection = HTTPConnection(address.netloc)
    with file.open("rb") as stream:
        size = {"Content-Length": str(file.stat().st_size)}
        connection.request(
            "PUT", f"{address.path}?{address.query}", stream, {**signed.headers, **size}
        )
        status = connection.getresponse().status
    connection.close()
    return status
