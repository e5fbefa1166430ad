"""A shop's counts as artefacts of a run: kept and read again; nothing is counted."""

from pipeline_lib.mining.ledger import Ledger, restore_ledger
from pipeline_lib.runs.job import Artefacts

WHOLE, BEFORE = "ledger", "before"  # with the run's own file, and what it is added to


def keep(artefacts: Artefacts, name: str, ledger: Ledger) -> None:
    """Keep the ledger under ``name``; its facts last, so that it is there whole or not at all."""
    for part, frame in ledger.frames().items():
        artefacts.keep(f"{name}/{part}", frame)
    artefacts.keep_json(f"{name}.json", ledger.facts())


def kept(artefacts: Artefacts, name: str) -> Ledger:
    """The ledger kept under ``name``.

    Raises:
        MissingArtefact: there is none.
    """
    items, pairs = (artefacts.frame(f"{name}/{part}") for part in ("items", "pairs"))
    return restore_ledger(items, pairs, artefacts.json(f"{name}.json"))
