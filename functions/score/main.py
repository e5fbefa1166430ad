"""Cloud Function `score`: products in, their fitness for each objective out."""

import functions_framework
from cloudevents.http import CloudEvent

from pipeline_lib.phases import score
from pipeline_lib.runtime.handler import handler

handle = handler("score", score.run)


@functions_framework.cloud_event
def main(message: CloudEvent) -> None:
    """Entry point named in Terraform; returns to acknowledge, raises to retry."""
    handle(message)
