"""What a push brings to a function, and where the function logs; no delivery, no work."""

import base64
import logging
import sys
from functools import cache
from typing import Any

from cloudevents.http import CloudEvent

from pipeline_lib import logs
from pipeline_lib.messages import Message


def message_in(event: CloudEvent) -> Message:
    """The Pub/Sub message that a push carries."""
    pushed: dict[str, Any] = event.get_data() or {}
    message = pushed.get("message", {})
    return Message(base64.b64decode(message.get("data", "")), message.get("attributes") or {})


@cache
def log_to_stdout() -> None:
    """Send every log line to where Cloud Run reads it."""
    logs.send_to(logging.StreamHandler(sys.stdout))
