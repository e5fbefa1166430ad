"""Reads the command line and turns what went wrong into a sentence and an exit code."""

import argparse
import sys
from collections.abc import Sequence
from datetime import date
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


BACKTEST_EPILOG = """\
example:
  bundles backtest --orders orders_export.csv --train-until 2026-06-01 --test-from 2026-07-01

A pair's incremental co-purchases are the later orders that hold both products, less what
independence expects. cap is the most pairs that one product may be in. The ratio is ours to the
best of all baselines in that cell, which nobody can know beforehand. calibrated is the share of
pairs whose later attach rate was at least the confidence_low that we state.
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
    _run_options(one)
    sample = commands.add_parser(
        "demo",
        help="run it on a sample shop that is made on the spot",
        description="Make a sample shop (20,000 orders, 300 products) and run the chain on it.",
    )
    _with_out(sample, Path("demo"))
    _backtest_options(
        commands.add_parser(
            "backtest",
            help="measure the ranking on orders that it has not seen",
            description="Rank pairs on the past, count what they did later, beside usual scores.",
            epilog=BACKTEST_EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
    )
    return top


def _run_options(command: argparse.ArgumentParser) -> None:
    for slot, text in run.SLOTS.items():
        command.add_argument(
            f"--{slot}", type=Path, metavar="F", help=f"{text} (CSV, plain or .gz)"
        )
    command.add_argument("--shop", default="my-shop", metavar="NAME", help="the shop's name")
    _with_out(command, Path("bundles-out"))


def _backtest_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--orders", type=Path, required=True, metavar="F", help="orders export")
    command.add_argument("--products", type=Path, metavar="F", help="products export, for costs")
    for name, text in (("train-until", "first day not learnt from"), ("test-from", "first day")):
        command.add_argument(
            f"--{name}", type=date.fromisoformat, required=True, metavar="D", help=text
        )
    command.add_argument(
        "--k", type=_sizes, default=(20, 50, 100, 200), metavar="K,…", help="how many pairs"
    )
    command.add_argument("--json", action="store_true", help="print one JSON document instead")


def _sizes(text: str) -> tuple[int, ...]:
    sizes = tuple(sorted({int(part) for part in text.split(",")}))
    if sizes[0] < 1:
        raise argparse.ArgumentTypeError("sizes are 1 or more")
    return sizes


def _run_backtest(given: argparse.Namespace) -> None:
    from pipeline_lib.cli.backtest import backtest  # noqa: PLC0415 - no other command needs it

    backtest(
        orders=given.orders,
        products=given.products,
        train_until=given.train_until,
        test_from=given.test_from,
        sizes=given.k,
        as_json=given.json,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    given = parser().parse_args(arguments)
    try:
        if given.command == "demo":
            demo.demo(out=given.out)
        elif given.command == "backtest":
            _run_backtest(given)
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
