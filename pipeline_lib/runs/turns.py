"""Takes a shop's turn for one of its uploads, which no other write can lose; begins no run."""

from datetime import datetime

from pipeline_lib.errors import ShopBusy, StoreUnavailable
from pipeline_lib.ports import Data, Documents
from pipeline_lib.records import turns
from pipeline_lib.runs.amend import ATTEMPTS


def take(documents: Documents, upload: Data, now: datetime) -> int:
    """Take the turn and return its number, which the run is begun under.

    Raises:
        ShopBusy: another upload of the shop has it.
        StoreUnavailable: every attempt was overtaken.
    """
    path = f"shops/{upload['shop_id']}"
    for _ in range(ATTEMPTS):
        found = documents.read(path)
        shop = None if found is None else found.data
        _refuse(documents, shop, upload["upload_id"], now)
        taken = turns.taken(shop, upload, now)
        since = None if found is None else found.version
        if documents.swap(path, taken, since=since) is not None:
            return int(taken["running"]["number"])
    raise StoreUnavailable(f"{path} is written to by too many at once")


def _refuse(documents: Documents, shop: Data | None, upload_id: str, now: datetime) -> None:
    other = turns.holder(shop)
    if shop is None or other is None or other == upload_id:
        return
    found = documents.read(f"uploads/{other}")
    if not turns.free(shop, None if found is None else found.data, now):
        raise ShopBusy("Another upload of the shop is being worked on; this one comes after it")
