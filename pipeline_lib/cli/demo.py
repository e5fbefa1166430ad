"""The sample shop as a run like any other; how the shop is made stands in `sample`."""

from pathlib import Path

from pipeline_lib import sample
from pipeline_lib.cli import run


def demo(*, out: Path) -> None:
    """Write the sample shop's exports below ``out`` and run the chain on them."""
    folder = out / "exports"
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for slot, content in sample.files().items():
        files[slot] = folder / f"{slot}_export.csv"
        files[slot].write_bytes(content)
    run.run(files, shop=sample.NAME, out=out)
