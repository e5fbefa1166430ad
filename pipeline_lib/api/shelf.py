"""Documents as a shop may see them: its own and none that is over, one or a page; no shapes."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from pipeline_lib.api.endpoint import Call
from pipeline_lib.api.problems import Invalid, NotFound
from pipeline_lib.ports import Data, Document

Place: TypeAlias = tuple[Any, str]  # a number or a text, and what tells two of one from another


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
    found = call.documents.find(collection, {"shop_id": call.shop, **where})
    return [document.data for _, document in found if not _over(call, document)]


def page(
    items: Sequence[Data],
    place: Callable[[Data], Place],
    *,
    limit: int,
    cursor: str | None,
    down: bool,
) -> tuple[list[Data], str | None]:
    """The items after the cursor, and the cursor of the next page.

    Args:
        items: all of them.
        place: what they are ordered by, no two alike.
        limit: how many at most.
        cursor: where the page before ended, None for the first.
        down: whether the largest come first.

    Raises:
        Invalid: the cursor is none of ours, or of another order.
    """
    ordered = sorted(items, key=place, reverse=down)
    if cursor is not None:
        last = _opened(cursor)
        try:
            ordered = [one for one in ordered if (place(one) < last if down else place(one) > last)]
        except TypeError as error:
            raise Invalid("cursor: it is of another order", code="BAD_CURSOR") from error
    part = ordered[:limit]
    return part, _closed(place(part[-1])) if len(ordered) > limit else None


def _closed(last: Place) -> str:
    return urlsafe_b64encode(json.dumps(last).encode()).decode()


def _opened(cursor: str) -> Place:
    try:
        value, name = json.loads(urlsafe_b64decode(cursor))
    except (ValueError, TypeError) as error:
        raise Invalid("cursor: it is none of ours", code="BAD_CURSOR") from error
    return value, name


def _over(call: Call, document: Document) -> bool:
    until = document.data.get("expires_at")
    return until is not None and until <= call.now
