"""Cloud Function `deduplicate`: candidates in, one row for each distinct bundle out."""

import functions_framework
from cloudevents.http import CloudEvent

from pipeline_lib.phases import deduplicate
from pipeline_lib.runtime.handler import handler

handle = handler("deduplicate", deduplicate.run)


@functions_framework.cloud_event
def main(message: CloudEvent) -> None:
    """Entry point named in Terraform; returns to acknowledge, raises to retry."""
    handle(message)
