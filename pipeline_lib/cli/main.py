"""Reads the command line and turns what went wrong into a sentence and an exit code."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from pipeline_lib.cli import demo, run
from pipeline_lib.errors import PipelineError, Rejected

DONE, REFUSED, FAILED, INTERRUPTED = 0, 2, 3, 130

RUN_EPILOG = """\
examples:
  bundles run --orders orders_export.csv
  bundles run --orders orders_export.csv.gz --products products_export.csv --out july
  bundles run --products products_export.csv        (no orders: bundles by content alone)

what you get in DIR:
  recommendations.json   the bundles, best first
  run.json               what each step read, kept and took
  progress.jsonl         every version of the progress, as a listening client sees it
  rejects.csv            the rows that could not be used, with their number and the reason

exit codes: 0 done · 2 a file was refused · 3 the run failed · 130 interrupted
An interrupted run goes on where it stood when the same command is given again.
"""


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    top = argparse.ArgumentParser(
        prog="bundles", description="Turn a shop's CSV exports into priced, explained bundles."
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    one = commands.add_parser(
        "run",
        help="run the whole chain on your exports",
        description="Run the whole chain on a shop's exports, on this machine, without a network.",
        epilog=RUN_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for slot, text in run.SLOTS.items():
        one.add_argument(f"--{slot}", type=Path, metavar="F", help=f"{text} (CSV, plain or .gz)")
    one.add_argument("--shop", default="my-shop", metavar="NAME", help="the shop's name")
    _with_out(one, Path("bundles-out"))
    sample = commands.add_parser(
        "demo",
        help="run it on a sample shop that is made on the spot",
        description="Make a sample shop (20,000 orders, 300 products) and run the chain on it.",
    )
    _with_out(sample, Path("demo"))
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    given = parser().parse_args(arguments)
    try:
        if given.command == "demo":
            demo.demo(out=given.out)
        else:
            files = {slot: getattr(given, slot) for slot in run.SLOTS}
            chosen = {slot: file for slot, file in files.items() if file is not None}
            run.run(chosen, shop=given.shop, out=given.out)
    except Rejected as refusal:
        print(f"bundles: {refusal}", file=sys.stderr)
        return REFUSED
    except PipelineError as error:
        print(f"bundles: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("\nbundles: interrupted; give the same command again to go on", file=sys.stderr)
        return INTERRUPTED
    return DONE


def _with_out(command: argparse.ArgumentParser, folder: Path) -> None:
    command.add_argument(
        "--out", type=Path, default=folder, metavar="DIR", help=f"where to write ({folder})"
    )


if __name__ == "__main__":
    sys.exit(main())
