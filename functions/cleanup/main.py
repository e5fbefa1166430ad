"""Cloud Function `cleanup`: a tick of the clock in, stuck runs restarted or marked failed out."""

import functions_framework
from cloudevents.http import CloudEvent

from pipeline_lib.phases import cleanup
from pipeline_lib.runtime.service import service

handle = service(cleanup.serve)


@functions_framework.cloud_event
def main(message: CloudEvent) -> None:
    """Entry point named in Terraform; returns to acknowledge, raises to retry."""
    handle(message)
