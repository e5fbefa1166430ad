"""Feature flags as operators see and change them; runs keep those that they began with."""

from typing import Any

from pipeline_lib.http import audit
from pipeline_lib.http.bodies.admin import Flag, FlagChange, FlagChanges, Flags, ShopAsked
from pipeline_lib.http.endpoint import Call, Endpoint
from pipeline_lib.http.identity import Access
from pipeline_lib.http.problems import Invalid, NotFound
from pipeline_lib.ports import Data
from pipeline_lib.records import flags as switches
from pipeline_lib.runs.amend import amend


def listed(call: Call, asked: ShopAsked) -> Flags:
    """Every flag."""
    return _flags(call, asked.shop)


def one(call: Call, asked: ShopAsked) -> Flag:
    """One flag."""
    return _flag(call, call.path["key"], asked.shop)


def changed(call: Call, asked: FlagChange) -> Flag:
    """Set one flag."""
    key = call.path["key"]
    if key not in switches.defaults():
        raise NotFound
    _set(call, {key: asked.value}, asked.shop, asked.updated_by)
    return _flag(call, key, asked.shop)


def many_changed(call: Call, asked: FlagChanges) -> Flags:
    """Set several flags, all or none."""
    _set(call, asked.flags, asked.shop, asked.updated_by)
    return _flags(call, asked.shop)


def stored(call: Call) -> Data:
    """The flags document, made where there is none."""
    found = call.documents.read(switches.PATH)
    if found is None:
        call.documents.swap(switches.PATH, switches.blank(), since=None)
        return switches.blank()
    return found.data


def _set(call: Call, values: dict[str, Any], shop: str | None, by: str | None) -> None:
    before = switches.effective(stored(call), shop, {})
    try:
        amend(
            call.documents,
            switches.PATH,
            lambda data: switches.changed(data, values, shop=shop, now=call.now),
        )
    except ValueError as error:
        raise Invalid(f"value: {error}") from error
    was = {key: before[key] for key in values}
    audit.note(call, "flags", (was, dict(values)), by=by, shop=shop)


def _flags(call: Call, shop: str | None) -> Flags:
    document = stored(call)
    flags = switches.effective(document, shop, call.world.settings.overrides)
    said = {key: switches.told(key) for key in flags}
    return Flags(flags=flags, descriptions=said, shop=shop, updated_at=document["updated_at"])


def _flag(call: Call, key: str, shop: str | None) -> Flag:
    if key not in switches.defaults():
        raise NotFound
    value = switches.effective(stored(call), shop, call.world.settings.overrides)[key]
    default, said = switches.defaults()[key], switches.told(key)
    return Flag(key=key, value=value, default=default, description=said, shop=shop)


ROWS = (
    Endpoint(
        "GET",
        "/api/admin/flags",
        "Every flag",
        Access.VIEWER,
        listed,
        Flags,
        (50, 252, 253, 254, 255, 256),
        asks=ShopAsked,
    ),
    Endpoint(
        "GET",
        "/api/admin/flags/{key}",
        "One flag",
        Access.VIEWER,
        one,
        Flag,
        (50, 257),
        asks=ShopAsked,
    ),
    Endpoint(
        "PUT",
        "/api/admin/flags/{key}",
        "Set one flag",
        Access.OPERATOR,
        changed,
        Flag,
        (50, 257),
        asks=FlagChange,
        body="json",
    ),
    Endpoint(
        "POST",
        "/api/admin/flags/bulk",
        "Set several flags, all or none",
        Access.OPERATOR,
        many_changed,
        Flags,
        (50, 257),
        asks=FlagChanges,
        body="json",
    ),
)
