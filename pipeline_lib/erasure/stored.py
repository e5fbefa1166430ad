"""What is stored of a shop, and by whom it is in use just now; changes nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pipeline_lib import topology
from pipeline_lib.erasure.subjects import Subject, orders_of
from pipeline_lib.errors import RunUnderWay
from pipeline_lib.messages import Work
from pipeline_lib.ports import Data, Ports
from pipeline_lib.runs.job import Artefacts

COLLECTIONS = (  # in which documents have a shop_id; last those by which the others are found
    "audit",
    "bundles",
    "leases",
    "previews",
    "progress",
    "quick_installs",
    "replays",
    "rules",
    "recommendations",
    "shops",
    "uploads",
)


@dataclass(frozen=True)
class Shop:
    """One shop in the stores, read anew at every question."""

    ports: Ports
    shop_id: str

    def uploads(self) -> dict[str, Data]:
        """Its uploads by id."""
        return {data["upload_id"]: data for data in self.all("uploads").values()}

    def all(self, collection: str) -> dict[str, Data]:
        """Its documents in the collection by path."""
        found = self.ports.documents.find(collection, {"shop_id": self.shop_id})
        return {path: document.data for path, document in found}

    def shelf(self) -> Work | None:
        """The run that its recommendations come from."""
        found = self.ports.documents.read(f"shops/{self.shop_id}")
        newest = None if found is None else found.data.get("newest")
        return None if newest is None else Work(newest["upload_id"], newest["run"])

    def line(self) -> list[Work]:
        """The run on the shelf, the run that it adds to, and so on; as far as they are kept."""
        uploads, kept = self.uploads(), set(self.runs())
        line: list[Work] = []
        run = self.shelf()
        while run is not None and run in kept and run.upload_id in uploads and run not in line:
            line.append(run)
            before = uploads[run.upload_id]["parameters"].get("adds_to")
            run = None if before is None else Work(before["upload_id"], before["run"])
        return line

    def upload_ids(self) -> list[str]:
        """The uploads that any document names: an upload's own may have expired before its work."""
        shelf = self.shelf()
        named = {one["upload_id"] for one in self.all("recommendations").values()}
        return sorted({*self.uploads(), *named, *([] if shelf is None else [shelf.upload_id])})

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

    def files(self, upload_ids: Iterable[str]) -> dict[str, list[str]]:
        """The names of the raw files that are still there, by upload."""
        found = {one: self.ports.landing.names(f"{one}/") for one in upload_ids}
        return {upload_id: names for upload_id, names in found.items() if names}

    def orders(self, run: Work, subject: Subject) -> list[str]:
        """The ids of the subject's orders among the lines that the run kept."""
        kept = Artefacts(self.ports.artefacts, run)
        if not kept.parts("lines"):
            return []
        return orders_of(kept.frame("lines", columns=["order_id", "customer"]), subject)

    def refuse_while_at_work(self, now: datetime) -> None:
        """Nothing is done while a phase may still write.

        Raises:
            RunUnderWay: a worker holds the lease of one.
        """
        phases = tuple(f".{row.name}" for row in topology.phases() if row.role != "service")
        for path, lease in self.all("leases").items():
            held = lease["state"] == "held" and lease["held_until"] > now
            if held and path.endswith(phases):
                raise RunUnderWay(f"{path} is held")


def _run_in(name: str) -> int:
    return int(name.split("/")[1])
