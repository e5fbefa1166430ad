"""Who changed what, kept beside the change."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request

from pipeline_lib.http.identity import Caller
from pipeline_lib.http.services import ApiServices
from pipeline_lib.records.audit import AuditEntry


def record_change(  # noqa: PLR0913 - all but three are said by name
    services: ApiServices,
    caller: Caller,
    request: Request,
    *,
    action: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    by: str | None,
    shop: str | None,
) -> None:
    """Keep what an operator did: how it was and is, the key's role, the name that was given."""
    now, request_id = services.now(), str(request.state.request_id)
    services.collections.audit.put(
        AuditEntry(
            id=f"{now:%Y%m%dT%H%M%S.%f}-{request_id[:12]}",
            shop_id=shop,
            action=action,
            role=caller.name,
            by=by,
            before=dict(before),
            after=dict(after),
            request_id=request_id,
            at=now,
            expires_at=now + AuditEntry.kept_for,
        )
    )
