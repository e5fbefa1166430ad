"""Cloud Function `ingest`: a shop's exports in, typed lines and a catalogue out."""

import functions_framework
from cloudevents.http import CloudEvent

from pipeline_lib.phases import ingest
from pipeline_lib.runtime import elsewhere
from pipeline_lib.runtime.handler import handler

handle = handler("ingest", ingest.run, world=elsewhere.ports)


@functions_framework.cloud_event
def main(message: CloudEvent) -> None:
    """Entry point named in Terraform; returns to acknowledge, raises to retry."""
    handle(message)
