"""`bundles redrive`: restarts a failed run, here or in the cloud."""

import argparse
from contextlib import closing
from pathlib import Path

from pipeline_lib import logs
from pipeline_lib.cli import session
from pipeline_lib.cli.results import write_results
from pipeline_lib.cli.run import STATE, raise_unless_completed
from pipeline_lib.clock import now
from pipeline_lib.errors import NothingToRedrive
from pipeline_lib.records.collections import Collections
from pipeline_lib.runs.raw_files import remove_raw_files
from pipeline_lib.runs.redrive import redrive_run
from pipeline_lib.runtime import chain, wiring
from pipeline_lib.runtime.settings import process_settings

EPILOG = """\
examples:
  bundles redrive 5f0c… --out july     (of `bundles run --out july`)
  BUNDLECHAIN_PROJECT=… bundles redrive 5f0c…     (a deployed run)
"""


def options(command: argparse.ArgumentParser) -> None:
    """Declare which run, and where it is."""
    command.add_argument("upload", metavar="UPLOAD", help="the run's upload id, as in run.json")
    command.add_argument("--out", type=Path, metavar="DIR", help="the --out of `bundles run`")


def execute(arguments: argparse.Namespace) -> None:
    """Restart the run."""
    if arguments.out is None:
        redrive_deployed(arguments.upload)
    else:
        redrive_in_folder(arguments.upload, arguments.out)


def redrive_in_folder(upload_id: str, out: Path) -> None:
    """Finish a failed run of ``bundles run --out`` and write its results.

    Raises:
        NothingToRedrive: there is none, it did not fail, or its files are gone.
        PipelineError: it failed again.
    """
    folder = out / STATE
    if not folder.is_dir():
        raise NothingToRedrive(f"{out} holds no run of `bundles run`")
    with (
        logs.to_file(folder / "log.jsonl", level=process_settings().log_level),
        closing(wiring.embedded(folder, process_settings().limits)) as stores,
    ):
        with chain.run_chain(stores, folder):
            redrive_run(stores.ports, upload_id, now=now())
            upload = session.follow(Collections(stores.documents), upload_id, out)
        write_results(upload, stores.ports, out)
        remove_raw_files(stores.ports, now())
    raise_unless_completed(upload)


def redrive_deployed(upload_id: str) -> None:
    """Restart a deployed run; its functions finish it.

    Raises:
        BadSettings: the environment names no deployment.
        NothingToRedrive: there is no such run, it did not fail, or its files are gone.
    """
    phases = redrive_run(wiring.ports(), upload_id, now=now())
    print(f"{upload_id} restarts at {' and '.join(phases)}")
