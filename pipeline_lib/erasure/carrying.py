"""A run's lines under its upload's next number, without an erased shopper's; ends no run."""

from dataclasses import dataclass

import polars as pl

from pipeline_lib import reports
from pipeline_lib.erasure.subjects import kept_orders_of, orders_of, without_orders
from pipeline_lib.exports import HygieneRules, apply_catalogue_rules
from pipeline_lib.frames import OrderLines, Products, SetAside, StockLevels
from pipeline_lib.messages import Work
from pipeline_lib.mining.baskets import encode_shop, last_order
from pipeline_lib.mining.ledger import Ledger, add_ledgers, ledger_of, subtract_ledger
from pipeline_lib.ports import Blobs
from pipeline_lib.records.webhooks import Subject
from pipeline_lib.runs import counts
from pipeline_lib.runs.job import Artefacts

SEAL = reports.FACTS  # kept last: what has it was carried over whole


@dataclass(frozen=True)
class Carried:
    """A run's work on its way from its old number to its new one."""

    upload_id: str
    source: int
    target: int

    @property
    def old(self) -> Work:
        """The run as it was."""
        return Work(self.upload_id, self.source)

    @property
    def new(self) -> Work:
        """The run without the shopper."""
        return Work(self.upload_id, self.target)


def carry(blobs: Blobs, run: Carried, subject: Subject, earlier: list[Carried] | None) -> None:
    """Keep what the first phase kept anew, and what the run's counts are added to.

    Args:
        blobs: where artefacts are.
        run: what is carried over; done already, nothing is written.
        subject: whose orders are left out.
        earlier: of the files that this one continues, those that are carried over too; None when
            it continues none.
    """
    old, new = Artefacts(blobs, run.old), Artefacts(blobs, run.new)
    if new.has(SEAL):
        return
    gone = kept_orders_of(old, subject)
    times = []
    for number, part in enumerate(old.parts(OrderLines)):
        lines = without_orders(part, gone)
        new.keep(OrderLines, lines, part=number)
        times.append(lines.select(OrderLines.ordered_at.expr))
    for number, part in enumerate(old.parts(SetAside)):
        new.keep(SetAside, without_orders(part, gone), part=number)
    for handle in (Products, StockLevels):
        new.keep(handle, old.frame(handle))
    if earlier is not None:
        counts.keep(new, counts.BEFORE, _before(blobs, old, earlier, subject))
    newest = last_order(pl.concat(times))
    new.keep_json(SEAL, old.json(SEAL).model_copy(update={"newest_order": newest}))


def _before(blobs: Blobs, old: Artefacts, earlier: list[Carried], subject: Subject) -> Ledger:
    """The counts that the run's own were added to, each changed file's taken out and put in anew.

    So the sum is always of what the files' kept lines say, and can be taken apart again.
    """
    before = subtract_ledger(counts.kept(old, counts.WHOLE), _counted(old, old.frame(OrderLines)))
    for one in earlier:
        kept = Artefacts(blobs, one.old)
        lines = kept.frame(OrderLines)
        rest = without_orders(lines, orders_of(lines, subject))
        before = add_ledgers(subtract_ledger(before, _counted(kept, lines)), _counted(kept, rest))
    return before


def _counted(kept: Artefacts, lines: pl.DataFrame) -> Ledger:
    """The counts of one file's lines, as its own run makes them."""
    products, stock = kept.frame(Products), kept.frame(StockLevels)
    sold, _ = apply_catalogue_rules(lines, products, rules=HygieneRules())
    return ledger_of(encode_shop(sold, products, stock))
