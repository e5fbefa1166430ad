"""`bundles run`: one run from files to files on the embedded chain."""

import argparse
from contextlib import closing
from pathlib import Path

from pipeline_lib import logs
from pipeline_lib.cli import session
from pipeline_lib.cli.mapping import add_map_option
from pipeline_lib.cli.results import write_results
from pipeline_lib.clock import now
from pipeline_lib.errors import BadExport, PipelineError, Rejected
from pipeline_lib.exports import RULES
from pipeline_lib.pricing import discounts
from pipeline_lib.ranking import scores
from pipeline_lib.records.collections import Collections
from pipeline_lib.records.uploads import S3, Failure, Parameters, SlotName, Upload
from pipeline_lib.runs.raw_files import REDRIVABLE, remove_raw_files
from pipeline_lib.runtime import chain, wiring
from pipeline_lib.runtime.settings import process_settings

SLOTS: dict[SlotName, str] = {
    "orders": "the orders export",
    "supplement": "rows of rejects.csv, corrected",
    "products": "the products export",
    "inventory": "the inventory export",
    "catalog": "a joined catalogue: products, prices and stock in one file",
}
EPILOG = """\
examples:
  bundles run --orders orders_export.csv
  bundles run --orders orders.csv.gz --products products.csv --out july
  bundles run --orders s3://exports/july.csv   (with BUNDLECHAIN_S3_BUCKET)
  bundles run --products products_export.csv   (bundles by content alone)
  bundles run --orders sales.csv --map title="What" --map order_id="Receipt"

what DIR holds afterwards:
  recommendations.json   the bundles, best first
  run.json               what each step read and kept, and how long it took
  progress.jsonl         every version of the progress, as a client sees it
  rejects.csv            the rows that could not be used, each with the reason;
                         correct them and pass them with --supplement

exit codes: 0 done, 2 a file was refused, 3 the run failed, 130 interrupted
Run the same command again to continue an interrupted run.
"""
AS_USUAL = Parameters()
STATE = ".state"  # the embedded stores, from which an interrupted run continues


def options(command: argparse.ArgumentParser) -> None:
    """Declare the files, the shop, and the choices."""
    add_file_options(command)
    command.add_argument(
        "--continues",
        action="store_true",
        help="add to the counts of the shop's last run in DIR; all orders must be newer",
    )
    add_out_option(command, Path("bundles-out"))


def add_file_options(command: argparse.ArgumentParser) -> None:
    """Declare the files, the shop, and how bundles are made."""
    for slot, text in SLOTS.items():
        command.add_argument(
            f"--{slot}", type=file_or_s3, metavar="F", help=f"{text} (CSV, plain or .gz)"
        )
    command.add_argument("--shop", default="my-shop", metavar="NAME", help="the shop's name")
    _add_choices(command)


def file_or_s3(text: str) -> Path | str:
    """A file's path, or the address of one in S3-compatible storage."""
    return text if text.startswith(S3) else Path(text)


def _add_choices(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--rank-by",
        choices=tuple(scores.PROFILES),
        default=scores.GAIN,
        help="by what bundles are ranked (%(default)s)",
    )
    command.add_argument(
        "--pricing",
        choices=discounts.PRICE_PROFILES,
        default=discounts.BEST_PRICES,
        help="how prices are made (%(default)s)",
    )
    command.add_argument(
        "--keep",
        action="append",
        choices=RULES,
        default=[],
        metavar="RULE",
        help=f"do not set lines aside by this rule: {', '.join(RULES)}",
    )
    add_map_option(command)


def add_out_option(command: argparse.ArgumentParser, folder: Path) -> None:
    """Declare where to write, by default ``folder``."""
    command.add_argument(
        "--out", type=Path, default=folder, metavar="DIR", help=f"where to write ({folder})"
    )


def execute(arguments: argparse.Namespace) -> None:
    """Run the chain on the files."""
    parameters = chosen_parameters(arguments)
    if arguments.continues:
        newest = session.newest_run(arguments.out / STATE, arguments.shop)
        parameters = parameters.replace(adds_to=newest)
    run(chosen_files(arguments), shop=arguments.shop, out=arguments.out, parameters=parameters)


def chosen_files(arguments: argparse.Namespace) -> dict[SlotName, Path | str]:
    """The files on the command line, by slot.

    Raises:
        RunRefused: no bundle could come from them.
        BadExport: one does not exist.
    """
    files = {slot: getattr(arguments, slot) for slot in SLOTS}
    chosen = {slot: file for slot, file in files.items() if file is not None}
    refuse_missing(chosen)
    return chosen


def chosen_parameters(arguments: argparse.Namespace) -> Parameters:
    """The parameters of the run."""
    chosen = Parameters(
        rank_by=arguments.rank_by, pricing=arguments.pricing, rules_off=tuple(arguments.keep)
    )
    return chosen.replace(mapping=dict(arguments.map)) if arguments.map else chosen


class RunFailed(PipelineError):
    """The run ended without bundles, through no fault of its input."""

    code = "RUN_FAILED"


class RunRefused(Rejected):
    """The chain refused its input; the message says why."""

    code = "RUN_REFUSED"


def run(
    files: session.Sources,
    *,
    shop: str,
    out: Path,
    parameters: Parameters = AS_USUAL,
) -> None:
    """Run the chain on the files, show its progress, and write the results to ``out``.

    Raises:
        Rejected: a file cannot be used.
        PipelineError: the run failed.
    """
    refuse_missing(files)
    upload_id = session.upload_id_of(files, shop, parameters)
    folder = out / STATE
    folder.mkdir(parents=True, exist_ok=True)
    with (
        logs.to_file(folder / "log.jsonl", level=process_settings().log_level),
        closing(wiring.embedded(folder, process_settings().limits)) as stores,
    ):
        collections = Collections(stores.documents)
        with chain.run_chain(stores, folder):
            session.ensure_upload(collections, files, parameters, upload_id=upload_id, shop=shop)
            session.start_run(stores, files, upload_id)
            upload = session.follow(collections, upload_id, out)
        write_results(upload, stores.ports, out)
        remove_raw_files(stores.ports, now())
    raise_unless_completed(upload)


def refuse_missing(files: session.Sources) -> None:
    """Refuse files that no run can begin with.

    Raises:
        RunRefused: no bundle could come from these files.
        BadExport: one does not exist.
    """
    if not {"orders", "products", "catalog"} & set(files):
        raise RunRefused("pass a file of orders (--orders F) or of products (--products F)")
    for slot, file in files.items():
        if isinstance(file, Path) and not file.is_file():
            raise BadExport(str(file), f"no such file; check the path after --{slot}")


def raise_unless_completed(upload: Upload) -> None:
    """Raise the error of a run that made no bundles.

    Raises:
        RunRefused: what it was given cannot be used.
        RunFailed: it failed.
    """
    if upload.status == "completed":
        return
    ended = Failure(code=upload.status, message=f"the run was {upload.status}", phase="")
    error = upload.error or ended
    if error.code in REDRIVABLE | {"cancelled"}:
        raise RunFailed(error.message)
    raise RunRefused(error.message)
