"""The sample shop as a run like any other; how the shop is made stands in `sample`."""

import argparse
from pathlib import Path

from dev import sample
from pipeline_lib.cli import run

SUMMARY = "run the chain on a sample shop that is made on the spot"
EPILOG = "The shop: 20,000 orders of 300 products, with affinities planted to be found."


def options(command: argparse.ArgumentParser) -> None:
    """Where to write."""
    run.out_option(command, Path("demo"))


def execute(given: argparse.Namespace) -> None:
    """Make the shop and run the chain."""
    demo(out=given.out)


def demo(*, out: Path) -> None:
    """Write the sample shop's exports below ``out`` and run the chain on them."""
    folder = out / "exports"
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for slot, content in sample.files().items():
        files[slot] = folder / f"{slot}_export.csv"
        files[slot].write_bytes(content)
    run.run(files, shop=sample.NAME, out=out)
