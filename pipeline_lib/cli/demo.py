"""`bundles demo`: a run on the sample shop."""

import argparse
from pathlib import Path

from dev import sample
from pipeline_lib.cli import run

EPILOG = "The shop has 20,000 orders of 300 products, with affinities planted to be found."


def options(command: argparse.ArgumentParser) -> None:
    """Declare where to write."""
    run.add_out_option(command, Path("demo"))


def execute(arguments: argparse.Namespace) -> None:
    """Make the shop and run the chain."""
    demo(out=arguments.out)


def demo(*, out: Path) -> None:
    """Write the sample shop's exports below ``out`` and run the chain on them."""
    folder = out / "exports"
    folder.mkdir(parents=True, exist_ok=True)
    files = {slot: folder / f"{slot}_export.csv" for slot in sample.files()}
    for slot, content in sample.files().items():
        files[slot].write_bytes(content)
    run.run(files, shop=sample.NAME, out=out)
