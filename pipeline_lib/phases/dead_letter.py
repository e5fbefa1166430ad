"""Marks the run of a message that no retry could save as failed; it does not redrive it."""

from datetime import datetime

from pipeline_lib import topology
from pipeline_lib.errors import BadMessage
from pipeline_lib.messages import Errand, Message, Work, landed_in, work_in
from pipeline_lib.ports import Ports
from pipeline_lib.runs import onwards
from pipeline_lib.runs.amend import end_run

SOURCE = "CloudPubSubDeadLetterSourceSubscription"


def serve(message: Message, ports: Ports, now: datetime) -> list[tuple[str, Work | Errand]]:
    """Fail the run that the message belongs to, naming the phase and its last error.

    Returns the run of the shop that has waited for its turn.
    """
    phase = message.attributes.get(SOURCE, "")
    work = _work(message, ports)
    if work is None or phase not in {row.name for row in topology.chain()}:
        return []
    found = ports.documents.read(f"uploads/{work.upload_id}")
    if found is None or found.data["run"] != work.run:
        return []
    reason = found.data["phases"].get(phase, {}).get("error") or "it was never answered"
    text = f"The step {phase} failed again and again ({reason}); you can start the run again"
    error = {"code": "DEAD_LETTER", "message": text, "phase": phase}
    end_run(ports.documents, work, status="failed", message=text, error=error, now=now)
    following = onwards.following(ports.documents, found.data["shop_id"], now=now)
    return [] if following is None else [(topology.first().name, following)]


def _work(message: Message, ports: Ports) -> Work | None:
    notice = landed_in(message)
    try:
        if notice is None:
            return work_in(message)
    except BadMessage:
        return None
    upload_id = notice.name.split("/", 1)[0]
    found = ports.documents.read(f"uploads/{upload_id}")
    return None if found is None else Work(upload_id, found.data["run"])
