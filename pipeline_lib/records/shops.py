"""A shop: whose turn it is, and which run its recommendations come from."""

from datetime import datetime, timedelta
from typing import ClassVar

from pydantic import AwareDatetime

from pipeline_lib.messages import Work
from pipeline_lib.records.record import Part, Record
from pipeline_lib.records.uploads import Upload

OPENING = timedelta(minutes=10)  # longer than any call lives: who has not begun by then is gone


class Turn(Part):
    """A shop has one run at a time: the upload whose turn it is or was last."""

    upload_id: str
    number: int
    since: AwareDatetime


class Shop(Record):
    """What outlives a shop's uploads."""

    collection: ClassVar = "shops"

    shop_id: str
    running: Turn | None = None
    newest: Work | None = None

    @property
    def key(self) -> str:
        return self.shop_id

    def turn_is_free(self, holder: Upload | None, now: datetime) -> bool:
        """Whether the turn may be taken from the upload that has it.

        It is kept while that upload's run is under way, and for a while before: a call that took
        the turn may not have begun the run yet.
        """
        if self.running is None or holder is None:
            return True
        if holder.status == "processing":
            return False
        return holder.turn >= self.running.number or now - self.running.since >= OPENING

    def with_turn_of(self, upload_id: str, *, now: datetime) -> "Shop":
        """The shop with the turn the upload's; each turn has a higher number."""
        number = 1 if self.running is None else self.running.number + 1
        return self.replace(running=Turn(upload_id=upload_id, number=number, since=now))
