"""Sets a failed run going again, here or in the cloud; how stands in the runtime."""

import argparse
from contextlib import closing
from pathlib import Path

from pipeline_lib import logs
from pipeline_lib.cli import session
from pipeline_lib.cli.results import written
from pipeline_lib.cli.run import STATE, forget, raise_unless_completed
from pipeline_lib.clock import now
from pipeline_lib.errors import NothingToRedrive
from pipeline_lib.runs.redrive import redrive
from pipeline_lib.runtime import chain, wiring

SUMMARY = "set a failed run going again where it stopped; what is done stays done"
EPILOG = """\
examples:
  bundles redrive 5f0c… --out july     (a run of `bundles run --out july`: finished here and now)
  BUNDLECHAIN_PROJECT=… bundles redrive 5f0c…     (a deployed one: its functions finish it)
"""


def options(command: argparse.ArgumentParser) -> None:
    """Which run, and where it is."""
    command.add_argument("upload", metavar="UPLOAD", help="its upload's id, as in run.json")
    command.add_argument("--out", type=Path, metavar="DIR", help="what `bundles run` was given")


def execute(given: argparse.Namespace) -> None:
    """Set it going again."""
    if given.out is None:
        in_place(given.upload)
    else:
        in_folder(given.upload, given.out)


def in_folder(upload_id: str, out: Path) -> None:
    """Finish a failed run of ``bundles run --out`` and write its results.

    Raises:
        NothingToRedrive: there is none, it did not fail, or its files are gone.
        PipelineError: it failed again.
    """
    folder = out / STATE
    if not folder.is_dir():
        raise NothingToRedrive(f"{out} holds no run of bundles")
    with logs.to_file(folder / "log.jsonl"), closing(wiring.embedded(folder)) as stores:
        with chain.running(stores, folder):
            redrive(stores.ports, upload_id, now=now())
            upload = session.follow(stores.documents, upload_id, out)
        written(upload, stores.ports, out)
        forget(stores, upload)
    raise_unless_completed(upload)


def in_place(upload_id: str) -> None:
    """Set a run going again where the environment says; the functions there finish it.

    Raises:
        BadSettings: the environment says nothing.
        NothingToRedrive: there is no such run, it did not fail, or its files are gone.
    """
    phases = redrive(wiring.ports(), upload_id, now=now())
    print(f"{upload_id} is set going again at {' and '.join(phases)}")
