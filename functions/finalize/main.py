"""Cloud Function `finalize`: worded bundles in, what the shop reviews out."""

import functions_framework
from cloudevents.http import CloudEvent

from pipeline_lib.phases import finalize
from pipeline_lib.runtime.handler import handler

handle = handler("finalize", finalize.run)


@functions_framework.cloud_event
def main(message: CloudEvent) -> None:
    """Entry point named in Terraform; returns to acknowledge, raises to retry."""
    handle(message)
