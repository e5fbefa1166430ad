"""What operators do besides flags: stop everything, make an exception, look at figures."""

from datetime import timedelta

from pipeline_lib.http import audit
from pipeline_lib.http.bodies.admin import (
    Audit,
    AuditAsked,
    Metrics,
    Overridden,
    Override,
    Switch,
    Switched,
)
from pipeline_lib.http.calls import flags, quick_install
from pipeline_lib.http.endpoint import Call, Endpoint
from pipeline_lib.http.identity import Access
from pipeline_lib.http.problems import NotFound
from pipeline_lib.http.shapes import Nothing
from pipeline_lib.http.shelf import Shelf, page
from pipeline_lib.ports import Order
from pipeline_lib.records import flags as switches
from pipeline_lib.runs import intake
from pipeline_lib.runs.amend import amend
from pipeline_lib.runs.figures import figures

WINDOW = timedelta(days=30)
STOPPED = "Nothing new begins; runs under way stop at their next phase"
GOING = "Everything goes on"


def switched(call: Call, asked: Switch) -> Switched:
    """Stop everything, or let it go on."""
    before = switches.stopped(flags.stored(call))
    amend(
        call.documents,
        switches.PATH,
        lambda data: switches.switched(
            data,
            on=asked.enabled,
            reason=asked.reason,
            by=asked.updated_by or call.caller.name,
            now=call.now,
        ),
    )
    after = {"enabled": asked.enabled, "reason": asked.reason}
    was = {"enabled": before}
    audit.note(call, "kill_switch", (was, after), by=asked.updated_by, shop=None)
    resumed = _go_on(call) if before and not asked.enabled else 0
    told = STOPPED if asked.enabled else GOING
    return Switched(enabled=asked.enabled, runs_resumed=resumed, message=told)


def overridden(call: Call, asked: Override) -> Overridden:
    """Let a shop run a quick install before its time."""
    shop = call.path["shop"]
    before = quick_install.newest(call, shop)
    after = quick_install.override(call, shop)
    if before is None or after is None:
        raise NotFound("The shop has run no quick install")
    told = {"overridden": True, "reason": asked.reason}
    was = {"overridden": before.data["overridden"]}
    audit.note(call, "quick_install_override", (was, told), by=asked.updated_by, shop=shop)
    can_run = after["status"] != "processing"
    text = "The shop may run a quick install" if can_run else "One is running; then it may again"
    return Overridden(shop=shop, can_run=can_run, message=text)


def measured(call: Call, asked: Nothing) -> Metrics:  # noqa: ARG001
    """How the runs of the last thirty days went."""
    found = [document.data for _, document in call.documents.find("uploads", {})]
    recent = [one for one in found if one["run"] and one["updated_at"] > call.now - WINDOW]
    return Metrics.model_validate(figures(recent))


def audited(call: Call, asked: AuditAsked) -> Audit:
    """What operators did."""
    shelf = Shelf("audit", {}, Order("at", down=True))
    part, following = page(call, shelf, limit=asked.limit, cursor=asked.cursor)
    return Audit(entries=[dict(one) for one in part], next_cursor=following)


def _go_on(call: Call) -> int:
    """Send what was stopped its messages anew."""
    found = call.documents.find("uploads", {"status": "processing"})
    for _, document in found:
        intake.continued(call.world.ports, document.data)
    return len(found)


ROWS = (
    Endpoint(
        "GET",
        "/api/admin/metrics",
        "How the runs of the last thirty days went",
        Access.VIEWER,
        measured,
        Metrics,
        (50, 230, 231, 232, 233),
    ),
    Endpoint(
        "POST",
        "/api/admin/kill-switch",
        "Stop everything, or let it go on",
        Access.ADMIN,
        switched,
        Switched,
        (50, 258),
        asks=Switch,
        body="json",
    ),
    Endpoint(
        "POST",
        "/api/admin/quick-install/{shop}/override",
        "Let a shop run a quick install before its time",
        Access.ADMIN,
        overridden,
        Overridden,
        (199, 354),
        asks=Override,
        body="json",
    ),
    Endpoint(
        "GET",
        "/api/admin/audit",
        "What operators did",
        Access.ADMIN,
        audited,
        Audit,
        (265, 294),
        asks=AuditAsked,
    ),
)
