"""`bundles emulate`: the deployed system on Google's emulators, for one run or as a server."""

import argparse
from datetime import timedelta
from pathlib import Path
from threading import Event

from dev.emulators import installation
from dev.emulators.cloud import Cloud, apply_environ, cloud
from dev.emulators.settings import DEVELOPMENT_KEY, KEYS
from pipeline_lib.cli import run, serve, session, web_request
from pipeline_lib.cli.results import write_results
from pipeline_lib.clock import now
from pipeline_lib.ports import Uploads
from pipeline_lib.records.collections import Collections
from pipeline_lib.runtime import gateway, wiring
from pipeline_lib.runtime.laptop import Served

EPILOG = """\
examples:
  bundles emulate --orders orders_export.csv     (one run, from files to files)
  bundles emulate                                (serves until it is stopped)

It starts Pub/Sub, Firestore, a bucket and every function, creates topics and push subscriptions
from the topology, and starts a clock that wakes the sweep every five minutes. With files, it sends
each to its signed address and stops everything when the run ends; without, it prints what
`bundles serve` prints. It needs a clone of the repository with `make setup`, java, and the Google
Cloud SDK with both emulators. The logs of all processes are in DIR/.emulated.
"""
LOGS = ".emulated"
VALID = timedelta(minutes=15)
OK = 200
TYPES = {".gz": "application/gzip"}


def options(command: argparse.ArgumentParser) -> None:
    """Declare the files, the shop, the choices, and where to write."""
    run.add_file_options(command)
    run.add_out_option(command, Path("bundles-emulated"))


def execute(arguments: argparse.Namespace) -> None:
    """Start everything; run the chain on the files and write the results, or serve.

    Raises:
        NoEmulators: something that it needs is not on this machine.
        Rejected: a file cannot be used.
        PipelineError: the run failed.
    """
    asked = any(getattr(arguments, slot) is not None for slot in run.SLOTS)
    files = run.chosen_files(arguments) if asked else {}
    installation.require_emulators()
    arguments.out.mkdir(parents=True, exist_ok=True)
    print("Starting Pub/Sub, Firestore, a bucket and every function", flush=True)
    with cloud(arguments.out / LOGS) as there, apply_environ(there.environ):
        if files:
            run_files(there, arguments, files)
        else:
            shop = arguments.shop if "." in arguments.shop else f"{arguments.shop}.myshopify.com"
            serve.wait_until_interrupted(interface_of(there, shop), shop=shop)


def interface_of(there: Cloud, shop: str) -> Served:
    """Where the interface is, and the token and keys that open it."""
    token = gateway.development_token(shop, there.public[DEVELOPMENT_KEY].encode())
    keys = {role: there.public[name] for role, name in KEYS.items()}
    return Served(there.url, token, keys, Event().wait)


def run_files(there: Cloud, arguments: argparse.Namespace, files: session.Sources) -> None:
    """Run the chain on the files and write the results.

    Raises:
        Rejected: a file cannot be used.
        PipelineError: the run failed.
    """
    ports, parameters = wiring.ports_of(there.environ), run.chosen_parameters(arguments)
    upload_id = session.upload_id_of(files, arguments.shop, parameters)
    collections = Collections(ports.documents)
    session.ensure_upload(collections, files, parameters, upload_id=upload_id, shop=arguments.shop)
    send_files(files, wiring.uploads_of(there.environ), upload_id)
    upload = session.follow(collections, upload_id, arguments.out)
    write_results(upload, ports, arguments.out)
    run.raise_unless_completed(upload)


def send_files(files: session.Sources, uploads: Uploads, upload_id: str) -> None:
    """PUT each file to its signed address, as a shop's browser would.

    Raises:
        RunRefused: the bucket refuses one.
    """
    for slot, file in files.items():
        if isinstance(file, str):
            raise run.RunRefused(f"{file}: the emulators take files of this machine")
        signed = uploads.signed_put(
            session.landing_name(upload_id, slot, file),
            content_type=TYPES.get(file.suffix, "text/csv"),
            most_bytes=file.stat().st_size,
            now=now(),
            valid=VALID,
        )
        size = {"Content-Length": str(file.stat().st_size)}
        with file.open("rb") as stream:
            response = web_request.send_request(
                "PUT", signed.url, body=stream, headers={**signed.headers, **size}
            )
        if response.status != OK:
            raise run.RunRefused(f"{file}: the bucket answered {response.status}")
