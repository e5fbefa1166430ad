"""Cloud Function `optimize`: distinct bundles in, a ranked portfolio out."""

import functions_framework
from cloudevents.http import CloudEvent

from pipeline_lib.phases import optimize
from pipeline_lib.runtime.handler import handler

handle = handler("optimize", optimize.run)


@functions_framework.cloud_event
def main(message: CloudEvent) -> None:
    """Entry point named in Terraform; returns to acknowledge, raises to retry."""
    handle(message)
