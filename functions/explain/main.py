"""Cloud Function `explain`: priced bundles in, reasons drawn from their evidence out."""

import functions_framework
from cloudevents.http import CloudEvent

from pipeline_lib.phases import explain
from pipeline_lib.runtime.handler import handler

handle = handler("explain", explain.run)


@functions_framework.cloud_event
def main(message: CloudEvent) -> None:
    """Entry point named in Terraform; returns to acknowledge, raises to retry."""
    handle(message)
