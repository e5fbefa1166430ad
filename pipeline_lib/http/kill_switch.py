"""Whether an operator has stopped everything; the switch itself is a document."""

from pipeline_lib.http.problems import Unavailable
from pipeline_lib.ports import Documents
from pipeline_lib.records import flags as switches

WAIT_S = 60


def refuse(documents: Documents) -> None:
    """Let nothing new begin while the switch is on.

    Raises:
        Unavailable: it is.
    """
    found = documents.read(switches.PATH)
    if found is not None and switches.stopped(found.data):
        raise Unavailable(
            "Bundle generation is paused for maintenance; nothing is lost, please come back soon",
            code="PAUSED",
            wait_s=WAIT_S,
        )
