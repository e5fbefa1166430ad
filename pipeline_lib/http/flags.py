"""Feature flags as operators see and change them; runs keep those that they began with."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field, StrictBool, StrictFloat, StrictInt

from pipeline_lib.http.audit import record_change
from pipeline_lib.http.door import Door, OperatorCaller, ViewerCaller
from pipeline_lib.http.errors import Invalid, NotFound
from pipeline_lib.http.identity import Caller
from pipeline_lib.http.services import ApiServices, Services
from pipeline_lib.http.shapes import Answer, Body, PathName, QueryModel, example
from pipeline_lib.records.flags import FlagSettings, FlagValue, describe_flag, flag_defaults

router = APIRouter(tags=["operators"], route_class=Door)

WhoChanges = Annotated[str, Field(min_length=1, max_length=100)]
ShopName = Annotated[str, Field(max_length=100)]
SetValue = StrictBool | StrictInt | StrictFloat | list[StrictInt]
KEY = "bundling.staged_thresholds"


class FlagQuery(QueryModel):
    """For which shop; for all where none is named."""

    shop: ShopName | None = None


class SetFlag(Body):
    """A flag's new value, for one shop where it is named."""

    model_config = example({"value": [3, 5, 10], "updated_by": "ada"})

    value: SetValue
    updated_by: WhoChanges | None = None
    shop: ShopName | None = None


class SetFlags(Body):
    """Several flags' new values."""

    model_config = example({"flags": {"phase.explainability": False}, "updated_by": "ada"})

    flags: Annotated[dict[str, SetValue], Field(min_length=1, max_length=100)]
    updated_by: WhoChanges | None = None
    shop: ShopName | None = None


class FlagAnswer(Answer):
    """A flag as it is, as it is where nobody changed it, and what it switches, if anything."""

    model_config = example(
        {
            "key": KEY,
            "value": [3, 5, 10],
            "default": [3, 5, 10, 20, 40],
            "description": "How many bundles are visible after each wave; the last shows the rest.",
            "shop": None,
        }
    )

    key: str
    value: FlagValue
    default: FlagValue
    description: str
    shop: str | None


class FlagList(Answer):
    """Every flag as it is."""

    model_config = example(
        {
            "flags": {"bundling.enabled": True},
            "descriptions": {"bundling.enabled": "Off: no run begins."},
            "shop": None,
            "updated_at": None,
        }
    )

    flags: dict[str, FlagValue]
    descriptions: dict[str, str]
    shop: str | None
    updated_at: datetime | None


@router.get("/api/admin/flags")
def list_flags(
    query: Annotated[FlagQuery, Query()],
    caller: ViewerCaller,  # noqa: ARG001 - who may
    services: Services,
) -> FlagList:
    """List every flag."""
    return _flag_list(services, services.collections.flag_settings(), query.shop)


@router.post("/api/admin/flags/bulk")
def set_flags(
    body: SetFlags, caller: OperatorCaller, services: Services, request: Request
) -> FlagList:
    """Set several flags, all or none."""
    changed = _set(services, caller, request, body.flags, shop=body.shop, by=body.updated_by)
    return _flag_list(services, changed, body.shop)


@router.get("/api/admin/flags/{key}")
def get_flag(
    key: PathName,
    query: Annotated[FlagQuery, Query()],
    caller: ViewerCaller,  # noqa: ARG001 - who may
    services: Services,
) -> FlagAnswer:
    """Get one flag."""
    _refuse_unknown(key)
    return _flag(services, services.collections.flag_settings(), key, query.shop)


@router.put("/api/admin/flags/{key}")
def set_flag(
    key: PathName, body: SetFlag, caller: OperatorCaller, services: Services, request: Request
) -> FlagAnswer:
    """Set one flag."""
    _refuse_unknown(key)
    values = {key: body.value}
    changed = _set(services, caller, request, values, shop=body.shop, by=body.updated_by)
    return _flag(services, changed, key, body.shop)


def _set(  # noqa: PLR0913 - two are said by name
    services: ApiServices,
    caller: Caller,
    request: Request,
    values: Mapping[str, SetValue],
    *,
    shop: str | None,
    by: str | None,
) -> FlagSettings:
    given: dict[str, FlagValue] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in values.items()
    }
    before: dict[str, FlagSettings] = {}

    def changed(settings: FlagSettings) -> FlagSettings:
        before["settings"] = settings
        return settings.with_values(given, shop_id=shop, now=services.now())

    try:
        stored = services.collections.flags.create_or_change(FlagSettings(), changed).record
    except ValueError as error:  # its text is ours, and names the flag
        raise Invalid(f"value: {error}") from error
    was = _effective(before["settings"], shop, {})
    record_change(
        services,
        caller,
        request,
        action="flags",
        before={key: was[key] for key in values},
        after=dict(values),
        by=by,
        shop=shop,
    )
    return stored


def _refuse_unknown(key: str) -> None:
    if key not in flag_defaults():
        raise NotFound


def _effective(
    settings: FlagSettings, shop: str | None, fixed: Mapping[str, FlagValue]
) -> dict[str, FlagValue]:
    return settings.effective(shop, fixed).model_dump(by_alias=True)


def _flag_list(services: ApiServices, settings: FlagSettings, shop: str | None) -> FlagList:
    flags = _effective(settings, shop, services.settings.overrides)
    said = {key: describe_flag(key) for key in flags}
    return FlagList(flags=flags, descriptions=said, shop=shop, updated_at=settings.updated_at)


def _flag(services: ApiServices, settings: FlagSettings, key: str, shop: str | None) -> FlagAnswer:
    return FlagAnswer(
        key=key,
        value=_effective(settings, shop, services.settings.overrides)[key],
        default=flag_defaults()[key],
        description=describe_flag(key),
        shop=shop,
    )
