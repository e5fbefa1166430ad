"""Who changed what, kept beside the change; nothing here changes anything."""

from pipeline_lib.http.endpoint import Call

KEPT_DAYS = 400


def note(
    call: Call, action: str, change: tuple[object, object], *, by: str | None, shop: str | None
) -> None:
    """Keep what an operator did: how it was and is, the key's role, the name that was given."""
    name = f"{call.now:%Y%m%dT%H%M%S.%f}-{call.request_id[:12]}"
    call.documents.put(
        {
            f"audit/{name}": {
                "id": name,
                "shop_id": shop,
                "action": action,
                "role": call.caller.name,
                "by": by,
                "before": change[0],
                "after": change[1],
                "request_id": call.request_id,
                "at": call.now,
            }
        }
    )
