"""What operators do besides flags: stop everything, make an exception, look at figures."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import Field

from pipeline_lib.http.audit import record_change
from pipeline_lib.http.door import AdminCaller, Door, ViewerCaller
from pipeline_lib.http.errors import BadCursor, NotFound
from pipeline_lib.http.flags import WhoChanges
from pipeline_lib.http.problems import refusals
from pipeline_lib.http.quick_install import newest_quick_install
from pipeline_lib.http.reading import read_page
from pipeline_lib.http.services import ApiServices, Services
from pipeline_lib.http.shapes import Answer, Body, Cursor, Limit, PathName, QueryModel, example
from pipeline_lib.records.audit import AuditEntry
from pipeline_lib.records.flags import FlagSettings, Stop
from pipeline_lib.runs.metrics import RunMetrics, measure_runs
from pipeline_lib.runs.opening import publish_unfinished

router = APIRouter(tags=["operators"], route_class=Door)

WINDOW = timedelta(days=30)
STOPPED = "Nothing new begins; runs under way stop at their next phase"
GOING = "Everything goes on"


class KillSwitch(Body):
    """The kill switch: on where nothing else is said."""

    model_config = example({"enabled": True, "reason": "Prices are wrong", "updated_by": "ada"})

    enabled: bool = True
    reason: Annotated[str, Field(max_length=500)] = ""
    updated_by: WhoChanges | None = None


ON = KillSwitch()


class KillSwitchState(Answer):
    """The kill switch as it is, and how many runs went on because of it."""

    model_config = example({"enabled": True, "runs_resumed": 0, "message": STOPPED})

    enabled: bool
    runs_resumed: int
    message: str


class OverrideCooldown(Body):
    """Why a shop may run a quick install before its time."""

    model_config = example({"reason": "The wrong file was sent", "updated_by": "ada"})

    reason: Annotated[str, Field(min_length=1, max_length=500)]
    updated_by: WhoChanges | None = None


class CooldownOverridden(Answer):
    """The shop may run another."""

    model_config = example(
        {
            "shop": "my-shop.myshopify.com",
            "can_run": True,
            "message": "The shop may run a quick install",
        }
    )

    shop: str
    can_run: bool
    message: str


class AuditQuery(QueryModel):
    """Which page."""

    limit: Limit = 50
    cursor: Cursor | None = None


class AuditEntryAnswer(Answer):
    """What an operator did; ``before`` and ``after`` are of another shape for each action."""

    id: str
    shop_id: str | None
    action: str
    role: str
    by: str | None
    before: dict[str, Any]
    after: dict[str, Any]
    request_id: str
    at: datetime


class AuditPage(Answer):
    """What operators did, the newest first."""

    model_config = example(
        {
            "entries": [
                {
                    "id": "20260302T090000.000000-0b6f9a54c1f3",
                    "shop_id": None,
                    "action": "flags",
                    "role": "operator",
                    "by": "ada",
                    "before": {"phase.explainability": True},
                    "after": {"phase.explainability": False},
                    "request_id": "0b6f9a54c1f34b6c9d6f1c8f2a7f3d10",
                    "at": "2026-03-02T09:00:00Z",
                }
            ],
            "next_cursor": None,
        }
    )

    entries: list[AuditEntryAnswer]
    next_cursor: str | None


METRICS_EXAMPLE = {
    "runs": {"completed": 19, "failed": 1},
    "success_rate": 0.95,
    "average_run_s": 12.4,
    "p95_run_s": 31.0,
    "running": 0,
    "phases": {"ingest": {"runs": 20, "average_ms": 310.0, "p95_ms": 900.0, "retried": 0}},
    "alerts": [],
}


@router.get(
    "/api/admin/metrics",
    responses={
        200: {
            "description": "Rates, times and what is out of the ordinary",
            "content": {"application/json": {"example": METRICS_EXAMPLE}},
        }
    },
)
def get_metrics(caller: ViewerCaller, services: Services) -> RunMetrics:  # noqa: ARG001 - who may
    """See how the runs of the last thirty days went."""
    since = services.now() - WINDOW
    found = [one.record for one in services.collections.uploads.find()]
    return measure_runs([one for one in found if one.run and one.updated_at > since])


@router.post("/api/admin/kill-switch")
def set_kill_switch(
    caller: AdminCaller, services: Services, request: Request, body: KillSwitch = ON
) -> KillSwitchState:
    """Stop everything, or let it go on.

    A call without a body stops.
    """
    now = services.now()
    stop = Stop(reason=body.reason, by=body.updated_by or caller.name, at=now)
    before: dict[str, bool] = {}

    def switched(settings: FlagSettings) -> FlagSettings:
        before["enabled"] = settings.stopped is not None
        return settings.with_kill_switch(stop if body.enabled else None, now=now)

    services.collections.flags.create_or_change(FlagSettings(), switched)
    record_change(
        services,
        caller,
        request,
        action="kill_switch",
        before=before,
        after={"enabled": body.enabled, "reason": body.reason},
        by=body.updated_by,
        shop=None,
    )
    resumed = _resume_runs(services) if before["enabled"] and not body.enabled else 0
    message = STOPPED if body.enabled else GOING
    return KillSwitchState(enabled=body.enabled, runs_resumed=resumed, message=message)


@router.post("/api/admin/quick-install/{shop}/override")
def override_cooldown(
    shop: PathName,
    body: OverrideCooldown,
    caller: AdminCaller,
    services: Services,
    request: Request,
) -> CooldownOverridden:
    """Let a shop run a quick install before its time."""
    before = newest_quick_install(services, shop)
    if before is None:
        raise NotFound("The shop has run no quick install")
    installs = services.collections.quick_installs
    after = installs.change(before, lambda one: one.with_override())
    if after is None:
        raise NotFound("The shop has run no quick install")
    record_change(
        services,
        caller,
        request,
        action="quick_install_override",
        before={"overridden": before.record.overridden},
        after={"overridden": True, "reason": body.reason},
        by=body.updated_by,
        shop=shop,
    )
    can_run = after.record.status != "processing"
    text = "The shop may run a quick install" if can_run else "One is running; then it may again"
    return CooldownOverridden(shop=shop, can_run=can_run, message=text)


@router.get("/api/admin/audit", responses=refusals(BadCursor))
def list_audit_entries(
    query: Annotated[AuditQuery, Query()],
    caller: AdminCaller,  # noqa: ARG001 - who may
    services: Services,
) -> AuditPage:
    """List what operators did, the newest first."""
    audit = services.collections.audit
    part, following = read_page(
        audit,
        lambda order, most: audit.find(order=order, most=most),
        AuditEntry.newest_first,
        limit=query.limit,
        cursor=query.cursor,
        now=services.now(),
    )
    shown = [AuditEntryAnswer(**one.model_dump(exclude={"expires_at"})) for one in part]
    return AuditPage(entries=shown, next_cursor=following)


def _resume_runs(services: ApiServices) -> int:
    """Send what was stopped its messages anew."""
    found = services.collections.uploads.find(status="processing")
    for one in found:
        publish_unfinished(services.ports, one.record)
    return len(found)
