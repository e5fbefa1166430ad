"""Records as a shop may see them: its own and none that has expired, one or a page."""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from pipeline_lib.http.errors import BadCursor, NotFound
from pipeline_lib.http.identity import Caller
from pipeline_lib.http.services import ApiServices
from pipeline_lib.http.shapes import NAME
from pipeline_lib.ports import Order
from pipeline_lib.records.audit import AuditEntry
from pipeline_lib.records.flags import CURRENT, FlagSettings
from pipeline_lib.records.recommendations import Bundle, Recommendation, RuleListing
from pipeline_lib.records.store import Records, Stored, is_current
from pipeline_lib.records.uploads import Upload
from pipeline_lib.records.webhooks import Webhook
from pipeline_lib.runs.state import RunState

Owned = TypeVar("Owned", Upload, Recommendation, Bundle, RuleListing)
Paged = TypeVar("Paged", Upload, Recommendation, Bundle, Webhook, AuditEntry)
Find = Callable[[Order, int], Sequence[Stored[Paged]]]


def read_own(records: Records[Owned], key: str, caller: Caller, now: datetime) -> Stored[Owned]:
    """The shop's record of that key.

    Raises:
        NotFound: there is none, it is another shop's or it has expired.
    """
    found = records.read(key)
    if found is None or found.record.shop_id != caller.name or not is_current(found.record, now):
        raise NotFound
    return found


def own_upload(services: ApiServices, caller: Caller, upload_id: str) -> Upload:
    """The shop's upload of that id.

    Raises:
        NotFound: there is none, it is another shop's or it has expired.
    """
    return read_own(services.collections.uploads, upload_id, caller, services.now()).record


def own_run(services: ApiServices, caller: Caller, upload_id: str) -> RunState:
    """What is stored of the shop's upload and its run, in one round trip.

    Raises:
        NotFound: there is none, it is another shop's or it has expired.
    """
    state, _ = find_run(services, upload_id)
    upload = None if state is None else state.upload.record
    if state is None or upload is None:
        raise NotFound
    if upload.shop_id != caller.name or not is_current(upload, services.now()):
        raise NotFound
    return state


def find_run(services: ApiServices, upload_id: str) -> tuple[RunState | None, FlagSettings]:
    """What is stored of an upload's run, if there is any, and what operators set."""
    collections = services.collections
    paths = (
        collections.uploads.path(upload_id),
        collections.progress.path(upload_id),
        collections.flags.path(CURRENT),
    )
    upload, progress, flags = collections.documents.read_all(paths)
    stored, found = collections.uploads.parse(upload), collections.flags.parse(flags)
    settings = FlagSettings() if found is None else found.record
    if stored is None:
        return None, settings
    return RunState(stored, collections.progress.parse(progress), settings), settings


def current_ones(found: Sequence[Stored[Paged]], now: datetime) -> list[Paged]:
    """The records that have not expired."""
    return [one.record for one in found if is_current(one.record, now)]


def read_page(  # noqa: PLR0913 - all but three are said by name
    records: Records[Paged],
    find: Find[Paged],
    order: Order,
    *,
    limit: int,
    cursor: str | None,
    now: datetime,
    keep: Callable[[Paged], bool] = lambda _: True,
) -> tuple[list[Paged], str | None]:
    """The records after the cursor that have not expired, and the cursor of the next page.

    Args:
        records: the collection that they are in.
        find: the first so many of them in an order.
        order: by a field that is never null, from its beginning.
        limit: how many at most.
        cursor: where the page before ended, None for the first.
        now: when it is asked.
        keep: what else is asked of a record; the others are read, too.

    Raises:
        BadCursor: the cursor is none of ours, or of another order.
    """
    place = order
    if cursor is not None:
        value, key = _decode_cursor(cursor, order)
        place = replace(order, after=(value, records.path(key)))
    found: list[Paged] = []
    while (wanted := limit + 1 - len(found)) > 0:
        rows = [one.record for one in find(place, wanted)]
        found += [one for one in rows if is_current(one, now) and keep(one)]
        if len(rows) < wanted:
            break
        place = replace(order, after=(getattr(rows[-1], order.field), rows[-1].path))
    part = found[:limit]
    following = _encode_cursor(part[-1], order) if len(found) > limit else None
    return part, following


def _encode_cursor(record: Paged, order: Order) -> str:
    value = getattr(record, order.field)
    plain = value.timestamp() if isinstance(value, datetime) else value
    return urlsafe_b64encode(json.dumps([plain, record.key]).encode()).decode()


def _decode_cursor(cursor: str, order: Order) -> tuple[Any, str]:
    try:
        value, key = json.loads(urlsafe_b64decode(cursor))
        if isinstance(value, str) or not isinstance(key, str) or not re.fullmatch(NAME, key):
            raise BadCursor
        number = float(value)
        timed = order.field.endswith("_at") or order.field == "at"
        return datetime.fromtimestamp(number, UTC) if timed else number, key
    except (ValueError, TypeError, OverflowError, OSError, BadBase64) as error:
        raise BadCursor from error
