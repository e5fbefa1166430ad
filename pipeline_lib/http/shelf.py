"""Documents as a shop may see them: its own and none that is over, one or a page; no shapes."""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from pipeline_lib.http.endpoint import Call
from pipeline_lib.http.problems import Invalid, NotFound
from pipeline_lib.ports import Data, Document, Order

NAME = re.compile(r"[A-Za-z0-9_.:-]{1,200}")
TIME = re.compile(r"(^|_)at$")  # fields that hold a time are called so


@dataclass(frozen=True)
class Shelf:
    """The documents of a collection whose fields are as said, by a field that is never null."""

    collection: str
    where: Data
    order: Order


def own(call: Call, collection: str, name: str) -> Data:
    """The shop's document of that name.

    Raises:
        NotFound: there is none, it is another shop's or it is over.
    """
    found = call.documents.read(f"{collection}/{name}")
    if found is None or found.data.get("shop_id") != call.shop or _over(call, found):
        raise NotFound
    return found.data


def all_own(call: Call, collection: str, **where: object) -> list[Data]:
    """All of the shop's documents whose fields are as said."""
    found = call.documents.find(collection, own_ones(call, **where))
    return [document.data for _, document in found if not _over(call, document)]


def own_ones(call: Call, **where: object) -> Data:
    """What to ask a store for: the shop's documents whose fields are as said."""
    return {"shop_id": call.shop, **where}


def newest(call: Call, collection: str, at: str) -> Data | None:
    """The shop's document with the latest time in the field ``at``; None where there is none."""
    order = Order(at, down=True)
    found = call.documents.find(collection, own_ones(call), order=order, most=1)
    if not found or found[0][1].data[at] is None or _over(call, found[0][1]):
        return None
    return found[0][1].data


def page(
    call: Call,
    shelf: Shelf,
    *,
    limit: int,
    cursor: str | None,
    keep: Callable[[Data], bool] = bool,
) -> tuple[list[Data], str | None]:
    """The documents after the cursor that are not over, and the cursor of the next page.

    Args:
        call: who asks, and when.
        shelf: which, from the beginning.
        limit: how many at most.
        cursor: where the page before ended, None for the first.
        keep: what else is asked of a document; the others are read, too.

    Raises:
        Invalid: the cursor is none of ours, or of another order.
    """
    order = shelf.order
    if cursor is not None:
        order = replace(order, after=_opened(cursor, shelf))
    found: list[tuple[str, Document]] = []
    while (wanted := limit + 1 - len(found)) > 0:
        rows = call.documents.find(shelf.collection, shelf.where, order=order, most=wanted)
        found += [row for row in rows if not _over(call, row[1]) and keep(row[1].data)]
        if len(rows) < wanted:
            break
        order = replace(order, after=(rows[-1][1].data[order.field], rows[-1][0]))
    part = found[:limit]
    following = _closed(*part[-1], order.field) if len(found) > limit else None
    return [document.data for _, document in part], following


def _closed(path: str, document: Document, field: str) -> str:
    value = document.data[field]
    plain = value.timestamp() if isinstance(value, datetime) else value
    return urlsafe_b64encode(json.dumps([plain, path.split("/", 1)[1]]).encode()).decode()


def _opened(cursor: str, shelf: Shelf) -> tuple[Any, str]:
    try:
        value, name = json.loads(urlsafe_b64decode(cursor))
        number = float(value)
        place = datetime.fromtimestamp(number, UTC) if TIME.search(shelf.order.field) else number
    except (ValueError, TypeError, OverflowError) as error:
        raise Invalid("cursor: it is none of ours", code="BAD_CURSOR") from error
    if not isinstance(name, str) or not NAME.fullmatch(name) or isinstance(value, str):
        raise Invalid("cursor: it is none of ours", code="BAD_CURSOR")
    return place, f"{shelf.collection}/{name}"


def _over(call: Call, document: Document) -> bool:
    until = document.data.get("expires_at")
    return until is not None and until <= call.now
