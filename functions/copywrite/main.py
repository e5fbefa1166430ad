"""Cloud Function `copywrite`: explained bundles in, titles and texts out, wave by wave."""

import functions_framework
from cloudevents.http import CloudEvent

from pipeline_lib.phases import copywrite
from pipeline_lib.runtime.handler import handler

handle = handler("copywrite", copywrite.run)


@functions_framework.cloud_event
def main(message: CloudEvent) -> None:
    """Entry point named in Terraform; returns to acknowledge, raises to retry."""
    handle(message)
