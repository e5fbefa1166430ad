"""One run from files to files on the embedded chain; it shows and decides nothing."""

import argparse
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from types import MappingProxyType

from pipeline_lib import logs
from pipeline_lib.cli import session
from pipeline_lib.cli.results import written
from pipeline_lib.errors import BadExport, PipelineError, Rejected
from pipeline_lib.exports import RULES
from pipeline_lib.ports import Data
from pipeline_lib.pricing import discounts
from pipeline_lib.ranking import shelf
from pipeline_lib.runtime import chain, wiring

SLOTS = {
    "orders": "the orders export",
    "supplement": "order rows that were rejected before, corrected",
    "products": "the products export",
    "inventory": "the inventory export",
    "catalog": "a joined catalogue: products, prices and stock in one file",
}
SUMMARY = "run the whole chain on a shop's exports, on this machine, without a network"
EPILOG = """\
examples:
  bundles run --orders orders_export.csv
  bundles run --orders orders_export.csv.gz --products products_export.csv --out july
  bundles run --products products_export.csv        (no orders: bundles by content alone)

what you get in DIR:
  recommendations.json   the bundles, best first
  run.json               what each step read, kept and took
  progress.jsonl         every version of the progress, as a listening client sees it
  rejects.csv            the rows that could not be used, with their number and the reason;
                         corrected, they can be given with --supplement

exit codes: 0 done, 2 a file was refused, 3 the run failed, 130 interrupted
An interrupted run goes on where it stood when the same command is given again.
"""
REDRIVEN = {"DEAD_LETTER", "TIMED_OUT"}  # what failed for no fault of the files
STATE = ".state"  # the embedded stores, from which an interrupted run goes on


def options(command: argparse.ArgumentParser) -> None:
    """The files, the shop, and what may be chosen."""
    file_options(command)
    command.add_argument(
        "--continues",
        action="store_true",
        help="the orders come after those of the shop's last run in DIR: add to its counts",
    )
    out_option(command, Path("bundles-out"))


def file_options(command: argparse.ArgumentParser) -> None:
    """The files, the shop, and how bundles are made of them."""
    for slot, text in SLOTS.items():
        command.add_argument(
            f"--{slot}", type=Path, metavar="F", help=f"{text} (CSV, plain or .gz)"
        )
    command.add_argument("--shop", default="my-shop", metavar="NAME", help="the shop's name")
    _choices(command)


def _choices(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--ranking",
        choices=tuple(shelf.PROFILES),
        default=shelf.DEFAULT,
        help="by what bundles are ranked (%(default)s)",
    )
    command.add_argument(
        "--pricing",
        choices=discounts.PROFILES,
        default=discounts.DEFAULT,
        help="how the usual discount is estimated (%(default)s)",
    )
    command.add_argument(
        "--keep",
        action="append",
        choices=RULES,
        default=[],
        metavar="RULE",
        help=f"do not set aside lines by this rule: {', '.join(RULES)}",
    )


def out_option(command: argparse.ArgumentParser, folder: Path) -> None:
    """Where to write, by default to ``folder``."""
    command.add_argument(
        "--out", type=Path, default=folder, metavar="DIR", help=f"where to write ({folder})"
    )


def execute(given: argparse.Namespace) -> None:
    """Run the chain on the files that were given."""
    parameters = chosen_parameters(given)
    if given.continues:
        parameters["adds_to"] = session.newest_run(given.out / STATE, given.shop)
    run(chosen_files(given), shop=given.shop, out=given.out, parameters=parameters)


def chosen_files(given: argparse.Namespace) -> dict[str, Path]:
    """The files that were given, by slot.

    Raises:
        RunRefused: no bundle could come from them.
        BadExport: one is not there.
    """
    files = {slot: getattr(given, slot) for slot in SLOTS}
    chosen = {slot: file for slot, file in files.items() if file is not None}
    refuse_missing(chosen)
    return chosen


def chosen_parameters(given: argparse.Namespace) -> dict[str, object]:
    """How bundles are to be made."""
    return {"ranking": given.ranking, "pricing": given.pricing, "rules_off": given.keep}


class RunFailed(PipelineError):
    """The run ended without bundles, for a reason that is not the input's."""

    code = "RUN_FAILED"


class RunRefused(Rejected):
    """The chain refused what it was given, and says why."""

    code = "RUN_REFUSED"


def run(
    files: Mapping[str, Path],
    *,
    shop: str,
    out: Path,
    parameters: Mapping[str, object] = MappingProxyType({}),
) -> None:
    """Run the chain on the files, show its progress, and write the results to ``out``.

    Raises:
        Rejected: a file can not be used.
        PipelineError: the run failed.
    """
    refuse_missing(files)
    upload_id = session.upload_id_of(files, shop, parameters)
    folder = out / STATE
    folder.mkdir(parents=True, exist_ok=True)
    with logs.to_file(folder / "log.jsonl"), closing(wiring.embedded(folder)) as stores:
        with chain.running(stores, folder):
            session.open_upload(stores.documents, files, parameters, upload_id=upload_id, shop=shop)
            session.start(stores, files, upload_id)
            upload = session.follow(stores.documents, upload_id, out)
        written(upload, stores.ports, out)
        forget(stores, upload)
    raise_unless_completed(upload)


def forget(stores: wiring.Embedded, upload: Data) -> None:
    """Remove the raw files, but those of a run that can be redriven and may have to read them."""
    error = upload["error"] or {}
    if error.get("code") not in REDRIVEN:
        stores.forget(upload["upload_id"])


def refuse_missing(files: Mapping[str, Path]) -> None:
    """Refuse what no run can begin with.

    Raises:
        RunRefused: no bundle could come from these files.
        BadExport: one is not there.
    """
    if not {"orders", "products", "catalog"} & set(files):
        raise RunRefused("give a file of orders (--orders F), or one of products (--products F)")
    for slot, file in files.items():
        if not file.is_file():
            raise BadExport(str(file), f"there is no such file; check what follows --{slot}")


def raise_unless_completed(upload: Data) -> None:
    """Say what became of a run that made no bundles.

    Raises:
        RunRefused: what it was given can not be used.
        RunFailed: it failed.
    """
    if upload["status"] == "completed":
        return
    error = upload["error"] or {
        "code": upload["status"],
        "message": f"the run was {upload['status']}",
    }
    if error["code"] in REDRIVEN | {"cancelled"}:
        raise RunFailed(error["message"])
    raise RunRefused(error["message"])
