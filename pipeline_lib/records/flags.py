"""Feature flags and the kill switch as one document, and pure changes of it; nothing is stored."""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

PATH = "flags/current"
Value = bool | int | float | list[int] | str


@cache
def flags() -> Mapping[str, Mapping[str, Any]]:
    """Every key that there is, and what is said of it (requirements 252 to 256).

    Each has its documented ``default`` and says what it ``does``, or why it is ``idle`` here: an
    idle flag has nothing to switch, and keeps its default.
    """
    loaded: Mapping[str, Mapping[str, Any]] = json.loads(
        files("pipeline_lib.records").joinpath("flags.json").read_text()
    )
    return loaded


def defaults() -> dict[str, Any]:
    """Every key with its default."""
    return {key: flag["default"] for key, flag in flags().items()}


def told(key: str) -> str:
    """What the flag switches, or why it switches nothing; KeyError when there is none."""
    flag = flags()[key]
    return str(flag["does"] if "does" in flag else f"Switches nothing. {flag['idle']}")


def refuse(key: str, value: object) -> None:
    """See that the flag may have the value.

    Raises:
        ValueError: there is no such flag, it is idle, or the value is not of its default's kind.
    """
    if key not in flags():
        raise ValueError(f"there is no flag {key}")
    default = flags()[key]["default"]
    if "idle" in flags()[key] and value != default:
        raise ValueError(f"{key} switches nothing. {flags()[key]['idle']}")
    kind = type(default)
    fits = type(value) is kind or (kind is float and type(value) is int)
    if not fits:
        raise ValueError(f"{key} is {_told(kind)}")
    if isinstance(value, list) and not _growing(value):
        raise ValueError(f"{key} is a list of whole numbers, each larger than the one before")
    if kind in {int, float} and isinstance(value, int | float) and not value >= 0:
        raise ValueError(f"{key} is not below 0")


def blank() -> dict[str, Any]:
    """The document before anybody changed anything."""
    return {"shop_id": None, "values": {}, "shops": {}, "stopped": None, "updated_at": None}


def effective(
    document: Mapping[str, Any] | None, shop: str | None, fixed: Mapping[str, Any]
) -> dict[str, Any]:
    """Every flag as it is for the shop.

    Args:
        document: the flags document, None before there is one.
        shop: whose overrides count; None for nobody's.
        fixed: what the environment fixes: it goes before all else.
    """
    stored = document or blank()
    own = stored["shops"].get(shop, {}) if shop else {}
    return {**defaults(), **stored["values"], **own, **fixed}


def changed(
    document: Mapping[str, Any], values: Mapping[str, Any], *, shop: str | None, now: datetime
) -> dict[str, Any]:
    """The document with flags set, for one shop or for all.

    Raises:
        ValueError: a key is not known or idle, or a value is not of its default's kind.
    """
    for key, value in values.items():
        refuse(key, value)
    if shop is None:
        return {**document, "values": {**document["values"], **values}, "updated_at": now}
    own = {**document["shops"].get(shop, {}), **values}
    return {**document, "shops": {**document["shops"], shop: own}, "updated_at": now}


def forgotten(document: Mapping[str, Any], shop: str) -> dict[str, Any]:
    """The document without what was set for the shop."""
    others = {name: own for name, own in document["shops"].items() if name != shop}
    return {**document, "shops": others}


def stopped(document: Mapping[str, Any]) -> bool:
    """Whether the kill switch is on."""
    return document.get("stopped") is not None


def switched(
    document: Mapping[str, Any], *, on: bool, reason: str, by: str, now: datetime
) -> dict[str, Any]:
    """The document with the kill switch on or off."""
    state = {"reason": reason, "by": by, "at": now} if on else None
    return {**document, "stopped": state, "updated_at": now}


def _growing(values: list[Any]) -> bool:
    return all(type(one) is int and one > 0 for one in values) and values == sorted({*values})


def _told(kind: type) -> str:
    told = {bool: "true or false", int: "a whole number", float: "a number"}
    return told.get(kind, "a list of whole numbers")
