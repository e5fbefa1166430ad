"""Erases a shopper from all that a shop's orders were made into."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial

from pipeline_lib.erasure import shown
from pipeline_lib.erasure.carrying import Carried, carry
from pipeline_lib.erasure.stored import ShopStores
from pipeline_lib.errors import RunUnderWay
from pipeline_lib.messages import Work
from pipeline_lib.ports import Ports
from pipeline_lib.records import remade
from pipeline_lib.records.uploads import Upload
from pipeline_lib.records.webhooks import FoundRun, Subject, Webhook
from pipeline_lib.runs.opening import publish_unfinished, take_turn
from pipeline_lib.runs.state import show_run


def erase_customer(webhook: Webhook, ports: Ports, now: datetime) -> None:
    """Take out what is stored of the shopper; returns when nothing is.

    Raises:
        RunUnderWay: a run must end first, the shop's own or the one that this began.
    """
    _Erasure(webhook, ports, now).act()


@dataclass(frozen=True)
class _Erasure:
    """One look at what is stored of the shopper, and what it asks for.

    Every act can be repeated and none asks how far an earlier look came, so that a break anywhere
    is mended by looking again. What is about to go is noted before it goes.
    """

    webhook: Webhook
    ports: Ports
    now: datetime

    @cached_property
    def shop(self) -> ShopStores:
        return ShopStores(self.ports, self.webhook.shop_id)

    @property
    def subject(self) -> Subject:
        return self.webhook.subject or Subject()

    def act(self) -> None:
        self._remove_files()
        self._refuse_while_running(allowed=self._begun_here())
        self.shop.refuse_while_at_work(self.now)
        held = self._held()
        self._mark(held)
        moved = self._moved()
        self._note_runs(held, moved)
        for run in moved:
            carry(self.ports.artefacts, run, self.subject, self._earlier(run, moved))
        self._go_on(moved)
        self._remove_runs([*held, *(run.old for run in moved)])
        self._refuse_while_running(allowed=())
        self._clear()

    def _remove_files(self) -> None:
        """Remove all raw files that no run is reading: whose rows are in them is not looked up."""
        uploads = self.shop.uploads()
        idle = {one for one in self.shop.upload_ids() if not _runs(uploads.get(one))}
        files = self.shop.raw_files(idle)
        counts = {upload_id: len(names) for upload_id, names in files.items()}
        stored = self.shop.collections
        stored.webhooks.change(self.webhook.id, lambda one: one.with_found_files(counts))
        for upload_id, names in files.items():
            upload = stored.uploads.change(
                upload_id, lambda one: one.with_files_removed(now=self.now)
            )
            if upload is None or not _runs(upload.record):
                self.ports.landing.delete(names)

    def _refuse_while_running(self, *, allowed: tuple[str, ...]) -> None:
        """Wait for runs but the ``allowed`` uploads'."""
        for upload_id, upload in self.shop.uploads().items():
            if _runs(upload) and upload_id not in allowed:
                raise RunUnderWay(f"run {upload.run} of {upload_id} is under way")

    def _begun_here(self) -> tuple[str, ...]:
        uploads = self.shop.uploads().items()
        return tuple(name for name, one in uploads if self._source(one) is not None)

    def _source(self, upload: Upload) -> int | None:
        return remade.source_of(upload, self.webhook.id)

    def _held(self) -> dict[Work, int]:
        """How many of the shopper's orders each run holds, of those that hold any."""
        orders = {run: self.shop.orders(run, self.subject) for run in self.shop.runs()}
        return {run: len(found) for run, found in orders.items() if found}

    def _mark(self, held: Mapping[Work, int]) -> None:
        """Give the published run, and those that it adds to, their next numbers.

        That claims them: an erasure of another shopper waits until these are done.
        """
        chain = self.shop.run_chain()
        if not held.keys() & set(chain):
            return
        moved: dict[Work, Work] = {}
        for run in reversed(chain):  # what is added to first, so that the others can point to it
            turn = self._turn(run) if run == chain[0] else None
            change = partial(self._with_next_run, run=run, held=held, moved=moved, turn=turn)
            upload = self.shop.collections.uploads.change(run.upload_id, change)
            if upload is not None and self._source(upload.record) == run.run:
                moved[run] = upload.record.work

    def _turn(self, run: Work) -> int:
        """Let no upload of the shop begin until the run that is made again is over.

        Raises:
            ShopBusy: one has begun just now.
        """
        upload = self.shop.uploads()[run.upload_id]
        if self._source(upload) == run.run:
            return 0
        return take_turn(self.shop.collections, upload, now=self.now)

    def _with_next_run(
        self,
        upload: Upload,
        *,
        run: Work,
        held: Mapping[Work, int],
        moved: Mapping[Work, Work],
        turn: int | None,
    ) -> Upload:
        """The upload at its next run; ``turn`` is the shop's where the run is to be made again."""
        pointed = remade.with_earlier_run_moved(upload, moved)
        if self._source(upload) == run.run or (turn is None and run not in held):
            return pointed
        if _runs(upload):  # begun just now; changed, it would be lost
            raise RunUnderWay(f"run {upload.run} of {run.upload_id} is under way")
        orders, by = held.get(run, 0), self.webhook.id
        if turn is None:
            return remade.with_work_carried_over(
                pointed, by=by, source=run.run, orders=orders, now=self.now
            )
        return remade.with_run_made_again(
            pointed, by=by, source=run.run, orders=orders, turn=turn, now=self.now
        )

    def _moved(self) -> list[Carried]:
        """What is on its way: marked by this erasure, and not yet gone from where it was."""
        marked = [
            Carried(name, source, upload.run)
            for name, upload in self.shop.uploads().items()
            if (source := self._source(upload)) is not None
        ]
        return [run for run in marked if self.shop.artefacts(run.old)]

    def _earlier(self, run: Carried, moved: list[Carried]) -> list[Carried] | None:
        """What the run adds to, of what is on its way; None for one that adds to nothing."""
        upload = self.shop.uploads()[run.upload_id]
        if not _runs(upload) or upload.parameters.adds_to is None:
            return None
        return [one for one in moved if one != run]

    def _note_runs(self, held: Mapping[Work, int], moved: list[Carried]) -> None:
        next_numbers = {run.old: run.target for run in moved}
        runs = {
            run.key: FoundRun(
                upload_id=run.upload_id,
                run=run.run,
                orders=held.get(run, 0),
                objects=len(self.shop.artefacts(run)),
                carried_over_to=next_numbers.get(run),
            )
            for run in {*held, *next_numbers}
        }
        self.shop.collections.webhooks.change(
            self.webhook.id, lambda one: one.with_found_runs(runs)
        )

    def _go_on(self, moved: list[Carried]) -> None:
        """Send the run that was begun its next phase's message."""
        uploads = self.shop.uploads()
        for upload in (uploads[run.upload_id] for run in moved):
            if _runs(upload):
                show_run(self.shop.collections, upload.upload_id)
                publish_unfinished(self.ports, upload)

    def _remove_runs(self, runs: list[Work]) -> None:
        for run in runs:
            self.ports.artefacts.delete(self.shop.artefacts(run))

    def _clear(self) -> None:
        """Take back what was shown of the runs that are gone."""
        stored = self.shop.collections
        noted = stored.webhooks.read(self.webhook.id)
        found = self.webhook.runs if noted is None else noted.record.runs
        runs = {Work(one.upload_id, one.run) for one in found.values()}
        going = shown.records_of_runs(self.shop, runs, self.subject)
        counts = dict(Counter(record.collection for record in going))
        stored.webhooks.change(self.webhook.id, lambda one: one.with_found_documents(counts))
        shown.forget_published_run(self.shop, runs)
        shown.renew_figures(self.shop, {run.upload_id for run in runs})
        self.ports.artefacts.delete(shown.artefacts_of_rows(self.shop))
        stored.delete(*going)


def _runs(upload: Upload | None) -> bool:
    return upload is not None and upload.status == "processing"
