"""Reads the command line and turns what went wrong into a sentence and an exit code."""

import argparse
import os
import sys
from collections.abc import Sequence

from pipeline_lib.cli import (
    backtest,
    demo,
    emulate,
    inspect,
    redrive,
    rerank,
    rules,
    run,
    serve,
    smoke,
)
from pipeline_lib.errors import PipelineError, Rejected

DONE, REFUSED, FAILED, INTERRUPTED, UNHEARD = 0, 2, 3, 130, 141

# Each command is a module with SUMMARY, EPILOG, options(parser) and execute(arguments).
COMMANDS = {
    "run": run,
    "demo": demo,
    "serve": serve,
    "inspect": inspect,
    "rules": rules,
    "rerank": rerank,
    "backtest": backtest,
    "emulate": emulate,
    "redrive": redrive,
    "smoke": smoke,
}


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    top = argparse.ArgumentParser(
        prog="bundles", description="Turn a shop's CSV exports into priced, explained bundles."
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        command.options(
            commands.add_parser(
                name,
                help=command.SUMMARY,
                description=f"{command.SUMMARY[0].upper()}{command.SUMMARY[1:]}.",
                epilog=command.EPILOG,
                formatter_class=argparse.RawDescriptionHelpFormatter,
            )
        )
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    try:
        try:
            return _run(arguments)
        finally:
            sys.stdout.flush()
    except BrokenPipeError:  # who reads has had enough, as ``head`` has
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())  # or the interpreter would complain at its end
        os.close(nowhere)
        return UNHEARD


def _run(arguments: Sequence[str] | None) -> int:
    given = parser().parse_args(arguments)
    try:
        COMMANDS[given.command].execute(given)
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


if __name__ == "__main__":
    sys.exit(main())
