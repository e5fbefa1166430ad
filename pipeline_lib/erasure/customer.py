"""Erases a shopper from all that a shop's orders were made into; touches no other shop's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from pipeline_lib.erasure import shown
from pipeline_lib.erasure.carrying import Carried, carry
from pipeline_lib.erasure.stored import Shop
from pipeline_lib.errors import RunUnderWay
from pipeline_lib.messages import Work
from pipeline_lib.ports import Data, Ports
from pipeline_lib.records import remade, webhooks
from pipeline_lib.records.turns import noted
from pipeline_lib.runs import intake, turns
from pipeline_lib.runs.amend import amend


def erase(webhook: Data, ports: Ports, now: datetime) -> None:
    """Take out what is stored of the shopper; returns when nothing is.

    Raises:
        RunUnderWay: a run must end first, the shop's own or the one that this began.
    """
    _Look(webhook, ports, now).act()


@dataclass(frozen=True)
class _Look:
    """One look at what is stored of the shopper, and what it asks for.

    Every act can be repeated and none asks how far an earlier look came, so that a break anywhere
    is mended by looking again. What is about to go is noted before it goes.
    """

    webhook: Data
    ports: Ports
    now: datetime

    @property
    def shop(self) -> Shop:
        return Shop(self.ports, self.webhook["shop_id"])

    def act(self) -> None:
        self._remove_files()
        self._refuse_while_running()
        self.shop.refuse_while_at_work(self.now)
        held = self._held()
        self._mark(held)
        moved = self._moved()
        self._note_runs(held, moved)
        for run in moved:
            carry(self.ports.artefacts, run, self.webhook["subject"], self._earlier(run, moved))
        self._go_on(moved)
        self._remove_runs([*held, *(run.old for run in moved)])
        self._refuse_while_running(but=())
        self._clear()

    def _remove_files(self) -> None:
        """Remove all raw files that no run is reading: whose rows are in them is not looked up."""
        uploads = self.shop.uploads()
        idle = {one for one in self.shop.upload_ids() if not _runs(uploads.get(one))}
        files = self.shop.files(idle)
        self._note(files={upload_id: len(names) for upload_id, names in files.items()})
        for upload_id, names in files.items():
            unsent = partial(remade.unsent, now=self.now)
            upload = amend(self.ports.documents, f"uploads/{upload_id}", unsent)
            if not _runs(upload):
                self.ports.landing.delete(names)

    def _refuse_while_running(self, *, but: tuple[str, ...] | None = None) -> None:
        """Wait for runs, ``but`` for those that this erasure began."""
        begun = self._begun() if but is None else but
        for upload_id, upload in self.shop.uploads().items():
            if _runs(upload) and upload_id not in begun:
                raise RunUnderWay(f"run {upload['run']} of {upload_id} is under way")

    def _begun(self) -> tuple[str, ...]:
        return tuple(name for name, one in self.shop.uploads().items() if self._source(one))

    def _source(self, upload: Data) -> int | None:
        return remade.source_of(upload, self.webhook["id"])

    def _held(self) -> dict[Work, int]:
        """How many of the shopper's orders each run holds, of those that hold any."""
        orders = {run: self.shop.orders(run, self.webhook["subject"]) for run in self.shop.runs()}
        return {run: len(found) for run, found in orders.items() if found}

    def _mark(self, held: Mapping[Work, int]) -> None:
        """Give the run on the shelf, and those that it adds to, their next numbers.

        That claims them: an erasure of another shopper waits until these are done.
        """
        line = self.shop.line()
        if not held.keys() & set(line):
            return
        moved: dict[Work, Work] = {}
        for run in reversed(line):  # what is added to first, so that the others can point to it
            turn = self._turn(run) if run == line[0] else None
            change = partial(self._onward, run=run, held=held, moved=moved, turn=turn)
            upload = amend(self.ports.documents, f"uploads/{run.upload_id}", change)
            if upload is not None and self._source(upload) == run.run:
                moved[run] = Work(run.upload_id, upload["run"])

    def _turn(self, run: Work) -> int:
        """Let no upload of the shop begin until the run that is made again is over.

        Raises:
            ShopBusy: one has begun just now.
        """
        upload = self.shop.uploads()[run.upload_id]
        if self._source(upload) == run.run:
            return 0
        return turns.take(self.ports.documents, upload, self.now)

    def _onward(
        self,
        upload: Data,
        *,
        run: Work,
        held: Mapping[Work, int],
        moved: Mapping[Work, Work],
        turn: int | None,
    ) -> dict[str, Any]:
        """The upload at its next run; ``turn`` is the shop's where the run is to be made again."""
        pointed = remade.pointed(upload, moved)
        if self._source(upload) == run.run or (turn is None and run not in held):
            return pointed
        if _runs(upload):  # begun just now; amended, it would be lost
            raise RunUnderWay(f"run {upload['run']} of {run.upload_id} is under way")
        next_run = remade.carried_over if turn is None else remade.made_again
        orders, by = held.get(run, 0), str(self.webhook["id"])
        onward = next_run(pointed, by=by, source=run.run, orders=orders, now=self.now)
        return noted(onward, turn or 0)

    def _moved(self) -> list[Carried]:
        """What is on its way: marked by this erasure, and not yet gone from where it was."""
        marked = {
            name: Carried(name, source, upload["run"])
            for name, upload in self.shop.uploads().items()
            if (source := self._source(upload)) is not None
        }
        return [run for run in marked.values() if self.shop.artefacts(run.old)]

    def _earlier(self, run: Carried, moved: list[Carried]) -> list[Carried] | None:
        """What the run adds to, of what is on its way; None for one that adds to nothing."""
        upload = self.shop.uploads()[run.upload_id]
        if not _runs(upload) or upload["parameters"].get("adds_to") is None:
            return None
        return [one for one in moved if one != run]

    def _note_runs(self, held: Mapping[Work, int], moved: list[Carried]) -> None:
        onward = {run.old: run.target for run in moved}
        runs = {
            f"{run.upload_id}.{run.run}": {
                "upload_id": run.upload_id,
                "run": run.run,
                "orders": held.get(run, 0),
                "objects": len(self.shop.artefacts(run)),
                "carried_over_to": onward.get(run),
            }
            for run in {*held, *onward}
        }
        self._note(runs=runs)

    def _go_on(self, moved: list[Carried]) -> None:
        """Send the run that was begun its next phase's message."""
        uploads = self.shop.uploads()
        for upload in (uploads[run.upload_id] for run in moved):
            if _runs(upload):
                intake.ready(self.ports.documents, upload, self.now)
                intake.continued(self.ports, upload)

    def _remove_runs(self, runs: list[Work]) -> None:
        for run in runs:
            self.ports.artefacts.delete(self.shop.artefacts(run))

    def _clear(self) -> None:
        """Take back what was shown of the runs that are gone."""
        runs = {Work(one["upload_id"], one["run"]) for one in self._note()["runs"].values()}
        going = shown.resting_on(self.shop, runs, self.webhook["subject"])
        self._note(documents={name: len(paths) for name, paths in going.items()})
        shown.unshelve(self.shop, runs)
        shown.refigure(self.shop, {run.upload_id for run in runs})
        self.ports.artefacts.delete(shown.of_rows(self.shop))
        self.ports.documents.delete([path for paths in going.values() for path in paths])

    def _note(self, **found: Mapping[str, Any]) -> Data:
        path = f"webhooks/{self.webhook['id']}"
        noted = amend(self.ports.documents, path, lambda data: webhooks.noted(data, **found))
        return self.webhook if noted is None else noted


def _runs(upload: Data | None) -> bool:
    return upload is not None and upload["status"] == "processing"
