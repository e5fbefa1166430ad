"""One run of a shop at a time, as pure changes of the shop's document; nothing is stored here."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

OPENING = timedelta(minutes=10)  # longer than any call lives: who has not begun by then is gone

Fields = Mapping[str, Any]


def holder(shop: Fields | None) -> str | None:
    """The upload whose turn it is or was last."""
    held = None if shop is None else shop.get("running")
    return None if held is None else str(held["upload_id"])


def free(shop: Fields, upload: Fields | None, now: datetime) -> bool:
    """Whether the turn may be taken from the upload that has it.

    It is kept while that upload's run is under way, and for a while before: a call that took the
    turn may not have begun the run yet.
    """
    if upload is None:
        return True
    if upload["status"] == "processing":
        return False
    held = shop["running"]
    return bool(upload.get("turn", 0) >= held["number"] or now - held["since"] >= OPENING)


def taken(shop: Fields | None, upload: Fields, now: datetime) -> dict[str, Any]:
    """The shop's document with the turn the upload's; each turn has a higher number."""
    before = {"shop_id": upload["shop_id"]} if shop is None else shop
    number = before.get("running", {}).get("number", 0) + 1
    held = {"upload_id": upload["upload_id"], "number": number, "since": now}
    return {**before, "running": held}


def noted(upload: Fields, number: int) -> dict[str, Any]:
    """The upload as one that has used its turn of that number."""
    return {**upload, "turn": max(upload.get("turn", 0), number)}
