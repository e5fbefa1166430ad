"""Cloud Function `dead_letter`: a dead letter in, its run marked failed out."""

import functions_framework
from cloudevents.http import CloudEvent

from pipeline_lib.phases import dead_letter
from pipeline_lib.runtime.service import service

handle = service(dead_letter.serve)


@functions_framework.cloud_event
def main(message: CloudEvent) -> None:
    """Entry point named in Terraform; returns to acknowledge, raises to retry."""
    handle(message)
