"""The deployed system on Google's emulators: one run, or until interrupted; it decides nothing."""

import argparse
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from threading import Event

from dev.emulators import found
from dev.emulators.cloud import Cloud, adopted, cloud
from dev.emulators.told import DEVELOPMENT, KEYS
from pipeline_lib.cli import run, serve, session, web
from pipeline_lib.cli.results import written
from pipeline_lib.clock import now
from pipeline_lib.ports import Uploads
from pipeline_lib.runtime import gateway, wiring
from pipeline_lib.runtime.laptop import Served

SUMMARY = "run the chain as it is deployed, on Google's emulators, every function a process"
EPILOG = """\
examples:
  bundles emulate --orders orders_export.csv     (one run, from files to files)
  bundles emulate                                (serves the interface until it is interrupted)

It starts Pub/Sub, Firestore, a bucket and every function, makes topics and push subscriptions
from the topology, and a clock that wakes the sweep every five minutes. With files it sends each to
its signed address, and ends all of it when the run is over; without, it prints what `bundles serve`
prints. It needs java, the Google Cloud SDK with both emulators, and
`pip install -e '.[google,emulate]'`. What each process says lies in DIR/.emulated.
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
    """Start everything; run the chain on the files and write the results, or serve.

    Raises:
        NoEmulators: something that this needs is not on this machine.
        Rejected: a file can not be used.
        PipelineError: the run failed.
    """
    asked = any(getattr(given, slot) is not None for slot in run.SLOTS)
    files = run.chosen_files(given) if asked else {}
    found.all_found()
    given.out.mkdir(parents=True, exist_ok=True)
    print("Starting Pub/Sub, Firestore, a bucket and every function", flush=True)
    with cloud(given.out / LOGS) as there, adopted(there.environ):
        if files:
            once(there, given, files)
        else:
            shop = given.shop if "." in given.shop else f"{given.shop}.myshopify.com"
            serve.until_interrupted(served(there, shop), shop=shop)


def served(there: Cloud, shop: str) -> Served:
    """Where the interface is, and what opens it."""
    token = gateway.development_token(shop, there.public[DEVELOPMENT].encode())
    keys = {role: there.public[name] for role, name in KEYS.items()}
    return Served(there.url, token, keys, Event().wait)


def once(there: Cloud, given: argparse.Namespace, files: Mapping[str, Path]) -> None:
    """Run the chain on the files and write the results.

    Raises:
        Rejected: a file can not be used.
        PipelineError: the run failed.
    """
    ports, parameters = wiring.ports_of(there.environ), run.chosen_parameters(given)
    upload_id = session.upload_id_of(files, given.shop, parameters)
    session.open_upload(ports.documents, files, parameters, upload_id=upload_id, shop=given.shop)
    send(files, wiring.uploads_of(there.environ), upload_id)
    upload = session.follow(ports.documents, upload_id, given.out)
    written(upload, ports, given.out)
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
        size = {"Content-Length": str(file.stat().st_size)}
        with file.open("rb") as stream:
            answer = web.sent("PUT", signed.url, body=stream, headers={**signed.headers, **size})
        if answer.status != OK:
            raise run.RunRefused(f"{file}: the bucket answers {answer.status}")
