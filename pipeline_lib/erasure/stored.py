"""What is stored of a shop, and by whom it is in use just now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from pipeline_lib import topology
from pipeline_lib.erasure.subjects import kept_orders_of
from pipeline_lib.errors import RunUnderWay
from pipeline_lib.messages import Work
from pipeline_lib.ports import Ports
from pipeline_lib.records.collections import Collections
from pipeline_lib.records.record import Record
from pipeline_lib.records.uploads import Upload
from pipeline_lib.records.webhooks import Subject, Webhook
from pipeline_lib.runs.job import Artefacts


@dataclass(frozen=True)
class ShopStores:
    """One shop in the stores, read anew at every question."""

    ports: Ports
    shop_id: str

    @cached_property
    def collections(self) -> Collections:
        """The typed documents."""
        return Collections(self.ports.documents)

    def uploads(self) -> dict[str, Upload]:
        """Its uploads by id."""
        found = self.collections.uploads.find(shop_id=self.shop_id)
        return {one.record.upload_id: one.record for one in found}

    def webhooks(self) -> list[Webhook]:
        """Its privacy webhooks."""
        return [one.record for one in self.collections.webhooks.find(shop_id=self.shop_id)]

    def records(self) -> list[Record]:
        """Everything else that is stored of it, last that by which the others are found."""
        return list(self.collections.all_of_shop(self.shop_id))

    def published_run(self) -> Work | None:
        """The run that its recommendations come from."""
        found = self.collections.shops.read(self.shop_id)
        return None if found is None else found.record.newest

    def run_chain(self) -> list[Work]:
        """The published run, the run that it adds to, and so on; as far as they are kept."""
        uploads, kept = self.uploads(), set(self.runs())
        chain: list[Work] = []
        run = self.published_run()
        while run is not None and run in kept and run.upload_id in uploads and run not in chain:
            chain.append(run)
            run = uploads[run.upload_id].parameters.adds_to
        return chain

    def upload_ids(self) -> list[str]:
        """The uploads that any document names: an upload's own may have expired before its work."""
        published = self.published_run()
        found = self.collections.recommendations.find(shop_id=self.shop_id)
        named = {one.record.upload_id for one in found}
        last = [] if published is None else [published.upload_id]
        return sorted({*self.uploads(), *named, *last})

    def runs(self) -> list[Work]:
        """The runs of which artefacts are kept."""
        return [run for upload_id in self.upload_ids() for run in self.runs_of(upload_id)]

    def runs_of(self, upload_id: str) -> list[Work]:
        """The upload's runs of which artefacts are kept."""
        names = self.ports.artefacts.names(f"{upload_id}/")
        return [Work(upload_id, number) for number in sorted({_run_in(name) for name in names})]

    def artefacts(self, run: Work) -> list[str]:
        """The names of the run's artefacts."""
        return self.ports.artefacts.names(f"{run.upload_id}/{run.run}/")

    def raw_files(self, upload_ids: Iterable[str]) -> dict[str, list[str]]:
        """The names of the raw files that are still there, by upload."""
        found = {one: self.ports.landing.names(f"{one}/") for one in upload_ids}
        return {upload_id: names for upload_id, names in found.items() if names}

    def orders(self, run: Work, subject: Subject) -> list[str]:
        """The ids of the subject's orders among all lines that the run kept."""
        kept = Artefacts(self.ports.artefacts, run)
        return kept_orders_of(kept, subject)

    def refuse_while_at_work(self, now: datetime) -> None:
        """Nothing is done while a phase may still write.

        Raises:
            RunUnderWay: a worker holds the lease of one.
        """
        phases = {row.name for row in topology.phases() if row.role != "service"}
        for found in self.collections.leases.find(shop_id=self.shop_id, state="held"):
            if found.record.held_until > now and found.record.phase in phases:
                raise RunUnderWay(f"{found.record.name} is held")


def _run_in(name: str) -> int:
    return int(name.split("/")[1])
