"""A next run from what an earlier one kept, the shopper's orders left out."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from pipeline_lib import topology
from pipeline_lib.messages import Work
from pipeline_lib.records.flags import Flags
from pipeline_lib.records.uploads import PhaseRecord, Remade, Upload


def with_work_carried_over(
    upload: Upload, *, by: str, source: int, orders: int, now: datetime
) -> Upload:
    """The upload with a next run of which only the first phase's work is there.

    Args:
        upload: no run of it is under way.
        by: the webhook that asks for it.
        source: the run whose work is carried over.
        orders: how many of its orders are not.
        now: when that is decided.
    """
    name = topology.first().name
    before = upload.phases.get(name)
    ms = 0 if before is None or before.ms is None else before.ms
    record = PhaseRecord(
        state="done",
        fence=0 if before is None else before.fence,
        attempt=1 if before is None else before.attempt,
        started_at=now - timedelta(milliseconds=ms),
        ended_at=now,
        ms=ms,
        input={} if before is None else before.input,
        output={**({} if before is None else before.output), "erased_orders": orders},
    )
    run = upload.run + 1
    return upload.replace(
        run=run,
        phases={name: record},
        remade=Remade(by=by, source=source, run=run),
        updated_at=now,
    )


def with_run_made_again(  # noqa: PLR0913 - all but one are said by name
    upload: Upload, *, by: str, source: int, orders: int, turn: int, now: datetime
) -> Upload:
    """The same with that run under way: it goes on behind the first phase."""
    carried = with_work_carried_over(upload, by=by, source=source, orders=orders, now=now)
    begun = upload.with_run_begun(upload.flags or Flags(), turn=turn, now=now)
    return begun.replace(run=carried.run, phases=carried.phases, remade=carried.remade)


def source_of(upload: Upload, webhook_id: str) -> int | None:
    """The run that the webhook carried over to the upload's newest; None when it did not."""
    remade = upload.remade
    mine = remade is not None and remade.by == webhook_id and remade.run == upload.run
    return remade.source if mine and remade is not None else None


def with_earlier_run_moved(upload: Upload, moved: Mapping[Work, Work]) -> Upload:
    """The upload that adds to where the run that it added to has moved."""
    before = upload.parameters.adds_to
    to = None if before is None else moved.get(before)
    if to is None:
        return upload
    return upload.replace(parameters=upload.parameters.replace(adds_to=to))
