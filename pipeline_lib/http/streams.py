"""A run's progress as server-sent events: a bridge over the document that clients may also poll."""

from collections.abc import AsyncIterator
from time import monotonic
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from pipeline_lib.errors import ShopBusy, SwitchedOff
from pipeline_lib.http import intake
from pipeline_lib.http.door import Door, ListeningCaller, ShopCaller
from pipeline_lib.http.errors import NoFiles, Paused
from pipeline_lib.http.hub import event_of
from pipeline_lib.http.problems import refusals
from pipeline_lib.http.reading import own_run
from pipeline_lib.http.runs import GenerateBundles
from pipeline_lib.http.services import ApiServices, Services
from pipeline_lib.http.shapes import QueryModel, UploadId
from pipeline_lib.runs.state import RunState

router = APIRouter(tags=["runs"], route_class=Door)

AGAIN_MS = 2_000
UNBUFFERED = {"X-Accel-Buffering": "no", "Cache-Control": "no-cache"}
EVENTS = {
    "content": {
        "text/event-stream": {
            "schema": {"type": "string"},
            "example": 'id: 7\ndata: {"phase": "ml_candidates", "progress": 35}\n\n',
        }
    }
}
NOTHING_MORE: dict[int | str, dict[str, Any]] = {
    204: {"description": "The run is over, and its last event was received"}
}


class StreamQuery(QueryModel):
    """Which upload; a listen token stands in the address where no header can be sent."""

    csvUploadId: UploadId
    listenToken: str | None = None


@router.get(
    "/api/generate-bundles/stream",
    response_class=StreamingResponse,
    responses={200: {"description": "Events, until the run is over", **EVENTS}, **NOTHING_MORE},
)
async def listen_to_run(
    query: Annotated[StreamQuery, Query()],
    request: Request,
    caller: ListeningCaller,
    services: Services,
) -> Response:
    """Listen to a run.

    An event tells of each new state; ``Last-Event-ID`` says which one was received last.
    """
    state = await run_in_threadpool(own_run, services, caller, query.csvUploadId)
    return _stream(services, state, seen=request.headers.get("Last-Event-ID"))


@router.post(
    "/api/generate-bundles/stream",
    response_class=StreamingResponse,
    responses={
        200: {"description": "Events, until the run is over", **EVENTS},
        **refusals(NoFiles, ShopBusy, SwitchedOff, Paused),
    },
)
async def generate_bundles_and_listen(
    body: GenerateBundles, caller: ShopCaller, services: Services
) -> Response:
    """Begin an upload's run and listen to it."""
    state = await run_in_threadpool(own_run, services, caller, body.csvUploadId)
    upload = await run_in_threadpool(intake.begin_upload_run, services, state)
    path = services.collections.progress.path(upload.upload_id)
    return _events(_frames(services, path, run=upload.run, seen=None))


def _stream(services: ApiServices, state: RunState, *, seen: str | None) -> Response:
    """The events from what is there now, or from what comes after the last that was received."""
    upload, shown = state.upload.record, state.progress
    path = services.collections.progress.path(upload.upload_id)
    if shown is None or not shown.record.is_over or shown.record.run != upload.run:
        return _events(_frames(services, path, run=upload.run, seen=seen))
    if shown.version == seen:
        return Response(status_code=204)
    return _events(_once(event_of(shown.record, shown.version).text))


def _events(pieces: AsyncIterator[str]) -> Response:
    return StreamingResponse(pieces, media_type="text/event-stream", headers=UNBUFFERED)


async def _once(text: str) -> AsyncIterator[str]:
    yield f"retry: {AGAIN_MS}\n\n"
    yield text


async def _frames(
    services: ApiServices, path: str, *, run: int, seen: str | None
) -> AsyncIterator[str]:
    """The events of the run and of those after it, until one is over or the pace says so."""
    pace = services.pace
    until = monotonic() + pace.longest_s
    yield f"retry: {AGAIN_MS}\n\n"
    async for frame in services.hub.frames(path, beat_s=pace.beat_s):
        if frame is None:
            yield ": heartbeat\n\n"
        elif frame.run >= run:
            if frame.version != seen:
                yield frame.text
            if frame.is_last:
                return
        if monotonic() >= until:
            return
