"""A shop's counts as artefacts of a run: kept and read again; nothing is counted."""

from dataclasses import dataclass

from pipeline_lib import frames, reports
from pipeline_lib.mining.ledger import Ledger, restore_ledger
from pipeline_lib.reports import LedgerFacts, Report
from pipeline_lib.runs.job import Artefacts


@dataclass(frozen=True)
class LedgerHandles:
    """Under which names a ledger is kept."""

    items: type[frames.LedgerItems]
    pairs: type[frames.LedgerPairs]
    facts: Report[LedgerFacts]


WHOLE = LedgerHandles(frames.LedgerItems, frames.LedgerPairs, reports.LEDGER)  # with the run's file
BEFORE = LedgerHandles(frames.EarlierItems, frames.EarlierPairs, reports.EARLIER)  # without it


def keep(artefacts: Artefacts, handles: LedgerHandles, ledger: Ledger) -> None:
    """Keep the ledger; its facts last, so that it is there whole or not at all."""
    artefacts.keep(handles.items, ledger.items())
    artefacts.keep(handles.pairs, ledger.pairs())
    artefacts.keep_json(handles.facts, ledger.facts())


def kept(artefacts: Artefacts, handles: LedgerHandles) -> Ledger:
    """The ledger that was kept.

    Raises:
        MissingArtefact: there is none.
    """
    items, pairs = artefacts.frame(handles.items), artefacts.frame(handles.pairs)
    return restore_ledger(items, pairs, artefacts.json(handles.facts))
