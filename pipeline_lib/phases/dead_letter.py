"""Marks the run of a message that no retry could save as failed."""

from datetime import datetime

from pipeline_lib import topology
from pipeline_lib.errors import BadMessage
from pipeline_lib.messages import Message, PrivacyTask, Work, landing_of, work_of
from pipeline_lib.ports import Ports
from pipeline_lib.records.collections import Collections
from pipeline_lib.records.uploads import Failure, Upload
from pipeline_lib.runs.ending import begin_next_run, end_run

SOURCE = "CloudPubSubDeadLetterSourceSubscription"


def serve(message: Message, ports: Ports, now: datetime) -> list[tuple[str, Work | PrivacyTask]]:
    """Fail the run that the message belongs to, naming the phase and its last error.

    Returns the run of the shop that has waited for its turn.
    """
    phase = message.attributes.get(SOURCE, "")
    if phase not in {row.name for row in topology.chain()}:
        return []
    collections = Collections(ports.documents)
    upload = _upload(message, collections)
    if upload is None:
        return []
    record = upload.phases.get(phase)
    reason = "it was never answered" if record is None else record.error or "it was never answered"
    text = f"The step {phase} failed again and again ({reason}); you can start the run again"
    error = Failure(code="DEAD_LETTER", message=text, phase=phase)
    end_run(collections, upload.work, status="failed", message=text, error=error, now=now)
    following = begin_next_run(collections, upload.shop_id, now=now)
    return [] if following is None else [(topology.first().name, following)]


def _upload(message: Message, collections: Collections) -> Upload | None:
    """The upload whose newest run the message is of."""
    notice = landing_of(message)
    if notice is not None:
        found = collections.uploads.read(notice.name.split("/", 1)[0])
        return None if found is None else found.record
    try:
        work = work_of(message)
    except BadMessage:
        return None
    found = collections.uploads.read(work.upload_id)
    return None if found is None or found.record.run != work.run else found.record
