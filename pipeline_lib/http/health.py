"""Whether the interface and its stores answer; nothing of a shop."""

from typing import Literal

from fastapi import APIRouter

from pipeline_lib.http.door import Door
from pipeline_lib.http.services import Services
from pipeline_lib.http.shapes import Answer, example

router = APIRouter(tags=["health"], route_class=Door)


class Health(Answer):
    """The interface answers."""

    model_config = example({"service": "bundlechain", "status": "ok"})

    service: Literal["bundlechain"] = "bundlechain"
    status: Literal["ok", "paused"] = "ok"


@router.get("/")
async def get_root() -> Health:
    """See whether the process answers."""
    return Health()


@router.get("/healthz")
async def get_liveness() -> Health:
    """See whether the process answers, for a probe."""
    return Health()


@router.get("/api/health")
def get_health(services: Services) -> Health:
    """See whether the process and its store answer."""
    stopped = services.collections.flag_settings().stopped
    return Health(status="ok" if stopped is None else "paused")
