"""What is kept of calls: who changed what, and which token was used for a change."""

from datetime import timedelta
from typing import Any, ClassVar

from pydantic import AwareDatetime

from pipeline_lib.ports import Order
from pipeline_lib.records.record import Record


class AuditEntry(Record):
    """What an operator did: how it was and is, the key's role, the name that was given."""

    collection: ClassVar = "audit"
    kept_for: ClassVar = timedelta(days=400)
    newest_first: ClassVar = Order("at", down=True)

    id: str
    shop_id: str | None
    action: str
    role: str
    by: str | None
    before: dict[str, Any]  # of another shape for each action
    after: dict[str, Any]
    request_id: str
    at: AwareDatetime
    expires_at: AwareDatetime

    @property
    def key(self) -> str:
        return self.id


class UsedToken(Record):
    """A session token that was used for a change and is not taken for another."""

    collection: ClassVar = "replays"

    token_hash: str
    shop_id: str
    expires_at: AwareDatetime

    @property
    def key(self) -> str:
        return self.token_hash
