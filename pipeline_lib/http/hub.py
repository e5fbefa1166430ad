"""Listeners to progress: one watch a document, shared by all who listen to it in this process."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

from pipeline_lib.errors import PipelineError
from pipeline_lib.ports import Document, Documents
from pipeline_lib.records.progress import Progress

PHASE_NAMES = {  # what the stream calls the phases
    "ingest": "data_mapping",
    "quickstart": "data_mapping",
    "enrich": "data_mapping",
    "score": "objective_scoring",
    "candidates": "ml_candidates",
    "deduplicate": "deduplication",
    "optimize": "optimization",
    "price": "pricing",
    "explain": "explainability",
    "copywrite": "ai_copy",
    "finalize": "finalization",
}


@dataclass(frozen=True)
class StreamEvent:
    """One state of a run as an event of a stream."""

    version: str
    run: int
    text: str
    is_last: bool


def event_of(progress: Progress, version: str) -> StreamEvent:
    """The event that tells of the progress."""
    text = f"id: {version}\ndata: {json.dumps(describe_progress(progress))}\n\n"
    return StreamEvent(version, progress.run, text, progress.is_over)


def describe_progress(progress: Progress) -> dict[str, Any]:
    """What an event says of the progress, in the documented names."""
    counts = progress.metadata
    said = {"progress": progress.progress, "message": progress.message}
    if progress.status == "completed":
        bundles = counts.get("recommendations", counts.get("published", 0))
        return {"phase": "complete", **said, "bundles_created": bundles}
    if progress.is_over:
        return {"phase": "error", **said, "error": progress.message}
    begun = any(step.started_at for step in progress.phases)
    phase = PHASE_NAMES.get(progress.phase, progress.phase) if begun else "starting"
    found = {"candidates_found": counts["candidates"]} if "candidates" in counts else {}
    return {"phase": phase, **said, **found}


@dataclass(eq=False)
class Watch:
    """One watched document, its newest frame, and the bells of those who wait for the next."""

    path: str
    loop: asyncio.AbstractEventLoop
    newest: StreamEvent | None = None
    is_over: bool = False
    bells: set[asyncio.Event] = field(default_factory=set)
    leaving: Event = field(default_factory=Event)

    def tell(self, frame: StreamEvent | None) -> None:
        """Show the frame from another thread than the event loop's."""
        try:
            self.loop.call_soon_threadsafe(self.show, frame)
        except RuntimeError:  # the loop is closed, and with it all streams
            self.leaving.set()

    def show(self, frame: StreamEvent | None) -> None:
        """Let every listener see the frame; None: no further one will come."""
        if frame is None:
            self.is_over = True
        else:
            self.newest = frame
        for bell in self.bells:
            bell.set()


class ProgressHub:
    """Watches each progress that somebody listens to, once; it is used on one event loop.

    A listener that is slow sees the newest frame, and none of those in between.
    """

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._watches: dict[str, Watch] = {}

    async def frames(self, path: str, *, beat_s: float) -> AsyncIterator[StreamEvent | None]:
        """The frames of the document from the present one on; None after each quiet ``beat_s``.

        Ends where the watch does. Leaving the iteration ends the watch, if nobody else listens.
        """
        with self._listening(path) as (watch, bell):
            seen: StreamEvent | None = None
            while not watch.is_over:
                if watch.newest is not None and watch.newest is not seen:
                    seen = watch.newest
                    yield seen
                    continue
                bell.clear()
                try:
                    await asyncio.wait_for(bell.wait(), beat_s)
                except TimeoutError:
                    yield None

    def close(self) -> None:
        """End every stream of this process; any thread may ask for it."""
        for watch in list(self._watches.values()):
            watch.leaving.set()
            watch.tell(None)

    @property
    def watched(self) -> int:
        """How many documents are watched."""
        return len(self._watches)

    @property
    def listeners(self) -> int:
        """How many streams are open."""
        return sum(len(watch.bells) for watch in list(self._watches.values()))

    @contextmanager
    def _listening(self, path: str) -> Iterator[tuple[Watch, asyncio.Event]]:
        watch = self._watches.get(path)
        if watch is None or watch.is_over:
            watch = self._watches[path] = self._begin(path)
        bell = asyncio.Event()
        watch.bells.add(bell)
        try:
            yield watch, bell
        finally:
            watch.bells.discard(bell)
            if not watch.bells:
                watch.leaving.set()
                if self._watches.get(path) is watch:
                    del self._watches[path]

    def _begin(self, path: str) -> Watch:
        watch = Watch(path, asyncio.get_running_loop())
        Thread(target=self._follow, args=(watch,), daemon=True, name=f"watch {path}").start()
        return watch

    def _follow(self, watch: Watch) -> None:
        """Hand each version to the event loop, until nobody listens or the store gives up."""
        try:
            for document in self._documents.watch(watch.path):
                if watch.leaving.is_set():
                    break
                if document is not None:
                    watch.tell(_frame(document))
        except PipelineError:  # a browser comes back by itself
            watch.tell(None)


def _frame(document: Document) -> StreamEvent:
    return event_of(Progress.of(document.data), document.version)
