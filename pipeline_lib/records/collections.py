"""Every collection of a store of documents, by name."""

from collections.abc import Iterator
from typing import Any

from pipeline_lib.ports import Documents
from pipeline_lib.records.audit import AuditEntry, UsedToken
from pipeline_lib.records.flags import CURRENT, FlagSettings
from pipeline_lib.records.leases import Lease
from pipeline_lib.records.progress import Progress
from pipeline_lib.records.quick_install import QuickInstall
from pipeline_lib.records.recommendations import Bundle, Preview, Recommendation, RuleListing
from pipeline_lib.records.record import Record
from pipeline_lib.records.shops import Shop
from pipeline_lib.records.store import Records
from pipeline_lib.records.uploads import Upload
from pipeline_lib.records.webhooks import Webhook


class Collections:
    """The typed collections over one port of documents."""

    def __init__(self, documents: Documents) -> None:
        self.documents = documents
        self.uploads = Records(documents, Upload)
        self.progress = Records(documents, Progress)
        self.shops = Records(documents, Shop)
        self.leases = Records(documents, Lease)
        self.flags = Records(documents, FlagSettings)
        self.quick_installs = Records(documents, QuickInstall)
        self.recommendations = Records(documents, Recommendation)
        self.bundles = Records(documents, Bundle)
        self.previews = Records(documents, Preview)
        self.rules = Records(documents, RuleListing)
        self.webhooks = Records(documents, Webhook)
        self.audit = Records(documents, AuditEntry)
        self.used_tokens = Records(documents, UsedToken)

    def flag_settings(self) -> FlagSettings:
        """What operators set, or that nobody has set anything."""
        found = self.flags.read(CURRENT)
        return FlagSettings() if found is None else found.record

    def all_of_shop(self, shop_id: str) -> Iterator[Record]:
        """Every record of the shop but its webhooks, last those by which the others are found."""
        collections: tuple[Records[Any], ...] = (
            self.audit,
            self.bundles,
            self.leases,
            self.previews,
            self.progress,
            self.quick_installs,
            self.used_tokens,
            self.rules,
            self.recommendations,
            self.shops,
            self.uploads,
        )
        for collection in collections:
            yield from (found.record for found in collection.find(shop_id=shop_id))

    def put(self, *records: Record) -> None:
        """Write records of any collections over whatever is there."""
        self.documents.put({record.path: record.fields() for record in records})

    def delete(self, *records: Record) -> None:
        """Remove records of any collections; those that are not there do not matter."""
        self.documents.delete([record.path for record in records])
