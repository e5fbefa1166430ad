"""The command line: parses it, runs one command, turns errors into a sentence and an exit code."""

import argparse
import os
import sys
import textwrap
from collections.abc import Sequence
from importlib import import_module

from pipeline_lib.errors import PipelineError, Rejected
from pipeline_lib.runtime.settings import process_settings

DONE, REFUSED, FAILED, INTERRUPTED, BROKEN_PIPE = 0, 2, 3, 130, 141

# Each command is a module of its name here, with EPILOG, options(parser) and execute(arguments).
COMMANDS = {
    "run": "run the whole chain on a shop's exports, on this machine, without a network",
    "demo": "run the chain on a sample shop",
    "serve": "serve the whole system on this machine: the interface and the chain behind it",
    "inspect": "show what files hold, how they are understood, and what a run can promise",
    "rules": "list the association rules of a finished run, at any support",
    "rerank": "order a run's bundles by other weights, from what it stored",
    "backtest": "measure the ranking on orders that it has not seen, beside the usual scores",
    "emulate": "run the chain as it is deployed, on Google's emulators, every function a process",
    "redrive": "restart a failed run where it stopped, keeping what is done",
    "smoke": "send a small sample shop through a running system and check that bundles come back",
}


class Paragraphs(argparse.RawDescriptionHelpFormatter):
    """Help whose examples stay as they are written, and whose paragraphs fit the terminal."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        told = []
        for paragraph in text.strip("\n").split("\n\n"):
            lines = paragraph.splitlines()
            fits = all(len(line) <= width for line in lines)
            written = fits or any(line.startswith(" ") for line in lines)
            told.append(paragraph if written else textwrap.fill(paragraph, width))
        return super()._fill_text("\n\n".join(told), width, indent)


def parser(named: str | None) -> argparse.ArgumentParser:
    """The commands, and the options of the one that is ``named``.

    Only that command's module is imported: the others cost a second that nobody asked for.
    """
    top = argparse.ArgumentParser(
        prog="bundles", description="Turn a shop's CSV exports into priced, explained bundles."
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, summary in COMMANDS.items():
        command = commands.add_parser(
            name,
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}.",
            formatter_class=Paragraphs,
        )
        if name == named:
            module = import_module(f"pipeline_lib.cli.{name}")
            command.epilog = module.EPILOG
            command.set_defaults(execute=module.execute)
            module.options(command)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    try:
        try:
            return _run(arguments)
        finally:
            sys.stdout.flush()
    except BrokenPipeError:  # the reader has left, as ``head`` does
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())  # or the interpreter would complain at exit
        os.close(nowhere)
        return BROKEN_PIPE


def _run(arguments: Sequence[str] | None) -> int:
    words = sys.argv[1:] if arguments is None else list(arguments)
    given = parser(next((word for word in words if word in COMMANDS), None)).parse_args(words)
    try:
        process_settings()  # what is wrong stops the start
        given.execute(given)
    except Rejected as refusal:
        print(f"bundles: {refusal}", file=sys.stderr)
        return REFUSED
    except PipelineError as error:
        print(f"bundles: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("\nbundles: interrupted; run the same command again to continue", file=sys.stderr)
        return INTERRUPTED
    return DONE


if __name__ == "__main__":
    sys.exit(main())
